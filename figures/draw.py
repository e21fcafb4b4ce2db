"""Step: draw one figure from its tables, as SVG, PNG (200 dpi) and the text that goes with it."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Mapping
from pathlib import Path

from analysis.errors import run
from analysis.record import FigureText, Table, read_json, write_atomically, write_json
from figures import style, words


def draw(name: str, tables: Mapping[str, Table], svg: Path, png: Path, text: Path) -> None:
    """Draw the figure of module ``figures.<name>``; the files hold no date, so equal tables give equal bytes."""
    module = importlib.import_module(f"figures.{name}")
    style.use()
    figure = module.draw(tables)
    with write_atomically(svg) as temporary:
        figure.savefig(temporary, metadata={"Date": None, "Creator": None})
    with write_atomically(png) as temporary:
        figure.savefig(temporary, dpi=200, metadata={"Software": None})
    data = next(iter(tables.values())).data
    write_json(text, FigureText(name, words.describe(module, tables), data).to_json())


def main() -> None:
    """Command line of the step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--tables", type=Path, nargs="+", required=True)
    parser.add_argument("--svg", type=Path, required=True)
    parser.add_argument("--png", type=Path, required=True)
    parser.add_argument("--text", type=Path, required=True)
    arguments = parser.parse_args()
    tables = {path.stem: Table.from_json(read_json(path)) for path in arguments.tables}
    draw(arguments.name, tables, arguments.svg, arguments.png, arguments.text)


if __name__ == "__main__":
    run(main)
