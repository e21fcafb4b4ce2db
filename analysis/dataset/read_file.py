"""Step: read one of the input's files, as a job of its own; ``ingest`` gathers what they leave."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from analysis.command import In, Ins, Out, Wildcard, run
from analysis.dataset.input.source import flow_files
from analysis.dataset.input.spool import Spool
from analysis.dataset.release import load
from analysis.record import checked, read_json, write_atomically, write_json


def step(data: Path, number: Wildcard, seen: In, metadata: In, releases: Ins, flows: Out, found: Out) -> None:
    """Read the file of this number, from 0, among those of the input: its flows, and what was found out about it.

    ``seen``, what the files were at the first look, and ``releases`` are inputs of the job, which ``ingest`` compares.
    """
    file = flow_files(checked(data))[int(number)]
    with write_atomically(flows) as temporary, TemporaryDirectory(dir=flows.parent, prefix=".file.") as folder:
        spool = Spool(Path(folder), [file])
        layout, facts = spool.examine(file, load(read_json(metadata)["release"]))
        spool.table().sink_ipc(temporary, compression="lz4")
    write_json(found, {"file": file.name, "layout": layout.entry(), "facts": facts})


if __name__ == "__main__":
    run(step)
