"""Draws one figure from its tables, as SVG, PDF, PNG (300 dpi) and the text that goes with it."""

from __future__ import annotations

import importlib
import io
from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt

from analysis.record import FigureText, Table, typographic, write_atomically, write_json
from figures import finish, style, words
from figures.origin import Origin


def draw(name: str, tables: Mapping[str, Table], origin: Origin, svg: Path, pdf: Path, png: Path, text: Path) -> None:
    """Draw the figure of module ``figures.<name>``; the files hold no date, so equal tables give equal bytes."""
    module = importlib.import_module(f"figures.{name}")
    style.use()
    alt = typographic(words.describe(module, tables))
    about = finish.describe(name, alt, origin)
    drawn = io.StringIO()
    figure = module.draw(tables)
    figure.savefig(drawn, format="svg", dpi=finish.DPI, metadata={**about, "Date": None, "Creator": "flowpaper"})
    plt.close(figure)
    with write_atomically(svg) as temporary:
        temporary.write_text(finish.dress(drawn.getvalue(), origin), encoding="utf-8")
    for target, form in ((pdf, finish.pdf), (png, finish.png)):
        with write_atomically(target) as temporary:
            form(svg, about, temporary)
    data = next(iter(tables.values())).data
    write_json(text, FigureText(name, alt, data).to_json())
