"""Figures: every one is drawn from the tables of a build, reads well when classes differ, and says what it shows."""

from __future__ import annotations

import io
import re

import matplotlib.pyplot as plt
import pytest

from analysis.record import Column, Table
from figures import class_inventory, style, top_ten_correlations
from figures.catalogue import catalogue


def inventory(flows: dict[str, int]) -> Table:
    total = sum(flows.values())
    columns = [Column("label", "Type"), Column("flows", "Flows", "integer"), Column("share", "Share", "percent:2"),
               Column("is_attack", "Attack"), Column("evaluable", "Evaluable")]  # fmt: skip
    rows = [{"label": label, "flows": n, "share": n / total, "is_attack": label != "BENIGN", "evaluable": n >= 5}
            for label, n in flows.items()]  # fmt: skip
    return Table.of("class_inventory", "Classes", columns, rows, data="test")


def correlations(r: float) -> dict[str, Table]:
    names = ["a", "b", "c"]
    matrix = [[1, r, 0.2], [r, 1, 0.1], [0.2, 0.1, 1]]
    columns = [Column("feature", "Feature"), *(Column(name, name, "fixed:2") for name in names)]
    rows = [{"feature": name, **dict(zip(names, line, strict=True))} for name, line in zip(names, matrix, strict=True)]
    ranking = [{"feature": name, "identical_to": ""} for name in names]
    return {
        "top_ten_correlations": Table.of("top_ten_correlations", "R", columns, rows, data="test"),
        "ranking": Table.of(
            "ranking", "R", [Column("feature", "F"), Column("identical_to", "S")], ranking, data="test"
        ),
    }


def test_the_catalogue_knows_every_module_that_draws(root):
    found = catalogue(root / "figures")
    assert {"class_inventory", "top_ten_correlations", "distributions", "ecdf", "confusion", "roc_pr", "at_minimum",
            "types_confusion"} <= set(found)  # fmt: skip
    assert all(tables for tables in found.values())


@pytest.mark.parametrize("flows", [{"BENIGN": 900, "DDoS": 99, "Bot": 1}, {"BENIGN": 10, "DDoS": 10}])
def test_the_inventory_shows_every_class(flows):
    style.use()
    figure = class_inventory.draw({"class_inventory": inventory(flows)})
    (panel,) = figure.axes
    assert panel.get_xscale() == "log"
    assert {text.get_text() for text in panel.get_yticklabels()} == set(flows)
    plt.close(figure)


def test_the_text_changes_with_the_table():
    first = class_inventory.alt({"class_inventory": inventory({"BENIGN": 900, "DDoS": 100})})
    second = class_inventory.alt({"class_inventory": inventory({"BENIGN": 900, "Bot": 57})})
    assert first != second
    assert "Bot" in second
    assert "57" in second
    high = top_ten_correlations.alt(correlations(0.97))
    low = top_ten_correlations.alt(correlations(0.31))
    assert "1 of 3 pairs" in high
    assert "0 of 3 pairs" in low


def test_equal_tables_give_equal_bytes(drawn):
    tables = {"class_inventory": inventory({"BENIGN": 900, "DDoS": 100})}
    one, other = (drawn("class_inventory", tables, turn) for turn in ("one", "other"))
    assert [path.read_bytes() for path in one.values()] == [path.read_bytes() for path in other.values()]


@pytest.mark.parametrize("flows", [dict.fromkeys(["BENIGN", "DDoS", "Bot"], 300), {"BENIGN": 900, "Bot": 2}])
def test_the_key_covers_nothing(flows):
    """Neither a number nor a bar, however long the bars at the place where a key could be."""
    style.use()
    figure = class_inventory.draw({"class_inventory": inventory(flows)})
    figure.draw_without_rendering()
    (key,) = figure.legends
    assert not any(axis.get_legend() for axis in figure.axes)
    (panel,) = figure.axes
    covered = [*panel.texts, *panel.patches, *panel.get_xticklabels(), *panel.get_yticklabels()]
    assert not any(key.get_window_extent().overlaps(each.get_window_extent()) for each in covered)
    plt.close(figure)


def test_no_figure_has_a_key_within_a_panel(root):
    """Where it would cover something as soon as the numbers are other ones."""
    for name in catalogue(root / "figures"):
        source = (root / "figures" / f"{name}.py").read_text(encoding="utf-8")
        assert re.findall(r"(\w+)\.legend\(", source) in ([], ["figure"]), name
        assert "outside" in source or ".legend(" not in source, name


def test_a_label_with_dollar_signs_is_no_formula():
    style.use()
    figure, axis = plt.subplots()
    drawn = io.StringIO()
    axis.set_xlabel("a $y$ b")
    figure.savefig(drawn, format="svg")
    plt.close(figure)
    assert "a $y$ b" in drawn.getvalue()
