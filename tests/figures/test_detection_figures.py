"""Figures of the detection room: drawn from small tables, with words that say what the numbers say."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

from analysis.detection.names import MODELS
from analysis.record import Column, Record, Table, read_json
from figures import at_minimum, confusion, roc_pr, types_confusion, types_confusion_selected
from tests.figures.conftest import Drawn

NUMBERS = {"random_forest": (90, 2, 3, 17), "gradient_boosting": (91, 1, 5, 15), "adaboost": (85, 7, 8, 12),
           "logistic_regression": (92, 0, 20, 0)}  # fmt: skip


FIFTH = ("hist", "histogram boosting", (93, 3, 2, 18))
"""A model that the settings add: nothing in the figures knows of it."""


def confusion_table(fifth: bool = False) -> Table:
    columns = [Column("model", "Model"), *(Column(key, key.upper(), "integer") for key in ("tn", "fp", "fn", "tp"))]
    rows = [
        {"id": model, "model": MODELS[model]} | dict(zip(("tn", "fp", "fn", "tp"), counts, strict=True))
        for model, counts in NUMBERS.items()
    ]
    if fifth:
        rows.append({"id": FIFTH[0], "model": FIFTH[1]} | dict(zip(("tn", "fp", "fn", "tp"), FIFTH[2], strict=True)))
    return Record("x", "synthetic twin").table("confusion_selected", "t", columns, rows, id="id")


def curve_tables(points: int, fifth: bool = False) -> dict[str, Table]:
    drawn = dict(MODELS) | ({FIFTH[0]: FIFTH[1]} if fifth else {})
    record = Record("x", "synthetic twin")
    none = Table.cell(None, "fixed:3", reason="not defined")
    rows = []
    for i, model in enumerate(drawn):
        for at in range(points):
            x = at / (points - 1)
            recall = x ** (1 / (len(drawn) - i))
            precision = none if at == 0 else Table.cell(recall / (recall + x), "fixed:3")
            rows.append({"id": f"{model}.{at}", "model": model, "fpr": x, "recall": recall, "precision": precision})
    keys = ("fpr", "recall", "precision")
    record.table(
        "curves_selected", "t", [Column("model", "Model"), *(Column(k, k, "fixed:3") for k in keys)], rows, id="id"
    )
    keys = (*keys, "roc_auc", "pr_auc")
    models: list[dict[str, Any]] = [
        {"id": m, "model": name, "fpr": 0.1, "recall": 0.8 - i / 5, "precision": none if i == 3 else 0.9,
         "roc_auc": 0.9 - i / 10, "pr_auc": 0.8 - i / 10}
        for i, (m, name) in enumerate(drawn.items())
    ]  # fmt: skip
    base = {"id": "always_benign", "model": "always benign", "fpr": 0, "recall": 0, "precision": none, "roc_auc": 0.5}
    models.append(base | {"pr_auc": 0.2})
    columns = [Column("model", "Model"), *(Column(k, k, "fixed:3") for k in keys)]
    record.table("binary_models", "t", columns, models, id="id")
    return record.tables


def types_table(name: str, counts: dict[str, list[int]]) -> Table:
    columns = [
        Column("label", "Type"),
        *(Column(f"c{i}", label, "integer", unit="flows") for i, label in enumerate(counts)),
    ]
    rows = [{"label": label} | {f"c{i}": n for i, n in enumerate(row)} for label, row in counts.items()]
    return Record("x", "synthetic twin").table(name, "t", columns, rows)


def at_minimum_table(features: int, none: bool = False) -> Table:
    groups = list(at_minimum.MARKS)
    columns = [Column("feature", "Feature"), *(Column(group, group, "percent:1") for group in groups)]
    rows: list[dict[str, Any]] = []
    for i in range(features):
        row: dict[str, Any] = {group: (i + j) / 20 for j, group in enumerate(groups)}
        if none:
            row["errors_all"] = Table.cell(None, "percent:1", reason="no errors on all features")
        rows.append({"feature": f"Feature {i}"} | row)
    return Record("x", "synthetic twin").table("at_minimum", "t", columns, rows)


def test_a_fifth_model_is_drawn_and_told_without_an_edit() -> None:
    tables = curve_tables(20, fifth=True)
    figure = roc_pr.draw(tables)
    lines = [line for line in figure.axes[0].lines if line.get_label() and not line.get_label().startswith("_")]
    names = [line.get_label() for line in lines]
    assert names == [*MODELS.values(), FIFTH[1], "No skill"]
    looks = {(line.get_color(), str(line.get_linestyle()), str(line._dash_pattern)) for line in lines[:5]}  # type: ignore[attr-defined]
    assert len(looks) == 5, "told apart in grey print"
    markers = {line.get_marker() for line in figure.axes[0].lines if line.get_marker() not in ("", "None", None)}
    assert len(markers) == 5
    assert "5 models" in roc_pr.alt(tables)
    assert "histogram boosting 0.500 and 0.400" in roc_pr.alt(tables)
    table = {"confusion_selected": confusion_table(fifth=True)}
    figure = confusion.draw(table)
    titles = [axis.get_title() for axis in figure.axes if axis.get_title()]
    assert titles[-1] == "Histogram boosting"
    assert len(titles) == 5
    assert "5 two-by-two confusion matrices" in confusion.alt(table)
    assert "The histogram boosting model misses the smallest share" in confusion.alt(table)
    plt.close("all")


FIFTEEN = {f"Type {i}": np.roll([50 - 3 * i, 2, 0, 1] + [0] * 11, i).tolist() for i in range(15)}
CASES = {
    "confusion": [confusion_table()],
    "roc_pr": list(curve_tables(40).values()),
    "types_confusion": [types_table("types_confusion_all_with_benign", FIFTEEN)],
    "types_confusion_selected": [
        types_table("types_confusion_selected_with_benign", {"BENIGN": [9, 1], "DDoS": [0, 0]})
    ],
    "at_minimum": [at_minimum_table(10)],
}


@pytest.mark.parametrize("name", CASES)
def test_draws_the_same_files_twice(name: str, drawn: Drawn) -> None:
    tables = {table.name: table for table in CASES[name]}
    first, second = (drawn(name, tables, turn) for turn in ("first", "second"))
    assert [path.read_bytes() for path in first.values()] == [path.read_bytes() for path in second.values()]
    words = read_json(first["json"])
    assert words["data"] == "synthetic twin"
    assert len(words["alt"]) > 60
    assert "nan" not in words["alt"].lower().split()


def test_confusion_in_words() -> None:
    text = confusion.alt({"confusion_selected": confusion_table()})
    assert "random forest finds 85.0% of the attacks" in text
    assert "The random forest model misses the smallest share of attacks, the logistic regression model" in text


def test_curves_in_words() -> None:
    text = roc_pr.alt(curve_tables(10))
    assert "random forest is highest and logistic regression lowest" in text
    assert "0.200" in text


def test_types_in_words() -> None:
    table = types_table(types_confusion.TABLES[0], {"BENIGN": [98, 2, 0], "Bot": [3, 1, 0], "DDoS": [0, 0, 0]})
    text = types_confusion.alt({table.name: table})
    assert "3 traffic types by the forest's answers, 2 of them with test flows" in text
    assert "the least recognised is Bot" in text
    assert "Bot are taken for BENIGN" in text or "Bot is taken for BENIGN" in text


def test_types_without_error_in_words() -> None:
    table = types_table(types_confusion_selected.TABLES[0], {"BENIGN": [98, 0], "Bot": [0, 3]})
    assert "no flow is given a wrong type" in types_confusion_selected.alt({table.name: table})


def test_at_minimum_in_words() -> None:
    text = at_minimum.alt({"at_minimum": at_minimum_table(3, none=True)})
    assert "At the minimum of Feature 0 lie 0% of the benign flows, 5% of the attacks" in text
    assert "all features" not in text, "a group without flows has no range"


def test_at_minimum_without_a_group_is_drawn() -> None:
    figure = at_minimum.draw({"at_minimum": at_minimum_table(2, none=True)})
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["Feature 0", "Feature 1"]


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0001, "<1"),
        (0.005, "<1"),
        (0.0051, "1"),
        (0.125, "12"),
        (0.994, "99"),
        (0.995, ">99"),
        (0.9999, ">99"),
        (1, "100"),
    ],
)
def test_a_cell_that_is_not_none_or_all_does_not_say_so(share: float, text: str) -> None:
    assert types_confusion._percent(share) == text


def test_a_row_of_few_flows_shows_counts_and_no_percentages():
    table = types_table(types_confusion.TABLES[0], {"BENIGN": [98, 2], "Bot": [3, 1]})
    columns = [Column("label", "Type"), Column("evaluable", "Evaluable")]
    rows = [{"label": "BENIGN", "evaluable": True}, {"label": "Bot", "evaluable": False}]
    inventory = Record("x", "synthetic twin").table("class_inventory", "t", columns, rows)
    figure = types_confusion.draw({table.name: table, inventory.name: inventory})
    assert {text.get_text() for text in figure.axes[0].texts} == {"98", "2", "n=3", "n=1"}
    plt.close(figure)
