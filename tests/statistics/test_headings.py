"""Every column of the tables of statistics, recomputed from the flows by its title with pandas and SciPy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.stats
from statsmodels.stats.multitest import multipletests

from analysis.dataset.parts import TRAIN
from analysis.record import Table
from tests.statistics.test_steps import FIRST, awkward, put, run_all

DESCRIBED: dict[str, Any] = {
    "Mean": pd.Series.mean,
    "SD": pd.Series.std,
    "Min": pd.Series.min,
    "Q1": lambda x: np.quantile(x, 0.25, method="inverted_cdf"),
    "Median": lambda x: np.quantile(x, 0.5, method="inverted_cdf"),
    "Q3": lambda x: np.quantile(x, 0.75, method="inverted_cdf"),
    "Max": pd.Series.max,
    "G1": lambda x: scipy.stats.skew(x, bias=False),
    "G2": lambda x: scipy.stats.kurtosis(x, bias=False),
    "At minimum": lambda x: (x == x.min()).mean(),
    "n": pd.Series.count,
}
OTHER_TITLES = {"Feature", "Flows", "Lower", "Upper", "Kurtosis"}


@pytest.fixture
def frame(tmp_path: Path) -> pd.DataFrame:
    frame = awkward(400, 1)
    put(tmp_path, frame, FIRST)
    return pd.DataFrame({name: frame[name].to_numpy() for name in frame.columns})


@pytest.fixture
def tables(frame: pd.DataFrame, tmp_path: Path) -> dict[str, Table]:
    return run_all(tmp_path, 4)


def by_title(table: Table) -> list[dict[str, Any]]:
    titles = [column.title for column in table.columns]
    return [dict(zip(titles, (cell.value for cell in row.cells), strict=True)) for row in table.rows]


@pytest.mark.parametrize("name", ["descriptives_selected", "shape_selected", "descriptives_all"])
def test_a_description_stands_under_its_title(name: str, tables: dict[str, Table], frame: pd.DataFrame) -> None:
    compared = set()
    for row in by_title(tables[name]):
        of = frame[row["Feature"]]
        flows = row.get("Flows", "all")
        of = of if flows == "all" else of[frame["is_attack"] == (flows == "attack")]
        assert set(row) <= set(DESCRIBED) | OTHER_TITLES, "a title without a meaning here"
        for title in set(row) & set(DESCRIBED):
            if row[title] is None:
                assert of.nunique() == 1
                continue
            assert row[title] == pytest.approx(DESCRIBED[title](of), rel=1e-6), (row["Feature"], flows, title)
            compared.add(title)
        if row.get("Lower") is not None:
            assert row["Lower"] < row["Upper"]
    assert {"Mean", "SD", "Q1", "Median"} <= compared or {"G1", "G2", "n"} <= compared


@pytest.mark.parametrize("name", ["ks", "ks_all"])
def test_a_distance_stands_under_its_title(name: str, tables: dict[str, Table], frame: pd.DataFrame) -> None:
    attack = frame["is_attack"].to_numpy()
    everything = [row["Feature"] for row in by_title(tables["ks_all"])]
    tests = {}
    for feature in everything:
        x = frame[feature].to_numpy(dtype=float)
        found = scipy.stats.ks_2samp(x[~attack], x[attack])
        z = found.statistic * np.sqrt((~attack).sum() * attack.sum() / attack.size)
        tests[feature] = (x, found, scipy.stats.kstwobign.sf(z))
    adjusted = dict(zip(everything, multipletests([p for *_, p in tests.values()], method="holm")[1], strict=True))
    for row in by_title(tables[name]):
        x, found, p = tests[row["Feature"]]
        u = scipy.stats.mannwhitneyu(x[attack], x[~attack]).statistic
        expected = {"D": found.statistic, "δ": 2 * u / (attack.sum() * (~attack).sum()) - 1,
                    "F(x) benign": (x[~attack] <= row["x"]).mean(), "F(x) attack": (x[attack] <= row["x"]).mean(),
                    "p": p, "log₁₀ p": np.log10(p), "p, Holm": adjusted[row["Feature"]]}  # fmt: skip
        assert set(row) <= {*expected, "Feature", "x"}
        for title in set(row) & set(expected):
            assert row[title] == pytest.approx(expected[title], rel=1e-6, abs=1e-12), (row["Feature"], title)


def test_a_rank_stands_under_its_title(tables: dict[str, Table], tmp_path: Path) -> None:
    train = pl.read_parquet(tmp_path / "clean.parquet").filter(pl.Series(FIRST == TRAIN))
    rows = by_title(tables["ranking"])
    r = {row["Feature"]: np.corrcoef(train[row["Feature"]], train["is_attack"])[0, 1] for row in rows}
    assert [row["Rank"] for row in rows] == list(range(1, len(rows) + 1))
    for row in rows:
        assert row["r"] == pytest.approx(r[row["Feature"]])
        assert row["|r|"] == pytest.approx(abs(r[row["Feature"]]))
    sizes = [row["|r|"] for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    same = {row["Feature"]: row["Same column as"] for row in rows}
    assert (same["Length"], same["Length again"], same["Window"]) == ("Length again", "Length", None)
    for row in tables["top_ten"].records():
        assert row["source_r"] == pytest.approx(r[row["source"]])
        assert row["distinct_r"] == pytest.approx(r[row["distinct"]])
        assert row["position"] == 1 + tables["top_ten"].column("source").index(row["source"])
    titles = [column.title for column in tables["top_ten"].columns]
    assert titles == ["Rank", "Rule ‘source’", "r", "Rule ‘distinct’", "r"]
    for row in by_title(tables["top_ten_correlations"]):
        for title in set(row) - {"Feature"}:
            expected = np.corrcoef(train[row["Feature"]], train[title])[0, 1]
            assert row[title] == pytest.approx(expected, abs=1e-9), (row["Feature"], title)


@pytest.mark.parametrize("name", ["histograms", "ecdf"])
def test_a_share_stands_under_its_title(name: str, tables: dict[str, Table], frame: pd.DataFrame) -> None:
    rows = by_title(tables[name])
    for feature in tables["ks"].column("feature"):
        of = [row for row in rows if row["Feature"] == feature]
        for title, attack in (("Benign", False), ("Attack", True)):
            x = frame.loc[frame["is_attack"] == attack, feature]
            if name == "ecdf":
                assert [row[title] for row in of] == pytest.approx([(x <= row["x"]).mean() for row in of])
            else:
                assert sum(row[title] for row in of) == pytest.approx(1)
                # Bins meet; half a bin's rounding is given to the edges.
                wide = [((x >= row["From"] - 1e-6) & (x <= row["To"] + 1e-6)).mean() for row in of]
                narrow = [((x > row["From"] + 1e-6) & (x < row["To"] - 1e-6)).mean() for row in of]
                assert all(a - 1e-9 <= row[title] <= b + 1e-9 for a, row, b in zip(narrow, of, wide, strict=True))
