"""Effects by type: against a plain way of computing them, and on data that lack something."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from analysis.dataset.parts import Part
from analysis.findings.effects import ALL, NO_DAYS, report_effects
from analysis.record import Record, write_atomically

CLUSTERS = [["Size", "Size again"], ["Rate"], ["Still"]]
F1 = {"Size": 0.5, "Size again": 0.5, "Rate": 0.6, "Still": 0.3}


def flows(days: int = 2, types: int = 2, n: int = 300) -> pl.DataFrame:
    """Attacks of one type have larger and those of the other smaller sizes than benign flows."""
    generator = np.random.default_rng(1)
    kind = np.arange(n) % 6
    label = np.where(kind == 0, "DDoS", np.where((kind == 1) & (types > 1), "PortScan", "BENIGN"))
    size = generator.normal(100, 5, n) + 40 * (kind == 0) - 40 * (label == "PortScan")
    day = [["Monday", "Friday"][i % 2] if days > 1 else None for i in range(n)]
    return pl.DataFrame({
        "Size": size, "Size again": size, "Rate": generator.normal(0, 1, n), "Still": np.full(n, 3.0),
        "Label": label, "is_attack": label != "BENIGN", "day": pl.Series(day, dtype=pl.String),
    })  # fmt: skip


def reported(folder: Path, frame: pl.DataFrame, least: int = 10, clusters: Any = CLUSTERS) -> Record:
    with write_atomically(folder / "clean.parquet") as path:
        frame.write_parquet(path)
    return report_effects(Part.whole(folder / "clean.parquet"), clusters, F1, least, 1, "synthetic twin")


def test_each_cell_is_scipys(tmp_path):
    frame = flows()
    record = reported(tmp_path, frame)
    benign = frame.filter(~pl.col("is_attack"))
    for row in record.tables["effects"].records():
        own = frame.filter(pl.col("is_attack") & (pl.lit(row["label"] == ALL) | (pl.col("Label") == row["label"])))
        x, y = own[row["feature"]].to_numpy(), benign[row["feature"]].to_numpy()
        assert row["flows"] == len(x)
        assert row["d"] == pytest.approx(stats.ks_2samp(x, y).statistic)
        assert row["delta"] == pytest.approx(2 * stats.mannwhitneyu(x, y).statistic / (len(x) * len(y)) - 1)
        assert -1 <= row["low"] <= row["delta"] <= row["high"] <= 1
        assert (row["low"] < row["high"]) == (row["feature"] != "Still")
        assert row["within"] == (abs(row["delta"]) <= row["floor"])


def test_types_on_either_side_are_seen_behind_their_sum(tmp_path):
    values = reported(tmp_path, flows()).values
    assert values["effects.opposed.feature"].value == "Size"
    assert values["effects.opposed.above.label"].value == "DDoS"
    assert values["effects.opposed.below.label"].value == "PortScan"
    assert values["effects.opposed.above.delta"].value > 0.95
    assert values["effects.opposed.below.delta"].value < -0.95
    assert abs(values["effects.opposed.all.delta"].value) < 0.2
    assert values["effects.leaders"].value == 1, "the same cluster for both"


def test_noise_is_that_of_benign_flows(tmp_path):
    frame = flows()
    benign = frame.filter(~pl.col("is_attack"))
    record = reported(tmp_path, frame)
    rows = {row["feature"]: row for row in record.tables["effects_noise"].records()}
    one, other = (benign.filter(pl.col("day") == day)["Size"].to_numpy() for day in ("Monday", "Friday"))
    assert rows["Size"]["days_d"] == pytest.approx(stats.ks_2samp(one, other).statistic)
    assert rows["Still"]["halves_d"] == rows["Still"]["days_delta"] == 0
    assert 0 < rows["Rate"]["halves_d"] < 0.4


ATTACK, PORTSCAN = pl.col("is_attack"), pl.col("Label") == "PortScan"
LACKING = {
    "no day": flows(days=1),
    "one type": flows(types=1),
    "a type has no rate": flows().with_columns(Rate=pl.when(PORTSCAN).then(None).otherwise("Rate")),
    "attacks on another day": flows().with_columns(
        day=pl.when(ATTACK).then(pl.lit("Friday")).otherwise(pl.lit("Monday"))
    ),
}


@pytest.mark.parametrize("frame", LACKING.values(), ids=LACKING)
def test_what_is_missing_has_a_reason(tmp_path, frame):
    record = reported(tmp_path, frame)
    for value in record.values.values():
        assert value.value is not None or value.reason
    if frame["day"].drop_nulls().n_unique() < 2 or frame.filter(~pl.col("is_attack"))["day"].n_unique() < 2:
        assert record.values["effects.days.d"].reason == NO_DAYS


def test_a_type_of_one_flow_has_no_interval_and_says_why(tmp_path):
    lone = flows(n=301).with_row_index("i").with_columns(
        Label=pl.when(pl.col("i") == 300).then(pl.lit("Bot")).otherwise("Label"),
        is_attack=pl.col("is_attack") | (pl.col("i") == 300),
    ).drop("i")  # fmt: skip
    table = reported(tmp_path, lone).tables["effects"]
    (bot,) = [row for row in table.rows if row.id == "Rate.Bot"]
    cells = dict(zip([column.key for column in table.columns], bot.cells, strict=True))
    assert cells["delta"].value is not None
    assert {cells[key].reason for key in ("low", "high")} == {"fewer than two flows of the type have a value"}


def test_types_with_few_flows_do_not_speak(tmp_path):
    values = reported(tmp_path, flows(), least=1_000).values
    assert (values["effects.types"].value, values["effects.leaders"].value) == (0, 0)
    assert values["effects.within"].reason == "no type has enough flows"
    assert not values["effects.opposed.any"].value
    assert not values["effects.several"].value
    assert not values["effects.any_type"].value


def test_one_cluster_has_no_order(tmp_path):
    values = reported(tmp_path, flows(), clusters=[["Size"]]).values
    assert values["effects.rho.d_delta"].reason == "too few features that differ"
