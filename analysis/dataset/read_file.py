"""Step: read one of the input's files, as a job of its own; ``ingest`` gathers what they leave."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from analysis.command import In, Out, Wildcard, run
from analysis.dataset.input.first_look import refuse_other_flows
from analysis.dataset.input.source import flow_files
from analysis.dataset.input.spool import Spool
from analysis.dataset.release import load
from analysis.record import checked, read_json, write_atomically, write_json


def step(data: Path, number: Wildcard, seen: In, metadata: In, flows: Out, found: Out) -> None:
    """Read the file of this number, from 0, among those of the input: its flows, and what was found out about it.

    ``seen`` is what the files were at the first look. They must be the same now, the others by name, or nothing is
    left that a later run would believe.
    """
    files, sums = flow_files(checked(data)), read_json(seen)["files"]
    refuse_other_flows({file.name: sums.get(file.name, "not seen") for file in files}, sums)
    file = files[int(number)]
    with write_atomically(flows) as temporary, TemporaryDirectory(dir=flows.parent, prefix=".file.") as folder:
        spool = Spool(Path(folder), [file])
        layout, facts = spool.examine(file, load(read_json(metadata)["release"]))
        refuse_other_flows({file.name: facts["sha256"]}, {file.name: sums[file.name]})
        spool.table().sink_ipc(temporary, compression="lz4")
    write_json(found, {"file": file.name, "layout": layout.entry(), "facts": facts})


if __name__ == "__main__":
    run(step)
