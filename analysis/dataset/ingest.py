"""Step: read every file of the input into one flow table (Parquet), and report what the input is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analysis.command import In, Ins, Out, Outs, Threads, run
from analysis.dataset.blocks import write
from analysis.dataset.input.first_look import refuse_other_flows
from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.inspection import Survey, inspect
from analysis.dataset.input.layout import Layout
from analysis.dataset.input.provenance import report_provenance
from analysis.dataset.input.source import flow_files, unread
from analysis.dataset.input.spool import Spool
from analysis.dataset.release import Release, load
from analysis.errors import UserError
from analysis.record import checked, read_json, write_atomically, write_json


def gathered(spool: Spool, read: Sequence[Path]) -> Survey:
    """What :func:`inspect` learns of a file from the job that read it, the flows of which ``spool`` takes.

    ``read`` are what the jobs say of their files; UserError where none has read this one.
    """
    said = {entry["file"]: (path, entry) for path, entry in ((path, read_json(path)) for path in read)}

    def survey(flow_file: FlowFile, release: Release | None) -> tuple[Layout, dict[str, Any]]:
        if flow_file.name not in said:
            raise UserError(f"data: {flow_file} is not among the files that were read; build again when all is there")
        path, entry = said[flow_file.name]
        spool.take(flow_file, checked(path.with_suffix(".arrow")))
        return Layout.of_entry(entry["layout"]), entry["facts"]

    return survey


def step(
    data: Path,
    apart: int,
    seen: Ins,
    metadata: In,
    source: In,
    flows: Out,
    inspection: Out,
    values: Out,
    tables: Outs,
    threads: Threads,
) -> None:
    """Read every file of the input into one flow table (Parquet), and report what the input is.

    ``seen`` is what the files were at the first look, for files of the user's; they must be the same now. So many files
    as ``apart`` says were read by jobs, which left their flows and what they say of them beside the table; where there
    are none, all are read here.
    """
    about, path = read_json(metadata), checked(data)
    read = [flows.parent / "files" / f"{number}.json" for number in range(apart)]
    with write_atomically(flows) as temporary, TemporaryDirectory(dir=flows.parent, prefix=".flows.") as folder:
        files = flow_files(path)
        spool = Spool(Path(folder), files)
        found = inspect(
            files,
            examine=gathered(spool, read) if read else spool.examine,
            unread=unread(path),
            release=load(about["release"]),
            threads=threads,
        )
        sums = {file["name"]: file["sha256"] for file in found["files"]}
        for look in seen:
            refuse_other_flows(sums, read_json(look)["files"])
        write(spool.table(), temporary)
    write_json(inspection, found)
    report_provenance(found, about, source).write(values, tables)


if __name__ == "__main__":
    run(step)
