"""What each figure draws, read from its axes, is what its tables say: points, bars, cells, axes, labels, colours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from analysis.detection.names import MODELS
from analysis.record import Column, Record, Table
from analysis.statistics.scale import symmetric_log
from figures import (
    at_minimum,
    class_inventory,
    confusion,
    distributions,
    ecdf,
    roc_pr,
    style,
    top_ten_correlations,
    types_confusion,
    types_confusion_selected,
    verdicts,
)
from tests.figures.test_detection_figures import FIFTEEN, at_minimum_table, confusion_table, curve_tables, types_table
from tests.figures.test_figures import correlations
from tests.figures.test_statistics_figures import tables_of
from tests.figures.test_verdicts_figure import table as verdict_table


@contextmanager
def drawing(module: ModuleType, tables: Mapping[str, Table]) -> Iterator[Figure]:
    """The figure of a module before it is saved."""
    style.use()
    figure = module.draw(tables)
    try:
        yield figure
    finally:
        plt.close(figure)


def lines(axis: Axes) -> dict[str, tuple[np.ndarray, np.ndarray, Any]]:
    """The labelled lines of an axis: x, y and colour by label."""
    return {str(line.get_label()): (np.asarray(line.get_xdata()), np.asarray(line.get_ydata()), line.get_color())
            for line in axis.lines if not str(line.get_label()).startswith("_")}  # fmt: skip


def words(texts: Any) -> list[str]:
    return [text.get_text() for text in texts]


def cells(axis: Axes) -> np.ndarray:
    """The values of a heatmap, (rows, columns); NaN where masked."""
    mesh = axis.collections[0].get_array()
    return np.ma.filled(mesh.astype(float), np.nan)


def test_curves_have_the_false_positive_rate_across_and_recall_up() -> None:
    tables = curve_tables(12)
    with drawing(roc_pr, tables) as figure:
        roc, pr = figure.axes
        assert (roc.get_xlabel(), roc.get_ylabel()) == ("False-positive rate", "Recall")
        assert (pr.get_xlabel(), pr.get_ylabel()) == ("Recall", "Precision")
        assert (roc.get_xscale(), roc.get_yscale(), pr.get_xscale()) == ("log", "linear", "linear")
        left = roc.get_xlim()[0]
        for model, name in MODELS.items():
            rows = [row for row in tables["curves_selected"].records() if row["model"] == model]
            x, y, colour = lines(roc)[name]
            assert colour == style.line(model, list(MODELS).index(model))["color"]
            assert x[::10] == pytest.approx([max(row["fpr"], left) for row in rows])
            assert y[::10] == pytest.approx([row["recall"] for row in rows])
            x, y, _ = lines(pr)[name]
            assert x == pytest.approx([row["recall"] for row in rows])
            assert y[1:] == pytest.approx([row["precision"] for row in rows[1:]])
        dots = [(line.get_xdata()[0], line.get_ydata()[0]) for line in roc.lines if len(line.get_xdata()) == 1]
        models = tables["binary_models"].records()[:-1]
        assert dots == [(row["fpr"], pytest.approx(row["recall"])) for row in models]
        dots = [(line.get_xdata()[0], line.get_ydata()[0]) for line in pr.lines if len(line.get_xdata()) == 1]
        assert dots == [(pytest.approx(row["recall"]), row["precision"]) for row in models if row["precision"]]
        x, y, _ = lines(roc)["No skill"]
        assert (x == y).all()
        assert set(lines(pr)["No skill"][1]) == {0.2}, "the share of attacks"


def test_each_class_has_its_own_distribution_function() -> None:
    tables = tables_of({"Size": ([1, 1, 1, 9], [1, 9, 9, 9]), "Rate": ([0, 2, 2, 5], [7, 7, 8, 8])})
    with drawing(ecdf, tables) as figure:
        assert words(figure.legends[0].get_texts()) == ["benign", "attack", "D"]
        tests = {row["feature"]: row for row in tables["ks"].records()}
        for panel in figure.axes:
            feature = panel.get_title(loc="left")
            rows = [row for row in tables["ecdf"].records() if row["feature"] == feature]
            for name, colour in (("benign", style.BENIGN), ("attack", style.ATTACK)):
                x, y, drawn = lines(panel)[name]
                assert drawn == colour
                assert x[1:] == pytest.approx(symmetric_log(np.array([row["x"] for row in rows])))
                assert y.tolist() == [0, *(row[name] for row in rows)]
            test = tests[feature]
            assert panel.lines[-1].get_ydata() == pytest.approx([test["benign"], test["attack"]])
            assert panel.get_title(loc="right") == f"D = {test['d']:.3f}"


def test_each_class_has_its_own_histogram() -> None:
    tables = tables_of({"Size": ([0, 0, 0, 900], [0, 900, 900, 900])})
    with drawing(distributions, tables) as figure:
        (panel,) = figure.axes
        assert panel.get_yscale() == "log"
        rows = tables["histograms"].records()
        edges = symmetric_log(np.array([row["left"] for row in rows] + [rows[-1]["right"]]))
        assert words(figure.legends[0].get_texts()) == ["benign", "attack"]
        filled, outlined = panel.collections[0], panel.lines[0]
        assert to_hex(filled.get_facecolor()[0]) == style.BENIGN
        points = filled.get_paths()[0].vertices
        assert points[:, 0].min() == pytest.approx(edges[0])
        first, last = (points[np.isclose(points[:, 0], edges[i]), 1].max() for i in (0, -1))
        assert (first, last) == (pytest.approx(rows[0]["benign"]), pytest.approx(rows[-1]["benign"]))
        assert to_hex(outlined.get_color()) == style.ATTACK
        heights = np.asarray(outlined.get_ydata())
        assert heights.max() == pytest.approx(rows[-1]["attack"])
        assert rows[0]["attack"] == pytest.approx(0.25)


def test_bars_are_as_long_as_classes_are_large() -> None:
    columns = [Column(key, key) for key in ("label", "is_attack", "flows", "share", "evaluable")]
    numbers = [("DDoS", True, 100, 0.1, True), ("BENIGN", False, 890, 0.89, True), ("Bot", True, 10, 0.01, False)]
    rows = [dict(zip((c.key for c in columns), row, strict=True)) for row in numbers]
    table = Record("x", "synthetic twin").table("class_inventory", "t", columns, rows)
    with drawing(class_inventory, {table.name: table}) as figure:
        (panel,) = figure.axes
        assert panel.get_xscale() == "log"
        assert panel.get_xlabel() == "flows (log scale)"
        assert words(panel.get_yticklabels()) == ["BENIGN", "DDoS", "Bot"]
        ends = [bar.get_x() + bar.get_width() for bar in panel.patches]
        assert ends == pytest.approx([890, 100, 10])
        colours = [bar.get_edgecolor() if bar.get_hatch() else bar.get_facecolor() for bar in panel.patches]
        assert list(map(to_hex, colours)) == [style.BENIGN, style.ATTACK, style.ATTACK]
        assert [bool(bar.get_hatch()) for bar in panel.patches] == [False, False, True]
        assert words(panel.texts) == ["890  (89.00%)", "100  (10.00%)", "10  (1.00%)"]
        keys = dict(zip(words(figure.legends[0].get_texts()), figure.legends[0].get_patches(), strict=True))
        assert to_hex(keys["benign"].get_facecolor()) == style.BENIGN
        assert to_hex(keys["attack"].get_facecolor()) == style.ATTACK


def test_confusion_has_truth_in_rows_and_decisions_in_columns() -> None:
    table = confusion_table()
    with drawing(confusion, {table.name: table}) as figure:
        assert (figure.axes[0].get_ylabel(), figure.get_supxlabel()) == ("Label", "Decision")
        assert words(figure.axes[0].get_yticklabels()) == ["benign", "attack"]
        for axis, row in zip(figure.axes, table.records(), strict=True):
            assert axis.get_title().lower() == row["model"].lower()
            assert words(axis.get_xticklabels()) == ["benign", "attack"]
            counts = [int(text.split("\n")[0]) for text in words(axis.texts)]
            assert counts == [row["tn"], row["fp"], row["fn"], row["tp"]]
            by_row = [row["tn"] + row["fp"]] * 2 + [row["fn"] + row["tp"]] * 2
            assert cells(axis).ravel() == pytest.approx(np.array(counts) / by_row)
            assert axis.yaxis_inverted(), "benign above"


@pytest.mark.parametrize(("module", "counts"), [
    (types_confusion, FIFTEEN), (types_confusion_selected, {"BENIGN": [97, 3], "DDoS": [1, 4]}),
])  # fmt: skip
def test_types_have_truth_in_rows_and_answers_in_columns(module: ModuleType, counts: dict[str, list[int]]) -> None:
    table = types_table(module.TABLES[0], counts)
    with drawing(module, {table.name: table}) as figure:
        axis = figure.axes[0]
        assert (axis.get_xlabel(), axis.get_ylabel()) == ("Answer of the forest", "Label (test flows)")
        assert words(axis.get_xticklabels()) == list(counts)
        assert words(axis.get_yticklabels()) == [f"{label} ({sum(row)})" for label, row in counts.items()]
        matrix = np.array(list(counts.values()), dtype=float)
        shares = matrix / matrix.sum(axis=1, keepdims=True)
        found = cells(axis)
        assert found[matrix > 0] == pytest.approx(shares[matrix > 0])
        assert np.isnan(found[matrix == 0]).all()
        assert axis.yaxis_inverted()


def test_marks_stand_at_the_share_of_their_group() -> None:
    table = at_minimum_table(4)
    with drawing(at_minimum, {table.name: table}) as figure:
        (axis,) = figure.axes
        assert words(axis.get_yticklabels()) == table.column("feature")
        assert axis.yaxis_inverted(), "the first feature on top"
        assert axis.get_xlabel() == "Share of the group at the training part's minimum"
        marks = {str(points.get_label()): points for points in axis.collections if points.get_offsets().shape[0] == 4}
        for group, mark in at_minimum.MARKS.items():
            points = marks[mark["label"]]
            x, y = np.asarray(points.get_offsets()).T
            assert x == pytest.approx(table.column(group))
            assert y == pytest.approx(np.arange(4) + at_minimum.OFFSETS.get(group, 0))
            assert to_hex(points.get_facecolor()[0]) == mark["color"]


def test_correlations_stand_below_the_diagonal_in_the_order_of_the_ranking() -> None:
    tables = correlations(0.5)
    table = tables["top_ten_correlations"]
    names = table.column("feature")
    matrix = np.array([[cell.value for cell in row.cells[1:]] for row in table.rows], dtype=float)
    with drawing(top_ten_correlations, tables) as figure:
        axis, bar = figure.axes
        assert (words(axis.get_xticklabels()), words(axis.get_yticklabels())) == (names[:-1], names[1:])
        lower = np.tri(len(names) - 1, dtype=bool)
        assert cells(axis)[lower] == pytest.approx(matrix[1:, :-1][lower])
        assert np.isnan(cells(axis)[~lower]).all()
        assert axis.collections[0].get_clim() == (-1, 1)
        assert bar.get_ylabel() == "Pearson correlation r"


def test_ours_stands_on_its_interval_beside_the_print() -> None:
    table = verdict_table()
    with drawing(verdicts, {table.name: table}) as figure:
        assert figure.axes[-1].get_xlabel() == "Ours less the printed number"
        rows = [row for row in table.records() if row["value"] is not None]
        spans, marks = [], []
        for axis in figure.axes:
            for drawn in axis.collections:
                segments = drawn.get_segments() if hasattr(drawn, "get_segments") else []
                spans += [tuple(segment[:, 0]) for segment in segments]
                marks += [] if segments else drawn.get_offsets()[:, 0].tolist()
        assert spans == [pytest.approx((row["low"] - row["printed"], row["high"] - row["printed"])) for row in rows]
        assert marks == pytest.approx([row["value"] - row["printed"] for row in rows])
        told = [text for axis in figure.axes for text in words(axis.texts) if re.search(r"\d \[", text)]
        assert told == [f"{row['value']:.3f} [{row['low']:.3f}, {row['high']:.3f}]" for row in rows]
