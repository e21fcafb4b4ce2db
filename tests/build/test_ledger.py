"""The ledger of real builds: no verdict on synthetic flows, verdicts that add up on real ones."""

from __future__ import annotations

import json
from pathlib import Path


def read(results: Path) -> dict:
    return json.loads((results / "ledger.json").read_text(encoding="utf-8"))


def test_on_the_twin_no_claim_gets_a_verdict(twin):
    ledger = read(twin)
    assert ledger["synthetic"] is True
    assert {row["verdict"] for row in ledger["claims"]} == {"synthetic: pipeline check only"}
    assert "ledger.json" in json.loads((twin / "build.json").read_text(encoding="utf-8"))["files"]
    assert "On synthetic flows no claim gets a verdict" in (twin / "paper.html").read_text(encoding="utf-8")


def test_on_real_rows_verdicts_are_counted_and_intervals_hold_their_estimates(sample):
    ledger = read(sample)
    verdicts = [row["verdict"] for row in ledger["claims"]]
    assert {verdict: verdicts.count(verdict) for verdict in ledger["counts"]} == ledger["counts"]
    assert ledger["counts"]["synthetic: pipeline check only"] == 0
    assert ledger["counts"]["untested opinion"] == 4
    for row in ledger["claims"]:
        assert row["sentence"].endswith(".")
        if row["interval"]:
            assert row["interval"]["low"] <= row["value"] <= row["interval"]["high"]
    found = {row["id"]: row for row in ledger["claims"]}
    # What the 12,001 flows settle whatever the number of trees.
    assert found["leptokurtic"]["verdict"] == "reproduced in part"
    assert found["price"]["verdict"] == "not reproduced"
    assert found["f1_heartbleed"]["why_not"] == "no flow of this type in the data"
    assert found["adaboost_over_logistic"]["verdict"] == "reproduced"
