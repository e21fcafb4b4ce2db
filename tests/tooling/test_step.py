"""What the step tells: the day is tried on a model that learnt nothing of it, and what cannot be told has a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.conditions.catalogue import plan
from analysis.conditions.estimator import EXACT
from analysis.conditions.fit import fit
from analysis.conditions.time_splits import NO_DAYS
from analysis.dataset.parts import Fold
from analysis.record import Column, Record, Table, read_json, write_atomically, write_json
from analysis.settings import load
from analysis.tooling.report_day import NO_ALARM, NO_HOSTS
from analysis.tooling.tooling import step, tried
from figures import tooling as figure

TABLES = ("tooling", "tooling_services", "tooling_vectors")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
ODD = 40
"""Flows of the first day that look like attacks to who has not seen that day: of a service of their own."""


def entry() -> dict[str, Any]:
    """The forest on the ranked features, as the study of a few trees has it."""
    study = load({"models": {"random_forest": {"n_estimators": 10}}, "features": {"count": 2}})
    wanted = ("findings", "random.random_forest")
    found = next(one.entry() for one in plan(study) if wanted in one.names)
    return found | {"names": [["source", "selected.random_forest"], list(wanted)]}


def flows(odd: int = ODD, told: bool = True, hosts: bool = True, size: int = 400) -> pl.DataFrame:
    """Five days, of which all but the first have attacks of a large ``f0``; of the first some flows have it as well.

    Those flows are of port 5000 and of four vectors, which differ in a column that no model sees.
    """
    generator = np.random.default_rng(4)
    day = np.repeat(np.arange(5), size)
    number = np.tile(np.arange(size), 5)
    attack = (generator.random(day.size) < 0.3) & (day > 0)
    strange = (day == 0) & (number < odd)
    level = np.where(attack, 8.0, 0.0) + generator.normal(0, 1, day.size)
    columns: dict[str, Any] = {
        "f0": np.where(strange, 8.0 + number % 4, level), "f1": np.where(strange, 1.0, level * 2),
        "f2": generator.normal(0, 1, day.size), "Destination Port": np.where(strange, 5000, 80),
    }  # fmt: skip
    frame = pl.DataFrame(columns | {
        "Label": [f"Type {d}" if a else "BENIGN" for d, a in zip(day, attack, strict=True)], "is_attack": attack,
        "attempted": np.zeros(day.size, dtype=bool), "day": [DAYS[d] if told else None for d in day],
        "source_file": ["x.csv"] * day.size, "source_row": np.arange(day.size),
    })  # fmt: skip
    if hosts:
        source = np.where(strange & (number < 0.75 * odd), "10.0.0.9", "10.0.0.8")
        frame = frame.with_columns(pl.Series("Source IP", source), Protocol=pl.lit(6))
    return frame


def written(folder: Path, frame: pl.DataFrame) -> Path:
    path = folder / "clean.parquet"
    with write_atomically(path) as temporary:
        frame.write_parquet(temporary)
    return path


def ran(folder: Path, frame: pl.DataFrame, recall: float | None = 0.8) -> tuple[dict[str, Any], dict[str, Table]]:
    """Values and tables of the step; by the random split's model every other benign test flow scores 0.6 or 0.1."""
    source, names = written(folder, frame), ("roles.parquet", "predictions.parquet")
    tested = np.arange(frame.height) % 4 == 0
    one = entry()
    frames = (
        pl.DataFrame({"0": np.where(tested, 2, 1).astype(np.uint8)}),
        frame.filter(pl.Series(tested)).select(
            pl.lit("random").alias("fold"), "source_file", "source_row", pl.col("Label").alias("label"), "is_attack",
            pl.when(pl.col("source_row") % 80 == 0).then(0.6).otherwise(0.1).alias(f"{one['id']}/score"),
            pl.col("is_attack").alias(f"{one['id']}/predicted"),
        ),
    )  # fmt: skip
    for name, table in zip(names, frames, strict=True):
        with write_atomically(folder / name) as temporary:
            table.write_parquet(temporary)
    fold = {"fold": "random", "reason": None, "thresholds": {"0.01": 0.5, "0.001": 0.9}}
    write_json(folder / "descriptions.json", {one["id"]: one | {"folds": [fold]}})
    write_json(folder / "split.json", {"folds": [{"name": "random", "reason": None, "filled": []}]})
    write_json(folder / "metadata.json", {"data": "test flows", "release": "cleaned"})
    points = Record("operating", "test flows")
    ends = ("recall", "recall_low", "recall_high", "fpr", "fpr_low", "fpr_high")
    numbers = dict(zip(ends, (recall, 0.7, 0.9, 0.01, 0.005, 0.02), strict=True)) if recall else dict.fromkeys(ends)
    points.table("thresholds", "T", [Column(end, end, "fixed:3") for end in ends],
                 [{"id": f"random_forest.{key}"} | {end: Table.cell(number, "fixed:3", reason="too few")
                  for end, number in numbers.items()} for key in ("one_percent", "one_per_mille")],
                 id="id")  # fmt: skip
    write_json(folder / "thresholds.json", points.tables["thresholds"].to_json())
    values, tables = folder / "values.json", [folder / f"{name}.json" for name in TABLES]
    step([folder / names[1]], [folder / "descriptions.json"], folder / "thresholds.json", source, folder / names[0],
         folder / "split.json", folder / "metadata.json", 2, "source", 1000, 0.25, 50, 7, 1, {}, values,
         tables)  # fmt: skip
    return read_json(values), {path.stem: Table.from_json(read_json(path)) for path in tables}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Table]]:
    return ran(tmp_path_factory.mktemp("tooling"), flows())


