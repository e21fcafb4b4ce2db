"""The four steps as the workflow runs them: what they write, on awkward data too, and on real rows what is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.stats

from analysis.command import call
from analysis.conditions.split import fills
from analysis.dataset.parts import TEST, TRAIN, Part
from analysis.dataset.release import load
from analysis.errors import UserError
from analysis.record import Record, Table
from analysis.record.address import Address, Tables
from analysis.statistics import describe, distributions, kolmogorov_smirnov, moments, rank, select
from analysis.statistics.value_counts import ValueCounts

STEPS = {
    "rank": (rank, ["ranking", "top_ten", "top_ten_correlations"]),
    "describe": (describe, ["descriptives_selected", "shape_selected", "descriptives_all"]),
    "distributions": (distributions, ["histograms", "ecdf"]),
    "kolmogorov_smirnov": (kolmogorov_smirnov, ["ks", "ks_all"]),
}


FIRST = np.repeat(np.array([TRAIN, TEST], dtype=np.uint8), [300, 100])
"""Of 400 flows the first 300 are the training part."""


def awkward(n: int, seed: int) -> pl.DataFrame:
    """Both classes, one column constant within the attacks, one rare flag, negative values, a copy, a square."""
    random = np.random.default_rng(seed)
    attack = np.arange(n) % 4 == 0
    x = np.round(random.exponential(100, n) + 50 * attack, 3)
    return pl.DataFrame({
        "Length": x, "Length again": x, "Length squared": x**2,
        "Window": np.where(attack, -1, random.integers(-1, 60_000, n)),
        "Flag": (np.arange(n) == 3).astype(np.int64),
        "Label": np.where(attack, "DDoS", "BENIGN"), "is_attack": attack, "day": ["Friday"] * n,
        "source_file": ["x.csv"] * n, "source_row": np.arange(n),
    })  # fmt: skip


def put(folder: Path, flows: pl.DataFrame, roles: np.ndarray) -> Part:
    """Flows and their split, as the steps before these write them; the training part."""
    flows.write_parquet(folder / "clean.parquet")
    pl.DataFrame({"0": roles}).write_parquet(folder / "roles.parquet")
    filled = fills(Part.whole(folder / "clean.parquet"), roles)
    split = {"folds": [{"name": "random", "reason": None, "filled": filled}]}
    (folder / "split.json").write_text(json.dumps(split))
    return Part(folder / "clean.parquet", roles == TRAIN, {one["feature"]: one["value"] for one in filled})


def ranked(train: Part, count: int, record: Record) -> dict[str, Any]:
    """What is learnt on a training part, and the tables and values of it."""
    return rank.rank(select.select(train, count, "source"), train, record)


def run_step(folder: Path, name: str, count: int) -> dict[str, Table]:
    module, names = STEPS[name]
    tables = [folder / "tables" / f"{table}.json" for table in names]
    line = ["--metadata", folder / "metadata.json", "--values", folder / f"{name}.json", "--features",
            folder / "features.json", "--tables", *tables, "--flows", folder / "clean.parquet"]  # fmt: skip
    if name == "rank":
        split = ["--roles", folder / "roles.parquet", "--split", folder / "split.json"]
        learnt = ["--flows", folder / "clean.parquet", "--features", folder / "selection.json", *split]
        _run(select, ["--number", count, "--rule", "source", *learnt])
        line += [*split, "--selection", folder / "selection.json"]
    line += ["--resamples", 200, "--confidence", 0.95, "--seed", 1] if name == "describe" else []
    _run(module, line)
    return {path.stem: Table.from_json(json.loads(path.read_text())) for path in tables}


def _run(module: Any, line: list[Any]) -> None:
    call(module.step, [*map(str, line)])


def run_all(folder: Path, count: int) -> dict[str, Table]:
    (folder / "metadata.json").write_text('{"data": "synthetic twin"}')
    found: dict[str, Table] = {}
    for name in STEPS:
        found |= run_step(folder, name, count)
    return found


def cell(folder: Path, address: str) -> dict:
    return Address.parse(address).entry(Tables(folder / "tables"))


def values_of(folder: Path) -> dict[str, dict]:
    return {key: value for name in STEPS for key, value in json.loads((folder / f"{name}.json").read_text()).items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path, awkward(400, 1), FIRST)
    return tmp_path


def test_the_steps_agree_about_awkward_data(folder):
    tables = run_all(folder, 4)
    values = values_of(folder)
    top = values["rank.top10"]["value"]
    assert tables["ks"].column("feature") == top
    assert set(top) >= {"Length", "Length again", "Length squared", "Window"}
    # The rare flag is 0 in all attacks and in all benign flows but one.
    (flag,) = [row for row in tables["ks_all"].records() if row["feature"] == "Flag"]
    assert flag["d"] == pytest.approx(1 / 300)
    assert flag["p_holm"] == 1
    assert cell(folder, "descriptives_selected[feature=Window,flows=attack].sd")["value"] == 0
    assert cell(folder, "shape_selected[feature=Window,flows=attack].g2")["value"] is None
    assert cell(folder, "shape_selected[feature=Window,flows=attack].word")["value"] == "one value dominates"
    assert values["rank.selected.identical_pairs_words"]["value"] == "Length = Length again"
    assert values["rank.selected.functions"]["value"] == 2, "the copy and the square"
    train = pl.read_parquet(folder / "clean.parquet")[:300]
    assert np.corrcoef(train["Length"], train["Length squared"])[0, 1] < rank.CLUSTER
    assert values["rank.selected.clusters_words"]["value"].count("Length, Length again") == 1
    assert values["rank.selected.clusters"]["value"] == 3, "the square is no straight line"


def test_statistics_describe_all_flows_and_the_ranking_only_the_training_part(folder):
    run_all(folder, 4)
    values = values_of(folder)
    both = pl.read_parquet(folder / "clean.parquet")
    assert cell(folder, "descriptives_selected[feature=Length,flows=all].mean")["value"] == pytest.approx(
        both["Length"].mean()
    )
    assert values["ks.n_attack"]["value"] == both["is_attack"].sum()
    train = pl.read_parquet(folder / "clean.parquet")[:300]
    expected = np.corrcoef(train["Length"], train["is_attack"])[0, 1]
    found = cell(folder, "ranking[feature=Length].r")
    assert (found["value"], found["n"]) == (pytest.approx(expected), 300)
    assert found["definition"] == "Pearson correlation with the label; Feature Length"


def test_where_a_value_says_it_stands_it_stands(folder):
    tables = run_all(folder, 4)
    seen = 0
    for key, value in values_of(folder).items():
        if "row" in value["origin"]:
            table = tables[value["origin"]["table"]]
            row, column = value["origin"]["row"], value["origin"]["column"]
            at = [c.key for c in table.columns].index(column)
            cells = {entry.id: entry.cells for entry in table.rows}
            assert len(cells) == len(table.rows), f"row ids of {table.name} are not unique"
            assert cells[row][at].value == value["value"], key
            seen += 1
    assert seen > 10


def test_the_order_of_rows_and_the_folder_change_nothing(folder, tmp_path_factory):
    run_all(folder, 4)
    other = tmp_path_factory.mktemp("other")
    order = np.random.default_rng(9).permutation(400)
    put(other, pl.read_parquet(folder / "clean.parquet")[order], FIRST[order])
    run_all(other, 4)
    for name in ("describe", "distributions", "kolmogorov_smirnov"):
        assert (folder / f"{name}.json").read_bytes() == (other / f"{name}.json").read_bytes()
    for table in (folder / "tables").glob("ks*.json"):
        assert table.read_bytes() == (other / "tables" / table.name).read_bytes()


def test_more_features_than_there_are_is_one_clear_message(folder):
    with pytest.raises(UserError, match=r"features\.count: 9 features are asked for"):
        ranked(Part.whole(folder / "clean.parquet"), 9, Record("rank", "test"))


@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_flows_have_no_kurtosis_and_no_interval(n):
    values, counts = np.arange(n, dtype=float), np.ones(n, dtype=np.int64)
    found = moments.moments(values, counts)
    assert found.g2 is None
    assert (found.sd is None) == (n == 1)
    assert moments.kurtosis_interval(values, counts, 100, 0.95, np.random.default_rng(1)) is None


def test_an_outlier_that_resamples_may_miss_leaves_the_word_open():
    rng = np.random.default_rng(1)
    interval = moments.kurtosis_interval(np.array([0.0, 9.0]), np.array([500, 1]), 500, 0.95, rng)
    assert moments.kurtosis_word(interval, 0.5) == "undetermined"


def test_zero_is_one_value_whatever_its_sign():
    for zeros in ([-0.0, 0.0, 1.0], [0.0, -0.0, 1.0], [-0.0, -0.0, 1.0]):
        values = ValueCounts.of(zeros, [True, False, False]).values
        assert values.tolist() == [0, 1]
        assert not np.signbit(values).any(), "or the order of rows would show in the output"


def test_copies_that_differ_in_the_last_printed_digit_are_identical(tmp_path):
    frame = awkward(200, 3)
    again = frame["Length"].to_numpy().copy()
    again[7] *= 1 + 5e-14
    frame.with_columns(pl.Series("Length again", again)).write_parquet(tmp_path / "train.parquet")
    found = ranked(Part.whole(tmp_path / "train.parquet"), 2, Record("rank", "test"))
    assert found["identical"] == [["Length", "Length again"]]
    again[7] += 1
    frame.with_columns(pl.Series("Length again", again)).write_parquet(tmp_path / "train.parquet")
    assert ranked(Part.whole(tmp_path / "train.parquet"), 2, Record("rank", "test"))["identical"] == []


@pytest.fixture(scope="module")
def real_rows(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real sample, all of it as training part."""
    release = load("original")
    frame = pl.read_csv(shared_data / "cicids2017-sample-12k.csv", encoding="utf8-lossy", infer_schema_length=None)
    frame = frame.rename({name: name.strip() for name in frame.columns})
    numeric = [name for name in frame.columns if name != "Label"]
    frame = frame.filter(pl.all_horizontal(pl.col(name).is_finite() for name in numeric))
    attack = [release.canonical_label(label) != release.benign for label in frame["Label"]]
    kept = [name for name in numeric if frame[name].n_unique() > 1]
    path = tmp_path_factory.mktemp("real") / "train.parquet"
    frame.select(*kept, pl.Series("is_attack", attack)).write_parquet(path)
    return path


