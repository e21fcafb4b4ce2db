"""Figures of the statistics room: drawn from the step's own tables, for few and many features and awkward values."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
import pytest

from analysis.record import Record, Table, write_atomically
from analysis.statistics import distributions, kolmogorov_smirnov
from analysis.statistics.scale import inverse_symmetric_log, symmetric_log
from analysis.statistics.value_counts import ValueCounts
from figures import distributions as histograms
from figures import ecdf, style, top_ten_correlations
from tests.figures.test_figures import correlations


def tables_of(columns: dict[str, tuple[list[float], list[float]]]) -> dict[str, Table]:
    """Tables for features given as benign and attack values."""
    record = Record("x", "synthetic twin")
    by_feature = {
        name: ValueCounts.of([*benign, *attack], [False] * len(benign) + [True] * len(attack))
        for name, (benign, attack) in columns.items()
    }
    distributions.tabulate(record, by_feature)
    benign, attack = next(iter(columns.values()))
    tests = {name: kolmogorov_smirnov.two_sample(value_counts) for name, value_counts in by_feature.items()}
    kolmogorov_smirnov.record_tests(record, tests, list(columns), len(benign), len(attack))
    return record.tables


CASES = {
    "one feature": {"Size": ([0, 0, 0, 1, 2], [0, 5, 5e7])},
    "odd number": {f"Feature {i}": ([0, i, 2 * i], [0, i + 1]) for i in range(1, 8)},
    "constant in a class": {"Window": ([-1, 0, 60_000], [-1, -1]), "Flag": ([0, 0, 1], [0, 0])},
    "constant everywhere": {"Still": ([3, 3], [3])},
}


@pytest.mark.parametrize("module", [histograms, ecdf])
@pytest.mark.parametrize("case", CASES)
def test_there_is_one_filled_panel_for_each_feature(module, case):
    style.use()
    tables = tables_of(CASES[case])
    figure = module.draw(tables)
    assert [panel.get_title(loc="left") for panel in figure.axes] == list(CASES[case])
    assert all(panel.has_data() for panel in figure.axes)
    assert figure.get_size_inches()[0] == style.WIDTH
    assert figure.get_size_inches()[1] <= 8.5
    text = module.alt(tables)
    assert not {"nan", "None"} & set(text.replace(",", " ").split())
    plt.close(figure)


def test_the_bar_stands_where_the_distance_is_reached():
    style.use()
    tables = tables_of({"Size": ([1, 1, 1, 9], [1, 9, 9, 9])})
    figure = ecdf.draw(tables)
    bar = figure.axes[0].lines[-1]
    assert bar.get_xdata() == pytest.approx([np.log10(2)] * 2)
    assert sorted(bar.get_ydata()) == [0.25, 0.75]
    assert figure.axes[0].get_title(loc="right") == "D = 0.500"
    plt.close(figure)


def test_the_distance_in_words():
    text = ecdf.alt(tables_of({"Size": ([1, 1, 1, 9], [1, 9, 9, 9]), "Rate": ([1, 2, 3, 4], [1, 2, 3, 4])}))
    assert "D = 0.500 for Size: 75.0% of benign and 25.0% of attack flows lie at or below 1.00" in text
    assert "The smallest is D = 0.000 for Rate" in text


def test_the_histogram_in_words():
    text = histograms.alt(tables_of({"Size": ([0, 0, 0, 900], [0, 0, 900, 900]), "Rate": ([1, 1], [500, 500])}))
    assert "For 1 of 2 features the fullest of these bins is the same" in text
    assert "Size, whose lowest bin holds 75% of benign and 50% of attack flows" in text


def test_a_column_that_is_there_twice_is_marked_and_named():
    tables = correlations(1.0)
    ranking = tables["ranking"]
    copies = {"a": "b", "b": "a", "c": ""}
    tables["ranking"] = Table.of(
        "ranking", "R", ranking.columns, [{"feature": f, "identical_to": copy} for f, copy in copies.items()], data="t"
    )
    style.use()
    figure = top_ten_correlations.draw(tables)
    assert [text.get_text() for text in figure.axes[0].texts].count("same") == 1
    assert "The same column twice: a and b." in top_ten_correlations.alt(tables)
    assert "No two of them are the same column" in top_ten_correlations.alt(correlations(0.5))
    plt.close(figure)


def test_the_scale_is_undone_by_its_inverse():
    values = np.array([-1e6, -1, -0.5, 0, 1e-3, 1, 7, 1e8])
    assert inverse_symmetric_log(symmetric_log(values)) == pytest.approx(values, rel=1e-9)
    assert (np.diff(symmetric_log(values)) > 0).all()


def test_there_is_one_panel_for_a_cluster_and_a_line_for_each_frequent_type(tmp_path):
    label = ["BENIGN"] * 4 + ["DDoS"] * 5 + ["Bot"] * 3 + ["PortScan"] * 2 + ["SQL"]
    attack = [name != "BENIGN" for name in label]
    columns = {name: [float(i % 7 + k) for i in range(15)] for k, name in enumerate(("Size", "Again", "Rate"))}
    with write_atomically(tmp_path / "clean.parquet") as path:
        pl.DataFrame({**columns, "Label": label, "is_attack": attack}).write_parquet(path)
    by_feature = {name: ValueCounts.of(values, attack) for name, values in columns.items()}
    types = distributions.by_type(tmp_path / "clean.parquet", by_feature)
    assert list(types) == ["DDoS", "Bot", "PortScan"]
    record = Record("x", "synthetic twin")
    distributions.tabulate(record, by_feature, 15, [["Size", "Again"], ["Rate"]], types)
    kolmogorov_smirnov.record_tests(
        record, {n: kolmogorov_smirnov.two_sample(t) for n, t in by_feature.items()}, list(columns), 4, 11
    )
    for row in (row for row in record.tables["ecdf"].records() if row["feature"] == "Size"):
        for i, name in enumerate(types, 1):
            own = [x for x, of in zip(columns["Size"], label, strict=True) if of == name]
            assert row[f"type_{i}"] == pytest.approx(sum(x <= row["x"] for x in own) / len(own))
    style.use()
    for module in (histograms, ecdf):
        figure = module.draw(record.tables)
        assert [panel.get_title(loc="left") for panel in figure.axes] == ["Size +1", "Rate"]
        words = [text.get_text() for text in figure.legends[0].get_texts()]
        assert [word for word in words if word in types] == ["DDoS", "Bot", "PortScan"]
        assert "DDoS, Bot, PortScan" in module.alt(record.tables)
        plt.close(figure)


def test_attacks_of_one_type_are_not_shown_twice(tmp_path):
    with write_atomically(tmp_path / "clean.parquet") as path:
        pl.DataFrame({"Size": [1.0, 2.0], "Label": ["BENIGN", "ATTACK"], "is_attack": [False, True]}).write_parquet(
            path
        )
    assert distributions.by_type(tmp_path / "clean.parquet", {"Size": ValueCounts.of([1, 2], [False, True])}) == {}
