"""Figures of the second part: what is drawn is what the tables say."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
import pytest
from matplotlib.axes import Axes

from analysis.findings.gap import report_gap
from analysis.record import Record, Table, read_json
from figures import gap, staircase, style
from tests.figures.conftest import Drawn
from tests.findings.test_blocks import FLOWS
from tests.findings.test_gap import SCREENED, fits
from tests.findings.test_misses import made


def misses(copies: int = 1) -> dict[str, Table]:
    return made(pl.concat([FLOWS] * copies)).tables


def columns() -> dict[str, Table]:
    return report_gap(SCREENED, fits(), 0.01, 2, "synthetic twin").tables


@pytest.mark.parametrize(("name", "tables"), [("staircase", misses()), ("gap", columns())])
def test_draws_the_same_files_twice(name: str, tables: Mapping[str, Table], drawn: Drawn) -> None:
    first, second = (drawn(name, tables, turn) for turn in ("first", "second"))
    assert [path.read_bytes() for path in first.values()] == [path.read_bytes() for path in second.values()]
    words = read_json(first["json"])
    assert words["data"] == "synthetic twin"
    assert "nan" not in words["alt"].lower().split()


def test_lines_and_bands_of_the_staircase_are_those_of_the_tables() -> None:
    tables = misses()
    (axis,) = staircase.draw(tables).axes
    own, *curves = sorted(axis.get_lines(), key=lambda line: not str(line.get_label()).startswith("_"))
    assert list(own.get_xdata()) == pytest.approx([1 / 3] * 2)
    lines = {str(line.get_label()): line for line in curves}
    assert set(lines) == {"Bot", "DoS Hulk"}
    left = axis.get_xlim()[0]
    for name, line in lines.items():
        rows = [row for row in tables["staircase"].records() if row["label"] == name]
        x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
        for row in rows:
            assert (np.isclose(x, max(row["fpr"], left)) & np.isclose(y, row["recall"])).any()
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("False-positive rate", "Recall of the type")
    spans = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in axis.patches]
    assert spans == [(max(row["fpr_from"], left), pytest.approx(row["fpr_to"])) for row in tables["blocks"].records()]
    assert [text.get_text() for text in axis.texts] == ["4 flows", "3 flows"]
    plt.close("all")


def test_blocks_of_one_score_are_one_band() -> None:
    tables = misses()
    rows = tables["blocks"].records()
    assert len(staircase._bands(tables["blocks"])) == len({row["fpr_to"] for row in rows})


def test_the_staircase_in_words() -> None:
    text = staircase.alt(misses())
    assert "Recall of 2 types of attack at a false-positive rate of at most 1%: Bot 67%; DoS Hulk 0%." in text
    assert "4 flows, 3 of them attacks, false-positive rate from 0.0% to 33.3%" in text
    assert text.endswith("A line marks the model's own decision, at 33.3%.")
    assert "cannot be drawn" in staircase.alt(misses() | {"staircase": empty("staircase")})


def empty(name: str) -> Table:
    table = (misses() | columns())[name]
    return Record("x", "x").table(name, table.title, table.columns, [], id=table.keys)


def test_points_of_the_gap_are_those_of_the_table() -> None:
    tables = columns()
    alone, added = gap.draw(tables).axes
    labels = [text.get_text() for text in alone.get_yticklabels()]
    assert labels == tables["gap_columns"].column("feature")
    assert marks(alone) == pytest.approx(tables["gap_columns"].column("f1"))
    assert [text.get_text() for text in added.get_yticklabels()] == [
        "Ranked features", "+ Destination Port", "+ b", "All columns", "Ranked features", "+ b", "All but shortcuts",
    ]  # fmt: skip
    assert marks(added) == pytest.approx(tables["gap"].column("f1"))
    bars = [line.get_xdata() for line in added.get_lines() if line.get_linestyle() != "None"]
    ends = [(row["low"], row["high"]) for row in tables["gap"].records()]
    assert [tuple(bar) for bar in bars] == ends
    assert (alone.get_xlabel(), added.get_xlabel()) == ("F1, validation part", "F1, test part")
    # A shortcut has its own colour, and so have the rows of the path that may use it.
    colours = [line.get_color() for line in alone.get_lines() if line.get_marker() in ("o", "s")]
    assert colours == [style.VERMILION, style.BLUE, style.BLUE, style.BLUE]
    plt.close("all")


def marks(axis: Axes) -> list[float]:
    places = [np.asarray(line.get_xdata()) for line in axis.get_lines() if line.get_marker() in ("o", "s")]
    return [float(place[0]) for place in places if place.size]


def test_the_gap_in_words() -> None:
    text = gap.alt(columns())
    assert "Destination Port helps most on the validation part: F1 0.800 in place of 0.300" in text
    assert "with shortcuts: Ranked features 0.750; + Destination Port 0.942; + b 0.947; All columns 0.947." in text
    assert "without shortcuts: Ranked features 0.750; + b 0.883; All but shortcuts 0.889." in text
    assert gap.alt({"gap": empty("gap"), "gap_columns": empty("gap_columns")}) == "No column could be tried."


def test_nothing_to_draw_is_no_crash() -> None:
    gap.draw({"gap": empty("gap"), "gap_columns": empty("gap_columns")})
    staircase.draw({name: empty(name) for name in ("staircase", "blocks", "misses")})
    plt.close("all")
