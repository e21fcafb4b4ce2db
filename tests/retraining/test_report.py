"""What the step tells: the same numbers in tables and values, and a reason where flows cannot be put in order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.conditions.time_splits import NO_DAYS
from analysis.record import Table, read_json, write_atomically, write_json
from analysis.retraining import report_parts
from analysis.retraining.measures import area_under_time
from analysis.retraining.policies import POLICIES
from analysis.retraining.report_parts import UNTYPED
from analysis.retraining.retraining import step
from analysis.retraining.types import Met, met
from figures import retraining as figure

TABLES = ("retraining", "retraining_windows", "retraining_schedule", "retraining_types", "retraining_losses",
          "retraining_controls")  # fmt: skip
ALARMS = (0.1, 0.2, 0.3)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


def flows(timed: bool = False, told: bool = True, size: int = 150) -> pl.DataFrame:
    """Five days, of which each but the first has a type of attack of its own, far from all others."""
    generator = np.random.default_rng(4)
    day = np.repeat(np.arange(5), size)
    attack = (generator.random(day.size) < 0.3) & (day > 0)
    columns: dict[str, Any] = {f"f{i}": generator.normal(0, 1, day.size) for i in range(3)}
    columns["f0"] = columns["f0"] + 6 * attack
    columns["f1"] = columns["f1"] + 9 * attack * (day - 1)
    frame = pl.DataFrame(columns | {
        "Label": [f"Type {d}" if a else "BENIGN" for d, a in zip(day, attack, strict=True)], "is_attack": attack,
        "attempted": np.zeros(day.size, dtype=bool), "day": [DAYS[d] if told else None for d in day],
        "source_file": ["x.csv"] * day.size, "source_row": np.arange(day.size),
    })  # fmt: skip
    if timed:
        seconds = (day * 86_400 + 8 * 3600 + np.tile(np.arange(size) * 200, 5)) * 1_000_000
        frame = frame.with_columns(timestamp=pl.Series(seconds).cast(pl.Datetime("us")))
    return frame


def ran(folder: Path, frame: pl.DataFrame, typed: bool = True, weighted: bool = False
        ) -> tuple[dict[str, Any], dict[str, Table]]:  # fmt: skip
    """Values and tables of the step on these flows."""
    source, metadata, values = folder / "clean.parquet", folder / "metadata.json", folder / "values.json"
    with write_atomically(source) as temporary:
        frame.write_parquet(temporary)
    write_json(metadata, {"data": "test flows", "weighted": weighted, "sampling": "natural", "release": "original"})
    tables = [folder / f"{name}.json" for name in TABLES]
    step({"n_estimators": 8}, 0, 3, "source", typed, 2, 7, 1, source, metadata, values, tables)
    return read_json(values), {path.stem: Table.from_json(read_json(path)) for path in tables}


def test_new_types_are_missed_and_the_areas_are_those_of_the_windows(tmp_path: Path) -> None:
    values, tables = ran(tmp_path, flows())
    assert values["retraining.kind"]["value"] == "days"
    assert (values["retraining.initial"]["value"], values["retraining.tested"]["value"]) == (2, 3)
    rows = [row for row in tables["retraining_windows"].records() if row["key"] == "past"]
    assert [row["day"] for row in rows] == list(DAYS[2:])
    for measure in ("recall", "f1", "pr_auc", "fpr"):
        area = float(area_under_time(np.array([row[measure] for row in rows])))
        assert values[f"retraining.past.{measure}"]["value"] == pytest.approx(area)
    assert values["retraining.types.new"]["value"] == values["retraining.types.one_day"]["value"] == 3
    assert values["retraining.types.again"]["value"] == 0
    for key in ("never", "past"):
        types = [row for row in tables["retraining_types"].records() if row["key"] == key]
        out = sum(row["recall"] > row["alarms"] for row in types)
        assert values[f"retraining.types.{key}.called"]["value"] == out
    assert len(tables["retraining"].rows) == len(POLICIES)
    parts = [values[f"retraining.loss.{part}"]["value"] for part in ("new", "known", "benign")]
    assert sum(parts) == pytest.approx(values["retraining.loss.total"]["value"])
    assert values["retraining.control.planted.found"]["value"] is True
    rang = [values[f"retraining.control.benign.{one}"]["value"] for one in ("features", "scores")]
    assert values["retraining.control.benign.any"]["value"] is any(rang)
    drawn = figure.draw(tables)
    assert [text.get_text() for text in drawn.axes[1].get_xticklabels()] == list(DAYS)
    assert "4 types of attack in 4 of 5 windows" in figure.alt(tables)


def test_times_make_windows_of_both_kinds_and_tell_seconds(tmp_path: Path) -> None:
    values, tables = ran(tmp_path, flows(timed=True).slice(17))  # days of unequal numbers
    assert values["retraining.timed"]["value"] is True
    assert {row["kind"] for row in tables["retraining_windows"].records()} == {"numbers", "hours"}
    waits = [row["seconds"] for row in tables["retraining_types"].records() if row["key"] == "past"]
    assert any(wait is not None and wait >= 0 for wait in waits)
    assert sum(row.id.endswith(".main") for row in tables["retraining"].rows) == len(POLICIES)
    others = [row["key"] for row in tables["retraining"].records() if row["id"].endswith(".hours")]
    assert others == ["never", "past", "sliding", "on_features", "on_scores"]
    # A window holds flows of two days, but no type does.
    assert values["retraining.days"]["value"] == 5
    assert values["retraining.types.one_day"]["value"] == values["retraining.types.new"]["value"] > 0


def test_a_type_that_is_called_no_more_often_than_benign_flows_does_not_stand_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_often(*arguments: object) -> list[Met]:
        return [replace(one, recall=0.2, alarms=alarms) for one, alarms in zip(met(*arguments), ALARMS, strict=True)]

    monkeypatch.setattr(report_parts, "met", as_often)
    values, tables = ran(tmp_path, flows())
    assert values["retraining.types.past.called"]["value"] == 1
    assert [row["alarms"] for row in tables["retraining_types"].records() if row["key"] == "past"] == list(ALARMS)


def test_flows_without_an_order_say_so_everywhere(tmp_path: Path) -> None:
    values, tables = ran(tmp_path, flows(told=False))
    assert values["retraining.available"]["value"] is False
    assert values["retraining.reason"]["value"] == NO_DAYS
    assert values["retraining.past.f1"]["reason"] == NO_DAYS
    assert not any(table.rows for table in tables.values())
    assert "cannot be put in order" in figure.alt(tables)
    figure.draw(tables)


def test_without_types_nothing_is_said_of_them(tmp_path: Path) -> None:
    frame = flows().with_columns(pl.when("is_attack").then(pl.lit("ATTACK")).otherwise(pl.lit("BENIGN")).alias("Label"))
    values, tables = ran(tmp_path, frame, typed=False)
    assert values["retraining.loss.reason"]["value"] == UNTYPED
    assert not tables["retraining_types"].rows
    assert values["retraining.types.new"]["value"] == 0


def test_the_same_flows_give_the_same_files(tmp_path: Path) -> None:
    for name in ("one", "other"):
        ran(tmp_path / name, flows())
    for name in ("values", *TABLES):
        assert (tmp_path / "one" / f"{name}.json").read_bytes() == (tmp_path / "other" / f"{name}.json").read_bytes()
