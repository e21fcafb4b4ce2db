"""Figures of the second part: what is drawn is what the tables hold."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import pytest

from analysis.conditions.findings import FOREST
from analysis.conditions.models import SOURCE
from analysis.detection.names import MODELS
from analysis.record import Column, Record, Table, read_json
from figures import conditions, week
from tests.figures.conftest import Drawn

MEASURED = [("f1", "fixed:3"), ("f1_low", "fixed:3"), ("f1_high", "fixed:3"), ("pr_auc", "fixed:3"),
            ("pr_auc_low", "fixed:3"), ("pr_auc_high", "fixed:3")]  # fmt: skip


def measures(f1: float, precision: float) -> dict[str, Any]:
    return {"f1": f1, "f1_low": f1 - 0.05, "f1_high": f1 + 0.05, "pr_auc": precision, "pr_auc_low": precision - 0.1,
            "pr_auc_high": precision + 0.02}  # fmt: skip


def conditions_table(days: bool = True) -> Table:
    asked = [("random", "random split", tuple(SOURCE)), ("type_out", "unseen type: Bot", FOREST),
             ("by_file", "other file: a.csv", FOREST), ("port", "port alone", FOREST)]  # fmt: skip
    asked += [("day_forward", "later day: Friday", tuple(SOURCE))] if days else []
    rows: list[dict[str, Any]] = []
    for i, (row, words, models) in enumerate(asked):
        for j, model in enumerate(models):
            row_of = {"id": f"{row}.{model}", "row": row, "condition": words, "key": model, "model": MODELS[model]}
            rows.append(
                row_of | {"available": "yes", "prevalence": 0.2} | measures(0.9 - i / 10 - j / 20, 0.95 - i / 10)
            )
    keys, why = [*(key for key, _ in MEASURED), "prevalence"], "the flows have no times"
    empty = {key: Table.cell(None, "fixed:3", reason=why) for key in keys}
    rows.append({"id": "campaigns", "row": "campaigns", "condition": "campaigns apart", "key": "random_forest",
                 "model": "random forest", "available": why} | empty)  # fmt: skip
    columns = [Column(key, key) for key in ("id", "row", "condition", "key", "model", "available")]
    columns += [Column("prevalence", "p", "percent:1"), *(Column(key, key, display) for key, display in MEASURED)]
    return Record("x", "test flows").table("conditions", "t", columns, rows, id="id")


def week_table() -> Table:
    columns = [Column(key, key) for key in ("id", "day", "type", "family")]
    columns += [Column(key, key, "fixed:2") for key in ("first", "last")] + [Column("flows", "n", "integer")]
    columns += [Column(key, key, display) for key, display in MEASURED]
    none = {key: Table.cell(None, "fixed:3", reason="no attack on an earlier day") for key, _ in MEASURED}
    gap = {key: Table.cell(None, "fixed:2", reason="no attack on this day") for key in ("first", "last", "flows")}
    rows = [
        {"id": "monday", "day": "Monday", "type": "none", "family": "none"} | gap | none,
        {"id": "tuesday.bot", "day": "Tuesday", "type": "Bot", "family": "Bot", "first": 9.0, "last": 10.5, "flows": 7}
        | none,
        {"id": "friday.ddos", "day": "Friday", "type": "DDoS", "family": "x", "first": 15.0, "last": 15.25, "flows": 90}
        | measures(0.4, 0.8),
    ]
    return Record("x", "test flows").table("week", "t", columns, rows, id="id")


def points(axis: Any) -> set[tuple[str, float]]:
    return {(str(line.get_marker()), round(float(line.get_xdata()[0]), 3)) for line in axis.lines
            if line.get_marker() not in ("None", "", None) and len(line.get_xdata())}  # fmt: skip


def test_each_model_of_each_condition_is_a_mark_at_its_measure() -> None:
    table = conditions_table()
    figure = conditions.draw({"conditions": table})
    drawn = [row for row in table.records() if row["row"] in ("random", "port", "day_forward")]
    for axis, measure in zip(figure.axes, ("f1", "pr_auc"), strict=True):
        assert points(axis) == {(SOURCE[row["key"]].look.marker, round(row[measure], 3)) for row in drawn}
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == [
        "random split", "later day: Friday", "port alone",
    ]  # fmt: skip
    plt.close(figure)


def test_files_are_drawn_where_no_day_is_told() -> None:
    figure = conditions.draw({"conditions": conditions_table(days=False)})
    assert "other file: a.csv" in [text.get_text() for text in figure.axes[0].get_yticklabels()]
    plt.close(figure)


def test_the_words_name_the_lowest_condition() -> None:
    text = conditions.alt({"conditions": conditions_table()})
    assert "4 models under 3 conditions" in text
    assert "lowest for later day: Friday, with an F1 of 0.500 and an average precision of 0.550" in text
    assert "an F1 of 0.900 and an average precision of 0.950 on the random split" in text


def test_the_week_shows_bars_and_measures() -> None:
    figure = week.draw({"week": week_table()})
    left, right = figure.axes
    assert [(bar.get_x(), bar.get_width()) for bar in left.patches] == [(9.0, 1.5), (15.0, 0.25)]
    assert [text.get_text() for text in left.texts] == ["Bot (7)", "DDoS (90)"]
    assert points(right) == {("o", 0.4), ("D", 0.8)}
    assert [text.get_text() for text in left.get_yticklabels()] == ["Monday", "Tuesday", "Friday"]
    plt.close(figure)
    text = week.alt({"week": week_table()})
    assert "Monday: no attack; Tuesday: Bot; Friday: DDoS (F1 0.400, average precision 0.800)." in text


@pytest.mark.parametrize("table", [conditions_table(), week_table()])
def test_draws_the_same_files_twice(table: Table, drawn: Drawn) -> None:
    first, second = (drawn(table.name, {table.name: table}, turn) for turn in ("first", "second"))
    assert [path.read_bytes() for path in first.values()] == [path.read_bytes() for path in second.values()]
    assert len(read_json(first["json"])["alt"]) > 60


def test_conditions_of_one_factor_stand_together_and_a_line_parts_the_factors() -> None:
    """Files are a split as days are, and stand before the features, which the table has first."""
    figure = conditions.draw({"conditions": conditions_table(days=False)})
    axis = figure.axes[0]
    assert [text.get_text() for text in axis.get_yticklabels()] == ["random split", "other file: a.csv", "port alone"]
    middles = list(axis.get_yticks())
    assert middles[1] - middles[0] == pytest.approx(middles[2] - middles[1]), "a row of four models is no higher"
    across = {line.get_ydata()[0]: line.get_linewidth() for line in axis.lines
              if len(set(line.get_ydata())) == 1 and list(line.get_xdata()) == [0, 1]}  # fmt: skip
    assert list(across) == pytest.approx([(middles[0] + middles[1]) / 2, (middles[1] + middles[2]) / 2])
    within, between = across.values()
    assert between > within
    plt.close(figure)
