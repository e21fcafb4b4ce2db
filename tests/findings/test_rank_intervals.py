"""How firm a ranking is: clusters, importance, survival against plain pandas, and awkward data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analysis.dataset.parts import Part
from analysis.findings import associations
from analysis.findings.rank_intervals import report_rank_intervals
from analysis.findings.survival import NO_DAYS, NO_VERSION, cells, correlations, survivors
from analysis.record import Record, write_atomically

NAMES = ["Strong", "Copy", "Weak", "Noise", "Still"]


def flows(n: int = 400, days: int = 2, attempted: bool = False) -> pl.DataFrame:
    """A strong and a weak feature; on Friday the noise is strong instead."""
    generator = np.random.default_rng(3)
    attack = np.arange(n) % 4 == 0
    friday = np.arange(n) % 8 < 4
    strong = generator.normal(0, 1, n) + 4 * attack * ~friday
    noise = generator.normal(0, 1, n) + 3 * attack * friday
    return pl.DataFrame({
        "Strong": strong, "Copy": 2 * strong, "Weak": generator.normal(0, 1, n) + 0.5 * attack, "Noise": noise,
        "Still": np.full(n, 2.0), "Label": np.where(attack, "DDoS", "BENIGN"), "is_attack": attack,
        "attempted": (np.arange(n) % 10 == 1) & attempted, "source_file": ["x.csv"] * n,
        "day": pl.Series([("Friday" if one else "Monday") if days > 1 else None for one in friday], dtype=pl.String),
    })  # fmt: skip


def part(folder: Path, frame: pl.DataFrame) -> Part:
    with write_atomically(folder / "clean.parquet") as path:
        frame.write_parquet(path)
    return Part.whole(folder / "clean.parquet")


def reported(folder: Path, frame: pl.DataFrame, top: list[str], groups: np.ndarray | None = None) -> Record:
    train = part(folder, frame)
    held = np.arange(0, frame.height, 5)
    groups = np.arange(frame.height) if groups is None else groups
    return report_rank_intervals(train, train, held, groups, NAMES, set(), top, 30, 1, "synthetic twin")[0]


def test_a_copy_is_in_the_cluster_of_its_first_and_a_constant_by_itself():
    frame = flows()
    assert associations.clusters_of(NAMES, frame.select(NAMES).to_numpy()) == [
        ["Strong", "Copy"], ["Weak"], ["Noise"], ["Still"]
    ]  # fmt: skip


def test_the_feature_that_tells_has_the_importance(tmp_path):
    record = reported(tmp_path, flows(days=1), ["Strong", "Copy"])
    rows = {row["cluster"]: row for row in record.tables["rank_intervals"].records()}
    assert rows["Strong"]["size"] == 2
    assert rows["Strong"]["chance"] == 1
    assert {rows["Strong"]["importance_rank"], rows["Noise"]["importance_rank"]} == {1, 2}
    assert rows["Still"]["importance"] == 0
    for key in associations.MEASURES:
        assert sorted(row[f"{key}_rank"] for row in rows.values()) == [1, 2, 3, 4]
        assert all(row[f"{key}_low"] <= row[f"{key}_rank"] <= row[f"{key}_high"] for row in rows.values())


def test_correlations_of_cells_are_those_of_their_flows(tmp_path):
    frame = flows(attempted=True)
    found = cells(part(tmp_path, frame), NAMES)
    friday = np.array([day == "Friday" for day in found.day])
    r = correlations(found, friday, found.attack)
    own = frame.filter(pl.col("day") == "Friday")
    for name in NAMES[:-1]:
        assert r[name] == pytest.approx(np.corrcoef(own[name], own["is_attack"])[0, 1])
    assert "Still" not in r


def test_another_day_and_another_version_of_the_labels_keep_others(tmp_path):
    found = list(survivors(cells(part(tmp_path, flows(attempted=True)), NAMES), NAMES, 1))
    by = {(one.kind, one.name): one for one in found}
    assert by["one day alone", "Friday"].kept == ["Noise"]
    assert by["without a day", "Friday"].kept == by["one day alone", "Monday"].kept == ["Strong"]
    versions = [one for one in found if one.kind == "labels"]
    assert len(versions) == 2
    assert versions[0].flows == 400 - 40


def test_what_is_missing_has_a_reason(tmp_path):
    values = reported(tmp_path, flows(days=1), ["Strong"]).values
    assert values["ranks.without.least"].reason == NO_DAYS
    assert values["ranks.labels.least"].reason == NO_VERSION
    assert not values["ranks.alone.any"].value
    assert values["ranks.unit"].value == "flows"


def test_campaigns_are_resampled_where_there_are_some(tmp_path):
    by_flow = reported(tmp_path, flows(), ["Strong", "Noise"])
    by_campaign = reported(tmp_path, flows(), ["Strong", "Noise"], np.arange(400) // 40)
    assert by_campaign.values["ranks.unit"].value == "campaigns"
    assert by_flow.values["ranks.unit"].value == "flows"
    assert by_campaign.values["ranks.without.least"].value < 2, "noise goes with its day"


def test_a_day_of_one_class_has_no_ranking(tmp_path):
    frame = flows().with_columns(is_attack=pl.col("is_attack") & (pl.col("day") == "Friday"))
    found = {(one.kind, one.name): one for one in survivors(cells(part(tmp_path, frame), NAMES), NAMES, 1)}
    assert found["one day alone", "Monday"].kept is None
    assert found["one day alone", "Monday"].reason
    assert found["without a day", "Friday"].reason
