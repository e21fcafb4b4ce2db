"""The forest plot of the printed numbers: one line each, verdicts by shape and colour, none where there are none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_hex
from matplotlib.image import imread

from analysis.record import Column, Record, Table, read_json
from figures import style, verdicts
from figures.draw import draw

from .conftest import SYNTHETIC

VERDICTS = tuple(verdicts.MARKS)
HERE = ("0.866 [0.833, 0.894]", "0.900 [0.890, 0.910]", "2 of 2", "0.993 [0.974, 0.998]")


def table(with_verdict: bool = True, measured: bool = True) -> Table:
    """Two numbers of a model, one of a type that is counted, one that is measured."""
    none = Table.cell(None, "fixed:3", reason="no interval")
    keys = ["printed", "band_low", "band_high", "value", "low", "high"]
    columns = [Column("group", "Model"), Column("measure", "Measure"), *(Column(k, k, "fixed:3") for k in keys)]
    columns += [Column("here", "Here")]
    columns += [Column("verdict", "Verdict")] if with_verdict else []
    numbers = [
        ("Random forest", "Recall", 0.87, 0.845, 0.895, 0.866, 0.833, 0.894),
        ("Random forest", "Precision", 0.99, 0.965, 1.0, 0.9, 0.89, 0.91),
        ("Attack types", "Heartbleed", 1.0, 0.975, 1.0, none, none, none),
        ("Attack types", "PortScan", 1.0, 0.975, 1.0, 0.993, 0.974, 0.998),
    ]
    rows: list[dict[str, Any]] = []
    for i, line in enumerate(numbers):
        row: dict[str, Any] = dict(zip(("group", "measure", *keys), line, strict=True))
        row["here"] = HERE[i]
        if not measured:
            row |= dict.fromkeys(("value", "low", "high", "here"), none)
        rows.append({"id": str(i), **row, "verdict": VERDICTS[i]})
    return Record("x", "synthetic twin").table("ledger_numbers", "t", columns, rows, id="id")


def drawn(found: Table) -> Any:
    style.use()
    return verdicts.draw({"ledger_numbers": found})


def test_a_line_for_each_number_and_a_band_where_the_print_may_lie() -> None:
    figure = drawn(table())
    first, second = figure.axes
    assert [text.get_text() for text in first.get_yticklabels()] == ["Random forest", "Recall", "Precision"]
    assert [text.get_text() for text in second.get_yticklabels()] == ["Attack types", "Heartbleed", "PortScan"]
    bands = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in first.patches]
    assert bands == [(pytest.approx(-0.025), pytest.approx(0.025)), (pytest.approx(-0.025), pytest.approx(0.01))]
    told = {text.get_text() for axis in figure.axes for text in axis.texts}
    assert {"0.87", "0.866 [0.833, 0.894]", "2 of 2"} <= told
    assert figure.get_size_inches()[1] < 9, "not more than a page"
    plt.close(figure)


def test_verdicts_have_a_shape_each_and_stand_in_the_key() -> None:
    figure = drawn(table())
    keys = {text.get_text() for text in figure.legends[0].get_texts()}
    assert keys == {"what the printed number may stand for", VERDICTS[0], VERDICTS[1], VERDICTS[3]}
    assert len({marker for marker, _ in verdicts.MARKS.values()}) == len(verdicts.MARKS)
    points = figure.axes[0].collections[-1]
    assert {to_hex(colour) for colour in points.get_facecolors()} == {style.BLUE, style.ORANGE}
    plt.close(figure)


def test_without_verdicts_the_numbers_are_the_same() -> None:
    figure = drawn(table(with_verdict=False))
    keys = {text.get_text() for text in figure.legends[0].get_texts()}
    assert keys == {"what the printed number may stand for", "ours"}
    assert any(text.get_text() == "0.866 [0.833, 0.894]" for text in figure.axes[0].texts)
    plt.close(figure)


def test_in_words() -> None:
    text = verdicts.alt({"ledger_numbers": table()})
    assert "4 printed numbers, 3 of them with a number of ours" in text
    assert "2 of ours lie within" in text
    assert "Furthest off is Random forest, Precision: 0.900 for 0.99 printed." in text
    assert "1 reproduced, 1 inconclusive, 1 not comparable" in text
    assert "By verdict" not in verdicts.alt({"ledger_numbers": table(with_verdict=False)})
    assert "None can be measured here." in verdicts.alt({"ledger_numbers": table(measured=False)})


def test_without_types_there_is_no_panel_of_them() -> None:
    whole = table()
    figure = drawn(replace(whole, rows=whole.rows[:2]))
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["Random forest", "Recall", "Precision"]
    assert len(figure.axes) == 1
    plt.close(figure)


def test_nothing_measured_is_drawn_all_the_same() -> None:
    figure = drawn(table(measured=False))
    assert len(figure.axes) == 2
    assert "\N{EN DASH}" in {text.get_text() for text in figure.axes[0].texts}
    plt.close(figure)


def test_draws_the_same_files_twice_and_nothing_is_cut_off(tmp_path: Path) -> None:
    files = []
    for turn in ("first", "second"):
        paths = [tmp_path / f"{turn}.{suffix}" for suffix in ("svg", "pdf", "png", "json")]
        draw("verdicts", {"ledger_numbers": table()}, SYNTHETIC, *paths)
        files.append([path.read_bytes() for path in paths])
    assert files[0] == files[1]
    assert read_json(tmp_path / "first.json")["data"] == "synthetic twin"
    edge = imread(tmp_path / "first.png")[:, -2:, :3]
    assert edge.min() == 1.0, "numbers at the right edge"