def test_the_ten_of_the_real_sample_are_the_known_ones(real_rows):
    record = Record("rank", "original release")
    found = ranked(Part.whole(real_rows), 10, record)
    published = {"Bwd Packet Length Std": 0.515, "Bwd Packet Length Max": 0.495, "Avg Bwd Segment Size": 0.485,
                 "Bwd Packet Length Mean": 0.485, "Packet Length Std": 0.469, "Max Packet Length": 0.455,
                 "Packet Length Variance": 0.450, "Fwd IAT Std": 0.417, "Packet Length Mean": 0.414,
                 "Average Packet Size": 0.414}  # fmt: skip
    assert set(found["selected"]) == set(published)
    for name, r in published.items():
        (row,) = Address("ranking", (("feature", name),), "r").rows(record.tables["ranking"])
        assert record.tables["ranking"].value("ranking.r", row, "r").value == pytest.approx(r, abs=0.004)
    assert record.values["rank.distinct.admitted"].value == ["Idle Max"]
    assert ["Bwd Packet Length Mean", "Avg Bwd Segment Size"] in found["identical"]


def test_the_shape_of_the_real_sample_is_the_known_one(real_rows):
    """Attacks alone have negative excess kurtosis on nine of the ten; pooled, all are positive; two have a large SD."""
    top = ranked(Part.whole(real_rows), 10, Record("rank", "original release"))["selected"]
    found = describe.describe_top([real_rows], top, 200, 0.95, 1)
    assert sum(found[f]["attack"].moments.g2 < 0 for f in top) == 9
    assert all(found[f]["all"].moments.g2 > 0 for f in top)
    assert sum(found[f]["all"].moments.sd >= describe.MILLION for f in top) == 2