def test_the_false_alarms_of_the_day_are_those_that_were_put_there(told) -> None:
    values, tables = told
    assert values["tooling.day.name"]["value"] == "Monday"
    odd, *others = tables["tooling_services"].records()
    assert (odd["service"], odd["flows"], odd["alarms"], odd["distinct"]) == ("5000/tcp", ODD, ODD, 4)
    alarms = ODD + sum(row["alarms"] for row in others)
    assert values["tooling.day.alarms"]["value"] == alarms
    assert values["tooling.day.alerts"]["value"] == 4 + sum(row["distinct"] for row in others)
    assert values["tooling.day.left"]["value"] == values["tooling.day.alerts"]["value"] / alarms
    assert values["tooling.day.fpr"]["value"] == alarms / 400
    assert values["tooling.day.above"]["value"] is True
    assert values["tooling.first.of_alarms"]["value"] == ODD / alarms
    assert values["tooling.first.of_flows"]["value"] == ODD / 400
    # In all columns every flow is another.
    assert values["tooling.day.distinct"]["value"] == alarms
    assert values["tooling.day.largest"]["value"] == ODD / 4
    assert [row["flows"] for row in tables["tooling_vectors"].records()[:4]] == [ODD / 4] * 4
    assert values["tooling.hosts.first"]["value"] == pytest.approx(max(30, alarms - 30) / alarms)


def test_a_model_that_learnt_from_the_day_is_beside(told) -> None:
    """Of the day's hundred test flows those of rows 0, 80, 160, 240 and 320 score 0.6."""
    values, _ = told
    assert values["tooling.learnt.fpr"]["value"] == 5 / 100
    assert values["tooling.learnt.fpr"]["n"] == 100


def test_alerts_a_day_are_true_and_false_ones(told) -> None:
    values, tables = told
    strict = tables["tooling"].records()[1]
    assert strict["alerts"] == pytest.approx(1000 * (0.25 * 0.8 + 0.75 * 0.01))
    assert (strict["alerts_low"], strict["alerts_high"]) == pytest.approx((178.75, 240))
    assert values["tooling.strict.analysts"]["value"] == pytest.approx(207.5 / 50)
    assert values["tooling.strict.analysts_low"]["value"] == pytest.approx(178.75 / 50)
    assert values["tooling.natural"]["value"] is False


