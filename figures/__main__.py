"""Step: draw all figures in one step, those of which anything has changed anew and the others from the store."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from analysis.command import Ins, Outs, Threads, run
from analysis.record import Table, checksums, read_json
from analysis.sources import sources
from figures.due import Due, in_turn
from figures.origin import Origin
from figures.store import Store

SUFFIXES = (".svg", ".pdf", ".png", ".json")
"""The forms of a figure, and the text that goes with it."""


def step(tables: Ins, origin: Ins, *, figures: dict[str, Any], store: Path, files: Outs, threads: Threads = 1) -> None:
    """Draw all figures as SVG, PDF and PNG, each with its text, where their tables or their code have changed.

    ``figures`` has the names of their tables by name; ``origin`` are the values of the steps that read the flows.
    """
    paths = {path.stem: path for path in tables}
    flows = Origin.of({name: value for path in origin for name, value in read_json(path).items()})
    kept, due = Store(store), []
    for name, own in figures.items():
        targets = [next(path for path in files if path.name == name + suffix) for suffix in SUFFIXES]
        read = {table: Table.from_json(read_json(paths[table])) for table in own}
        code = {path: checksums.checksum(Path(path)) for path in sources("figures.draw", f"figures.{name}")}
        made_of = checksums.key(name, [checksums.checksum(paths[table]) for table in own], asdict(flows), code)
        if not kept.get(name, made_of, targets):
            due.append(Due(name, read, flows, made_of, targets))
    for drawn in in_turn(due, threads):
        kept.put(drawn.name, drawn.made_of, drawn.targets)
    kept.forget_others(figures)
    names = ", ".join(drawn.name for drawn in due)
    print(f"{len(due)} drawn, {len(figures) - len(due)} kept; drawn: {names or 'none'}")


if __name__ == "__main__":
    run(step)
