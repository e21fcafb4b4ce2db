"""What the step tells: controls that fire, values that are those of tables, and a reason where one is not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.evasion.flow import NEEDED
from analysis.evasion.owners import owners
from analysis.evasion.reach import Cheapest
from analysis.explanation.explanation import step
from analysis.explanation.report_parts import record_nearest
from analysis.record import Column, Record, Table, read_json, write_atomically, write_json
from figures import explanation as figure
from tests.evasion import test_report as evasion

TABLES = ("explanation", "explanation_columns", "explanation_types", "explanation_agreement", "explanation_controls",
          "explanation_deletion", "explanation_cases")  # fmt: skip
CLUSTERS = [["strong", "echo"], ["Destination Port"], ["weak"], ["idle one"], ["idle two"], ["idle three"]]


def flows(size: int = 1600, clear: bool = False) -> pl.DataFrame:
    """Two types of attack: ``strong`` and its echo tell both, the port one of them, ``weak`` a little.

    With ``clear`` no flow can be taken for another class.
    """
    generator = np.random.default_rng(8)
    attack = generator.random(size) < 0.3
    web = attack & (generator.random(size) < 0.4)
    strong = generator.normal(0, 1, size) + (9 if clear else 2.2) * attack
    columns = {
        "strong": strong,
        "echo": strong * 3 + generator.normal(0, 0.01, size),
        "Destination Port": np.where(web, 80.0, generator.integers(1, 500, size)),
        "weak": generator.normal(0, 1, size) + 0.7 * attack,
        **{f"idle {which}": generator.normal(0, 1, size) for which in ("one", "two", "three")},
    }
    return pl.DataFrame(columns | {
        "Label": np.where(web, "Web", np.where(attack, "DoS Hulk", "BENIGN")), "is_attack": attack,
        "source_file": ["x.csv"] * size, "source_row": np.arange(size),
    })  # fmt: skip


def ran(
    folder: Path, frame: pl.DataFrame, *, typed: bool = True, clusters: list[list[str]] = CLUSTERS, threads: int = 1,
    rows: int = 0, deltas: bool = True, swapped: bool = False, trees: int = 12,
) -> tuple[dict[str, Any], dict[str, Table]]:  # fmt: skip
    """Values and tables of the step on these flows, of which every fourth is tested.

    With ``swapped`` benign test flows are labelled as attacks and the other way round.
    """
    tested = np.arange(frame.height) % 4 == 0
    if swapped:
        frame = frame.with_columns(is_attack=pl.col("is_attack") ^ pl.Series(tested))
        turned = pl.when("is_attack").then(pl.lit("Web")).otherwise(pl.lit("BENIGN"))
        frame = frame.with_columns(Label=pl.when(pl.Series(tested)).then(turned).otherwise("Label"))
    for name, table in (("clean", frame), ("roles", pl.DataFrame({"0": np.where(tested, 2, 1).astype(np.uint8)}))):
        with write_atomically(folder / f"{name}.parquet") as temporary:
            table.write_parquet(temporary)
    write_json(folder / "split.json", {"folds": [{"name": "random", "reason": None, "filled": []}]})
    write_json(folder / "clusters.json", clusters)
    write_json(folder / "metadata.json", {"data": "test flows", "release": "original"})
    told = Record("effects", "test flows")
    labels = ("All attacks", "Web", "DoS Hulk") if deltas else ()
    told.table("effects", "Effects", [Column("feature", "F"), Column("label", "L"), Column("delta", "D", "fixed:3")],
               [{"feature": members[0], "label": label, "delta": 0.5 / (i + 1)} for i, members in enumerate(clusters)
                for label in labels], id=("feature", "label"))  # fmt: skip
    write_json(folder / "effects.json", told.tables["effects"].to_json())
    values, tables = folder / "values.json", [folder / f"{name}.json" for name in TABLES]
    step({"n_estimators": trees}, rows, 20, 10_000, 60, 100, typed, 7, threads, folder / "clean.parquet",
         folder / "roles.parquet", folder / "split.json", folder / "clusters.json", folder / "effects.json",
         folder / "metadata.json", values, tables)  # fmt: skip
    return read_json(values), {path.stem: Table.from_json(read_json(path)) for path in tables}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Table]]:
    return ran(tmp_path_factory.mktemp("step"), flows(), trees=25)


def test_credit_adds_up_and_the_strong_cluster_leads(told) -> None:
    values, tables = told
    assert values["explanation.left"]["value"] < 1e-9
    assert values["explanation.first"]["value"] == "strong"
    assert values["explanation.first.firm"]["value"] is True
    rows = tables["explanation"].records()
    assert sum(row["share"] for row in rows) == pytest.approx(1)
    assert [row["rank"] for row in rows] == list(range(1, len(CLUSTERS) + 1))
    assert rows[0]["permutation_rank"] == rows[0]["drop_rank"] == 1
    assert values["explanation.shortcut.rank"]["value"] == 2
    assert values["explanation.shortcut.leads"]["value"] is True
    assert values["explanation.shortcut.share"]["value"] == pytest.approx(rows[1]["share"])
    for row in tables["explanation_cases"].by("case").values():
        assert sum(one["credit"] for one in row) + values["explanation.base"]["value"] == pytest.approx(row[0]["score"])


def test_a_cluster_that_another_column_leads_is_no_shortcut_found(tmp_path: Path) -> None:
    clusters = [["strong", "Destination Port"], *([name] for name in ("echo", "weak", "idle one", "idle two"))]
    values, _ = ran(tmp_path, flows(size=800), clusters=clusters)
    assert (values["explanation.shortcut.rank"]["value"], values["explanation.shortcut.leads"]["value"]) == (1, False)


def test_types_are_credited_for_what_tells_them(told) -> None:
    _, tables = told
    cells = {(row["cluster"], row["label"]): row["credit"] for row in tables["explanation_types"].records()}
    assert cells["Destination Port", "Web"] > 3 * cells["Destination Port", "DoS Hulk"]
    assert abs(cells["strong", "BENIGN"]) < 0.1 * cells["strong", "All attacks"]


def test_controls_fire(told) -> None:
    values, tables = told
    assert values["explanation.planted.rank"]["value"] == values["explanation.planted.column_rank"]["value"] == 1
    assert values["explanation.planted.leads"]["value"] is True
    assert values["explanation.planted.noise_rank"]["value"] > 3
    assert values["explanation.copy.kept"]["value"] < 0.8
    assert 0.8 < values["explanation.copy.cluster_kept"]["value"] < 1.5
    assert values["explanation.deletion.low"]["value"] > 0
    for row in tables["explanation_deletion"].records():
        assert row["more"] == pytest.approx(row["top"] - row["random"])


def test_the_figure_tells_its_tables(told) -> None:
    _, tables = told
    drawn = figure.draw(tables)
    assert [text.get_text() for text in drawn.axes[0].get_yticklabels()] == [
        row["cluster"] for row in tables["explanation"].records()
    ]
    assert "strong leads with" in figure.alt(tables)


def test_a_hit_that_cannot_be_acted_on_says_why(told) -> None:
    values, _ = told
    assert values["explanation.nearest.there"]["value"] is False
    assert values["explanation.nearest.reason"]["value"].startswith("columns are missing or never vary: Flow Duration")
    assert values["explanation.nearest.words"]["reason"] == values["explanation.nearest.reason"]["value"]


def test_a_hit_that_can_be_acted_on_has_the_action_that_the_search_finds(tmp_path: Path) -> None:
    frame = evasion.flows()
    columns = [name for name in frame.columns if name in owners() and frame[name].n_unique() > 1]
    columns += [name for name in NEEDED if name not in columns]
    values, _ = ran(tmp_path, frame, clusters=[[name] for name in columns])
    assert values["explanation.nearest.there"]["value"] is True
    assert values["explanation.nearest.score"]["value"] <= 0.5 < values["explanation.case.hit.score"]["value"]
    assert 0 < values["explanation.nearest.bytes"]["value"] <= 10_000
    assert " packet" in values["explanation.nearest.words"]["value"]


@pytest.mark.parametrize(("seconds", "text"), [(0.0, "0"), (0.004, "0.0040")])
def test_an_action_that_takes_no_time_is_told_from_one_of_little(seconds: float, text: str) -> None:
    record = Record("explanation", "synthetic")
    record_nearest(record, Cheapest(None, "1 further packet of 64 bytes", 84, seconds, 0.2))
    assert record.values["explanation.nearest.seconds"].text == text


def test_threads_change_nothing(tmp_path: Path) -> None:
    for name, threads in (("one", 1), ("other", 2)):
        ran(tmp_path / name, flows(400), threads=threads)
    for name in ("values", *TABLES):
        assert (tmp_path / "one" / f"{name}.json").read_bytes() == (tmp_path / "other" / f"{name}.json").read_bytes()


def test_nothing_that_is_fitted_sees_labels_of_test_flows(tmp_path: Path) -> None:
    """With all test labels turned round the forest, and so its credit of the same flow, are the same."""
    frame = flows(400)
    (tmp_path / "as_is").mkdir()
    (tmp_path / "turned").mkdir()
    first, tables = ran(tmp_path / "as_is", frame)
    other, turned = ran(tmp_path / "turned", frame, swapped=True)
    # All test flows are explained, whatever their labels: means over all of them are of the same flows.
    assert first["explanation.flows"]["value"] == other["explanation.flows"]["value"] == 100
    assert first["explanation.base"]["value"] == other["explanation.base"]["value"]
    credits = [{row["feature"]: row["credit"] for row in one["explanation_columns"].records()}
               for one in (tables, turned)]  # fmt: skip
    assert credits[0] == pytest.approx(credits[1], abs=1e-12)
    assert first["explanation.surrogate.fidelity"]["value"] == other["explanation.surrogate.fidelity"]["value"]
    assert first["explanation.surrogate.f1"]["value"] > other["explanation.surrogate.f1"]["value"]


def test_without_types_errors_or_shortcuts_it_says_so(tmp_path: Path) -> None:
    frame = flows(600, clear=True)
    frame = frame.with_columns(Label=pl.when("is_attack").then(pl.lit("ATTACK")).otherwise(pl.lit("BENIGN")))
    values, tables = ran(tmp_path, frame, typed=False, clusters=[["strong", "echo"], ["weak"]], rows=200, deltas=False)
    assert values["explanation.types.any"]["value"] is False
    assert values["explanation.case.miss.there"]["value"] is False
    assert values["explanation.case.miss.words"]["reason"] == "there is no missed attack"
    assert values["explanation.alarms.told"]["value"] is False
    assert values["explanation.shortcut.any"]["value"] is False
    assert values["explanation.deletion.told"]["value"] is False
    assert values["explanation.tau.shap_delta"]["reason"] == "too few clusters to rank"
    assert {row["label"] for row in tables["explanation_types"].records()} == {"All attacks", "BENIGN"}
    figure.draw(tables)
    assert figure.alt(tables)


def test_one_cluster_is_explained_too(tmp_path: Path) -> None:
    values, tables = ran(tmp_path, flows(400), clusters=[["strong", "echo"]])
    assert values["explanation.first.share"]["value"] == 1
    assert values["explanation.tau.any"]["value"] is False
    figure.draw(tables)
