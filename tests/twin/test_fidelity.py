"""Fidelity of the twin: what was measured on held-out real rows, its aims, and how it is reported.

That the statistics in the parameter file are those of the real rows is part of rebuilding it (test_calibrate.py).
"""

from __future__ import annotations

from pathlib import Path
from statistics import median

from analysis.dataset.release import load
from analysis.detection.names import MODELS, titled
from analysis.twin import behaviours, fidelity
from analysis.twin import write as twin

RELEASE = load("original")
MEASURED = behaviours.load(twin.PARAMETERS).fidelity


def test_the_shipped_twin_meets_its_aims_on_held_out_rows() -> None:
    """8 of the ten features agree, each F1 is within 0.03, training on the twin costs a forest at most 0.08."""
    assert MEASURED["held"] > 3_900
    assert MEASURED["kept"] > 7_900
    assert len(set(MEASURED["top_ten"]["real"]) & set(MEASURED["top_ten"]["twin"])) >= 8
    for found in MEASURED["models"].values():
        assert abs(found["twin"] - found["real"]) <= 0.03
    forest = MEASURED["models"]["random_forest"]
    assert forest["real"] - forest["twin_to_real"] <= 0.08


def test_single_features_are_near_where_many_rows_were_held_out() -> None:
    for label in ("BENIGN", "DoS Hulk", "PortScan", "DDoS", "Bot", "Web Attack Brute Force"):
        assert median(d for d in MEASURED["classes"][label]["ks"] if d is not None) < 0.08


def test_two_real_halves_are_not_told_apart() -> None:
    assert abs(MEASURED["told_apart"]["auc_real"] - 0.5) < 0.03
    assert MEASURED["told_apart"]["auc"] > 0.6  # and the twin is: said in the paper, not hidden


def test_the_step_reports_all_of_it(tmp_path: Path) -> None:
    record = fidelity.report_fidelity(MEASURED, RELEASE, "synthetic twin")
    names = [f"fidelity_{name}" for name in ("models", "classes", "features")]
    record.write(tmp_path / "values.json", [tmp_path / f"{name}.json" for name in names])
    assert record.values["fidelity.all_met"].value is True
    assert record.values["fidelity.missed"].value == []
    assert record.tables["fidelity_models"].column("real") == [f["real"] for f in MEASURED["models"].values()]
    assert {"feature", "benign", "dos_hulk", "portscan", "ddos", "largest", "where"} <= {
        column.key for column in record.tables["fidelity_features"].columns
    }


def test_a_missed_aim_is_named() -> None:
    models = MEASURED["models"] | {"adaboost": MEASURED["models"]["adaboost"] | {"twin": 0.5}}
    record = fidelity.report_fidelity({**MEASURED, "models": models}, RELEASE, "synthetic twin")
    assert record.values["fidelity.all_met"].value is False
    assert record.values["fidelity.missed"].value == ["each F1 within 0.03"]
    assert record.values["fidelity.f1.gap_model"].value == "AdaBoost"


def test_classes_with_few_held_out_rows_are_not_measured() -> None:
    assert set(MEASURED["classes"]) <= set(RELEASE.labels)
    assert "Heartbleed" not in MEASURED["classes"]
    assert all(found["n"] >= fidelity.ENOUGH for found in MEASURED["classes"].values())


def test_models_are_those_of_the_study() -> None:
    assert {name: titled(words) for name, words in MODELS.items()} == fidelity.MODELS
