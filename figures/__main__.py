"""Step: draw all figures in one process, those of which anything has changed anew and the others from the store."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from analysis.command import Ins, Outs, run
from analysis.record import Table, checksums, read_json
from analysis.sources import sources
from figures.origin import Origin
from figures.store import Store

SUFFIXES = (".svg", ".pdf", ".png", ".json")
"""The forms of a figure, and the text that goes with it."""


def step(tables: Ins, origin: Ins, *, figures: dict[str, Any], store: Path, files: Outs) -> None:
    """Draw all figures as SVG, PDF and PNG, each with its text, where their tables or their code have changed.

    ``figures`` has the names of their tables by name; ``origin`` are the values of the steps that read the flows.
    """
    paths = {path.stem: path for path in tables}
    flows = Origin.of({name: value for path in origin for name, value in read_json(path).items()})
    kept, drawn = Store(store), []
    for name, own in figures.items():
        targets = [next(path for path in files if path.name == name + suffix) for suffix in SUFFIXES]
        read = {table: Table.from_json(read_json(paths[table])) for table in own}
        code = {path: checksums.checksum(Path(path)) for path in sources("figures.draw", f"figures.{name}")}
        made_of = checksums.key(name, [checksums.checksum(paths[table]) for table in own], asdict(flows), code)
        if kept.get(name, made_of, targets):
            continue
        from figures.draw import draw  # Matplotlib takes long to load, and where nothing has changed it is not needed.

        draw(name, read, flows, *targets)
        kept.put(name, made_of, targets)
        drawn.append(name)
    kept.forget_others(figures)
    print(f"{len(drawn)} drawn, {len(figures) - len(drawn)} kept; drawn: {', '.join(drawn) or 'none'}")


if __name__ == "__main__":
    run(step)