def test_the_figure_tells_its_tables(told) -> None:
    _, tables = told
    drawn = figure.draw(tables)
    assert [text.get_text() for text in drawn.axes[0].get_yticklabels()] == [
        row["service"] for row in tables["tooling_services"].records()
    ]
    assert f"5000/tcp with {ODD} (4 distinct) in {ODD} flows" in figure.alt(tables)
    assert "5000/tcp, 100.0% (91.2% to 100.0%)" in figure.alt(tables)
    spans = drawn.axes[1].collections[0].get_segments()
    ends = [(row["rate_low"], row["rate_high"]) for row in tables["tooling_services"].records()]
    assert [tuple(span[:, 0]) for span in spans] == ends


def test_a_share_of_few_flows_has_a_wide_interval(told) -> None:
    odd = told[1]["tooling_services"].records()[0]
    assert (odd["rate_low"], odd["rate"], odd["rate_high"]) == pytest.approx((ODD / (ODD + 1.959964**2), 1, 1))


def test_nothing_of_the_day_is_learnt(tmp_path: Path) -> None:
    """With other flows on that day the thresholds and the scores of flows that stay are the same."""
    frame = flows()
    day = frame["day"].to_numpy()
    changed = frame.with_columns(
        pl.when((pl.col("day") == "Monday") & (pl.col("source_row") >= ODD)).then(-99.0).otherwise(name).alias(name)
        for name in ("f0", "f1", "f2")
    )
    found = []
    for name, one in (("as_is", frame), ("changed", changed)):
        (tmp_path / name).mkdir()
        found.append(tried(written(tmp_path / name, one), day, "Monday", entry(), 2, "source", 7, 1, EXACT)[0])
    first, other = found
    assert first is not None
    assert other is not None
    assert first.thresholds == other.thresholds
    assert first.score[:ODD].tolist() == other.score[:ODD].tolist()
    assert first.score.size == 400


def test_missing_cells_are_filled_by_what_the_other_days_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Fold] = []

    def kept(entry: Any, fold: Fold, *rest: Any) -> Any:
        seen.append(fold)
        return fit(entry, fold, *rest)

    monkeypatch.setattr("analysis.tooling.tooling.fit", kept)
    frame = flows().with_columns(f1=pl.when(pl.col("source_row") % 7 > 1).then("f1"))
    tried(written(tmp_path, frame), frame["day"].to_numpy(), "Monday", entry(), 2, "source", 7, 1, EXACT)
    others = frame.filter(pl.col("day") != "Monday")["f1"].quantile(0.5, "lower")
    assert others != frame["f1"].quantile(0.5, "lower")
    assert seen[0].test is not None
    assert seen[0].test.filled == {"f1": others}


def test_without_days_it_says_so(tmp_path: Path) -> None:
    values, tables = ran(tmp_path, flows(told=False))
    assert values["tooling.day.told"]["value"] is False
    assert values["tooling.day.reason"]["value"] == NO_DAYS
    for key in ("tooling.day.fpr", "tooling.first.service", "tooling.learnt.fpr", "tooling.hosts.count"):
        assert values[key]["value"] is None
        assert values[key]["reason"] == NO_DAYS
    assert tables["tooling_services"].rows == tables["tooling_vectors"].rows == ()
    assert values["tooling.strict.alerts"]["value"] == pytest.approx(207.5)
    figure.draw(tables)
    assert figure.alt(tables)


def test_without_alarms_addresses_or_points_it_says_so(tmp_path: Path) -> None:
    frame = flows(odd=0, hosts=False)
    monday = pl.col("day") == "Monday"
    quiet = frame.with_columns(pl.when(monday).then(-3.0).otherwise(name).alias(name) for name in ("f0", "f1"))
    values, tables = ran(tmp_path, quiet, recall=None)
    assert values["tooling.day.told"]["value"] is True
    assert values["tooling.day.any"]["value"] is False
    assert values["tooling.day.below"]["value"] is True
    assert values["tooling.first.service"]["reason"] == NO_ALARM
    assert values["tooling.hosts.count"]["reason"] in (NO_ALARM, NO_HOSTS)
    assert values["tooling.told"]["value"] is False
    assert values["tooling.strict.alerts"]["reason"] == "not estimable from the test part"
    figure.draw(tables)
