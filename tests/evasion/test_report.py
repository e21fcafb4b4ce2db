"""What the step tells: the same numbers in tables and values, and a reason where flows cannot be acted on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.dataset.parts import TEST, TRAIN
from analysis.evasion import evasion
from analysis.evasion.evasion import step
from analysis.evasion.owners import grows, out_of_reach, owners
from analysis.evasion.targets import Target
from analysis.record import Table, read_json, write_atomically, write_json
from figures import evasion as figure
from tests.evasion.packets import Packets, metered

TABLES = ("evasion", "evasion_families", "evasion_defences", "evasion_flows", "evasion_owners",
          "evasion_bound")  # fmt: skip
MODELS = {"random_forest": {"n_estimators": 8}}
RANKED = ["Fwd Packet Length Max", "Bwd Packet Length Max", "Packet Length Mean"]
FEW = (Target(), Target(features="all"), Target(defence="retrained"), Target(features="unowned", defence="unowned"),
       Target(features="grow", defence="monotone"))  # fmt: skip


def flows(meter: str = "twice") -> pl.DataFrame:
    """Attacks of two families, of short packets both ways; those of benign flows are long."""
    generator, some = np.random.default_rng(8), []
    labels = ["BENIGN"] * 80 + ["DoS Hulk"] * 50 + ["Bot"] * 30
    for label in labels:
        forward = np.array([True, False, True, False, True])
        low, high = (700, 1400) if label == "BENIGN" else (10, 200)
        times, sizes = generator.integers(1, 50_000, 5), generator.integers(low, high, 5)
        some.append(metered(Packets(np.cumsum(times), sizes, forward), meter))
    columns = {name: np.concatenate([one[name] for one in some]) for name in some[0]}
    columns["Destination Port"] = generator.integers(1, 1000, len(labels)).astype(float)
    return pl.DataFrame(columns | {
        "Label": labels, "is_attack": [label != "BENIGN" for label in labels],
        "attempted": [False] * len(labels), "source_file": ["x.csv"] * len(labels), "source_row": range(len(labels)),
    })  # fmt: skip


def ran(
    folder: Path, frame: pl.DataFrame, release: str = "original", queries: int = 100
) -> tuple[dict[str, Any], dict[str, Table]]:
    """Values and tables of the step on these flows, every other one of which is a test flow."""
    names = ("flows.parquet", "roles.parquet", "split.json", "features.json", "metadata.json", "values.json")
    source, roles, split, features, metadata, values = (folder / name for name in names)
    tables = [folder / f"{name}.json" for name in TABLES]
    role = np.where(np.arange(frame.height) % 2, TEST, TRAIN).astype(np.uint8)
    for path, table in ((source, frame), (roles, pl.DataFrame({"0": role}))):
        with write_atomically(path) as temporary:
            table.write_parquet(temporary)
    write_json(split, {"folds": [{"name": "random", "reason": None, "filled": []}]})
    every = [name for name in frame.columns if name in owners()]
    write_json(features, {"folds": [{"selected": [name for name in RANKED if name in every], "all": every}]})
    write_json(metadata, {"data": "test flows", "release": release})
    step(MODELS, 0, 12, 10_000, 60, queries, 2, 7, 1, source, roles, split, features, metadata, values, tables)
    return read_json(values), {path.stem: Table.from_json(read_json(path)) for path in tables}


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evasion, "TARGETS", FEW)


@pytest.mark.parametrize(("release", "meter"), [("original", "twice"), ("corrected", "once")])
def test_values_are_those_of_the_tables_and_the_sender_evades_nothing_that_is_not_theirs(
    release: str, meter: str, tmp_path: Path
) -> None:
    frame = flows(meter)
    values, tables = ran(tmp_path, frame, release)
    assert values["evasion.available"]["value"] is True
    assert values["evasion.attacks"]["value"] == 40
    assert (values["evasion.broken"]["value"], values["evasion.some_broken"]["value"]) == (0, False)
    recall = tables["evasion"].records()
    assert all(row["still"] == 1 for row in recall if not row["most_bytes"]), "no budget, no evasion"
    assert values["evasion.ranked.sender"]["value"] < 0.5
    assert values["evasion.ranked.sender"]["n"] == values["evasion.drawn"]["value"] <= 24
    for key in ("unowned", "monotone"):
        assert values[f"evasion.defence.{key}.sender"]["value"] == 1
    assert values["evasion.defence.unowned.both"]["value"] < 1
    product = values["evasion.unattacked"]["value"] * values["evasion.ranked.sender"]["value"]
    assert values["evasion.recall"]["value"] == pytest.approx(product)
    told = tables["evasion_flows"].records()
    assert {row["family"] for row in told} == {"Bot", "DoS"}
    assert all(row["drawn"] <= min(row["detected"], 12) for row in told)
    bounds = tables["evasion_bound"].records()
    assert {row["n"] for row in bounds if row["features"] == "ranked" and row["defence"] == "none"} == {24}
    for row in bounds:
        assert row["safe_low"] <= row["safe"] <= row["most"] <= row["search"], row["id"]
        assert row["most"] - row["safe"] == pytest.approx(row["open"])
        if row["features"] in ("unowned", "grow"):
            assert row["safe"] == 1, "who sees nothing that the sender may lower is proven not to be evaded"
    assert values["evasion.bound.ranked.most"]["value"] < 1
    defended = {row["id"]: row for row in tables["evasion_defences"].records()}
    every = [name for name in frame.columns if name in owners()]
    assert defended["unowned.unowned.random_forest"]["columns"] == len(out_of_reach(every))
    assert defended["grow.monotone.random_forest"]["columns"] == len(out_of_reach(every)) + len(grows(every))
    drawn = figure.draw(tables)
    assert "With 10,000 bytes and 60 seconds" in figure.alt(tables)
    bars = [[(bar.get_y(), bar.get_y() + bar.get_height()) for bar in axis.patches] for axis in drawn.axes]
    plain = [row for row in bounds if row["defence"] == "none"]
    for shown, features in ((bars[0], "ranked"), (bars[3], "all")):
        own = [(row["safe"], row["most"]) for row in plain if row["features"] == features]
        assert shown == [pytest.approx(ends) for ends in own]
    assert bars[1] == bars[2] == bars[4] == bars[5] == [], "bounds are the sender's"
    for axis, features in ((drawn.axes[2], "ranked"), (drawn.axes[5], "all")):
        names = [label.get_text() for label in axis.get_yticklabels()]
        for line, reach in zip(axis.lines, ("sender", "both ends"), strict=True):
            dots = {names[round(at)]: still for still, at in zip(*line.get_data(), strict=True)}
            assert dots == {
                row["family"]: row["still"] for row in tables["evasion_families"].records()
                if (row["model"], row["features"], row["defence"], row["attacker"], row["reach"], row["queries"])
                == ("random forest", features, "none", "greedy by score", reach, 100)
            }  # fmt: skip
            assert set(names) == {"Bot", "DoS"}


def test_flows_that_break_identities_are_left_out_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evasion, "TARGETS", FEW[:1])
    wrong = pl.when(pl.int_range(pl.len()).is_between(81, 91)).then(9e6).otherwise(pl.col("Packet Length Variance"))
    values, tables = ran(tmp_path, flows().with_columns(wrong.alias("Packet Length Variance")), queries=20)
    assert values["evasion.broken"]["value"] == 6
    assert values["evasion.some_broken"]["value"] is True
    rows = {row["id"]: row for row in tables["evasion_flows"].records()}
    assert rows["random_forest.ranked.none.dos"]["broken"] == 6
    assert rows["random_forest.ranked.none.bot"]["broken"] == 0


@pytest.mark.parametrize(
    ("release", "without", "reason"),
    [
        ("wtmc2021", [], "how the meter of the release counts the first packet is not known"),
        ("original", ["Fwd IAT Total"], "columns are missing or never vary: Fwd IAT Total"),
    ],
)
def test_what_cannot_be_acted_on_says_why_everywhere(
    release: str, without: list[str], reason: str, tmp_path: Path
) -> None:
    values, tables = ran(tmp_path, flows().drop(without), release)
    assert values["evasion.available"]["value"] is False
    assert values["evasion.reason"]["value"] == values["evasion.recall"]["reason"] == reason
    assert not any(table.rows for name, table in tables.items() if name != "evasion_owners")
    assert "no attacker could be tried" in figure.alt(tables)
    figure.draw(tables)


def test_one_family_is_attacked_alone(tmp_path: Path) -> None:
    values, tables = ran(tmp_path, flows().filter(pl.col("Label") != "Bot"), queries=20)
    assert values["evasion.available"]["value"] is True
    assert values["evasion.queries"]["value"] == 20
    assert {row["queries"] for row in tables["evasion"].records()} == {0, 10, 20}
    assert {row["family"] for row in tables["evasion_families"].records()} == {"DoS"}


def test_the_same_flows_give_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evasion, "TARGETS", FEW[2:3])
    for name in ("one", "other"):
        ran(tmp_path / name, flows())
    for name in ("values", *TABLES):
        assert (tmp_path / "one" / f"{name}.json").read_bytes() == (tmp_path / "other" / f"{name}.json").read_bytes()