@pytest.fixture
def with_missing_cells(tmp_path: Path) -> pl.DataFrame:
    """``awkward`` flows with missing cells, as cleaning writes them; the training part filled as the split does."""
    frame = awkward(400, 1)
    rows = pl.int_range(pl.len())
    frame = frame.with_columns(
        pl.when(rows % 3 == 0).then(None).otherwise(pl.col("Length")).alias("Length"),
        pl.when(pl.col("Window") == -1)
        .then(pl.when(rows % 8 == 0).then(7))
        .otherwise(pl.col("Window"))
        .alias("Window"),
    )
    train = put(tmp_path, frame, FIRST)
    (tmp_path / "metadata.json").write_text('{"data": "synthetic twin"}')
    assert train.column("Length").null_count() == 0
    return frame


def test_statistics_leave_missing_cells_out_and_say_how_many_flows_they_have(with_missing_cells, tmp_path):
    tables: dict[str, Table] = {}
    for name in STEPS:
        tables |= run_step(tmp_path, name, 4)
    values = {key: value["value"] for key, value in values_of(tmp_path).items()}
    frame = pd.DataFrame({name: with_missing_cells[name].to_numpy() for name in with_missing_cells.columns})
    for feature in ("Length", "Window"):
        key, attack = feature.lower(), frame["is_attack"]
        for population, rows in (("all", attack | ~attack), ("benign", ~attack), ("attack", attack)):
            of, where = frame.loc[rows, feature], f"[feature={feature},flows={population}]"
            mean = cell(tmp_path, f"descriptives_selected{where}.mean")
            assert mean["value"] == pytest.approx(of.mean())
            assert cell(tmp_path, f"descriptives_selected{where}.sd")["value"] == pytest.approx(of.std())
            median = np.nanquantile(of, 0.5, method="inverted_cdf")
            assert cell(tmp_path, f"descriptives_selected{where}.median")["value"] == median
            assert mean["n"] == of.count()
            if of.nunique() > 1:
                omitted = {"bias": False, "nan_policy": "omit"}
                assert cell(tmp_path, f"shape_selected{where}.g1")["value"] == pytest.approx(
                    scipy.stats.skew(of, **omitted)
                )
                assert cell(tmp_path, f"shape_selected{where}.g2")["value"] == pytest.approx(
                    scipy.stats.kurtosis(of, **omitted)
                )
        parts = frame.loc[~attack, feature], frame.loc[attack, feature]
        expected = scipy.stats.ks_2samp(*parts, nan_policy="omit", method="asymp")
        (row,) = [row for row in tables["ks_all"].records() if row["feature"] == feature]
        assert row["d"] == pytest.approx(expected.statistic)
        assert (row["n_benign"], row["n_attack"]) == tuple(part.count() for part in parts)
        assert row["log10_p"] == pytest.approx(
            kolmogorov_smirnov.log10_p(row["d"], *(int(part.count()) for part in parts))
        )
        shares = [row for row in tables["histograms"].records() if row["feature"] == feature]
        assert sum(row["benign"] for row in shares) == pytest.approx(1)
        assert values_of(tmp_path)[f"distributions.{key}.attack.mode_share"]["n"] == parts[1].count()
    assert frame["Length"].count() < 400
    everything = {row["feature"]: row["n"] for row in tables["descriptives_all"].records()}
    assert everything["Length"] == frame["Length"].count()
    assert everything["Flag"] == values["ks.n_benign"] + values["ks.n_attack"] == 400
    assert "Missing cells are left out" in tables["descriptives_all"].notes[0]


def test_without_missing_cells_no_table_counts_flows_feature_by_feature(folder):
    tables = run_all(folder, 4)
    for name in ("ks", "ks_all", "descriptives_all", "descriptives_selected"):
        assert not {"n", "n_benign"} & {column.key for column in tables[name].columns}
        assert not any("issing" in note for note in tables[name].notes)
