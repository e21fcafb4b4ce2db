"""Figures of what the numbers are worth: what is drawn and said is what the tables hold."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import matplotlib.pyplot as plt
import pytest

from analysis.detection.names import MODELS, titled
from analysis.record import Column, Record, Table, read_json
from figures import learning_curves, precision_prevalence, reliability, style
from tests.figures.conftest import Drawn


def learning_table(shift: float = 0.0, none: bool = False, sizes: Sequence[int] = (125, 250, 500)) -> Table:
    rows = [{"id": f"{model}.{flows}", "key": model, "model": titled(name), "flows": flows,
             "f1": 0.9 - i / 10 - 100 / flows / 10 + shift, "least": 0.3, "greatest": 0.95}
            for i, (model, name) in enumerate(MODELS.items()) for flows in sizes]  # fmt: skip
    columns = [Column("key", "K"), Column("model", "M"), Column("flows", "N", "integer"),
               *(Column(key, key, "fixed:3") for key in ("f1", "least", "greatest"))]  # fmt: skip
    return Record("x", "synthetic twin").table("learning_curves", "t", columns, [] if none else rows, id="id")


def precision_table(shift: float = 0.0) -> Table:
    rows = [{"id": f"{study}.{model}.{share:g}", "study": study, "model": model, "name": titled(name),
             "prevalence": share, "precision": share / (share + 0.01 + i / 100) + shift, "low": 0.01, "high": 0.99}
            for study in ("ours", "source") for i, (model, name) in enumerate(MODELS.items())
            for share in (0.5, 0.01, 0.001, 0.00001)]  # fmt: skip
    columns = [Column("study", "S"), Column("model", "K"), Column("name", "M"),
               *(Column(key, key, "fixed:3") for key in ("prevalence", "precision", "low", "high"))]  # fmt: skip
    return Record("x", "synthetic twin").table("precision_prevalence", "t", columns, rows, id="id")


def reliability_tables(shift: float = 0.0) -> dict[str, Table]:
    record = Record("x", "synthetic twin")
    rows = [{"id": f"{model}.{i}", "key": model, "model": titled(name), "score": 0.1 + i / 10, "low": 0.0, "high": 1.0,
             "observed": 0.1 + i / 10 + (0.3 + shift if i == 4 else 0), "n": 5}
            for model, name in MODELS.items() for i in range(5)]  # fmt: skip
    columns = [Column("key", "K"), Column("model", "M"), Column("n", "N", "integer"),
               *(Column(key, key, "fixed:3") for key in ("score", "observed", "low", "high"))]  # fmt: skip
    record.table("reliability", "t", columns, rows, id="id")
    scores = [{"id": model, "model": titled(name), "brier": 0.02 + i / 100 + shift} for i, (model, name) in
              enumerate(MODELS.items())]  # fmt: skip
    record.table("brier", "t", [Column("model", "M"), Column("brier", "B", "fixed:4")], scores, id="id")
    return record.tables


CASES = {
    "learning_curves": {"learning_curves": learning_table()},
    "precision_prevalence": {"precision_prevalence": precision_table()},
    "reliability": reliability_tables(),
}


@pytest.mark.parametrize("name", CASES)
def test_draws_the_same_files_twice(name: str, drawn: Drawn) -> None:
    first, second = (drawn(name, CASES[name], turn) for turn in ("first", "second"))
    assert [path.read_bytes() for path in first.values()] == [path.read_bytes() for path in second.values()]
    alt = read_json(first["json"])["alt"]
    assert all(model in alt for model in MODELS.values())


def test_words_change_with_the_tables() -> None:
    assert learning_curves.alt({"learning_curves": learning_table()}) != learning_curves.alt(
        {"learning_curves": learning_table(0.01)})  # fmt: skip
    assert precision_prevalence.alt({"precision_prevalence": precision_table()}) != precision_prevalence.alt(
        {"precision_prevalence": precision_table(0.01)})  # fmt: skip
    assert reliability.alt(reliability_tables()) != reliability.alt(reliability_tables(0.01))


def test_each_model_s_curve_is_its_rows() -> None:
    style.use()
    figure = learning_curves.draw({"learning_curves": learning_table()})
    (axis,) = figure.axes
    lines = {line.get_label(): line for line in axis.get_lines()}
    assert list(lines) == [titled(name) for name in MODELS.values()]
    assert lines["Random forest"].get_xdata().tolist() == [125, 250, 500]
    assert [text.get_text() for text in axis.get_xticklabels()] == ["125", "250", "500"]
    plt.close(figure)


@pytest.mark.parametrize("last", [2500, 2501, 2653, 3000, 3500, 5000])
@pytest.mark.parametrize("scale", [1, 100])
def test_numbers_below_the_curves_do_not_touch(last: int, scale: int) -> None:
    style.use()
    sizes = [scale * size for size in sorted({625, 1250, 2500, last})]
    figure = learning_curves.draw({"learning_curves": learning_table(sizes=sizes)})
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.axes[0].get_xticklabels()]
    assert figure.axes[0].get_xticklabels()[-1].get_text() == f"{sizes[-1]:,}"
    assert all(left.x1 + left.height / 3 < right.x0 for left, right in pairwise(boxes))
    plt.close(figure)


def test_without_curves_the_figure_says_so() -> None:
    style.use()
    plt.close(learning_curves.draw({"learning_curves": learning_table(none=True)}))
    assert "none could be drawn" in learning_curves.alt({"learning_curves": learning_table(none=True)})


def test_precision_is_drawn_for_both_studies_and_falls_to_the_right() -> None:
    style.use()
    figure = precision_prevalence.draw({"precision_prevalence": precision_table()})
    assert [len(axis.get_lines()) for axis in figure.axes] == [4, 4]
    assert all(axis.get_xlim()[0] > axis.get_xlim()[1] for axis in figure.axes)
    assert "0.1% are attacks" in precision_prevalence.alt({"precision_prevalence": precision_table()})
    plt.close(figure)


def test_reliability_has_a_panel_for_each_model_and_names_the_widest_gap() -> None:
    style.use()
    figure = reliability.draw(reliability_tables())
    assert [axis.get_title() for axis in figure.axes] == [titled(name) for name in MODELS.values()]
    said = reliability.alt(reliability_tables())
    assert "random forest has a Brier score of 0.0200" in said
    assert "is furthest off at a score of 0.50, where 80% are attacks" in said
    plt.close(figure)
