"""The ledger of real builds: no verdict on synthetic flows, verdicts that add up on real ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.audit.pdf import pages
from analysis.record import read_json
from paper.page import Page


def read(results: Path) -> dict:
    return json.loads((results / "ledger.json").read_text(encoding="utf-8"))


def test_on_the_twin_no_claim_gets_a_verdict(twin):
    ledger = read(twin)
    assert ledger["synthetic"] is True
    assert {row["verdict"] for row in ledger["claims"]} == {"synthetic: pipeline check only"}
    assert "ledger.json" in json.loads((twin / "build.json").read_text(encoding="utf-8"))["files"]
    page = (twin / "paper.html").read_text(encoding="utf-8")
    assert "On synthetic flows no claim gets a verdict" in page
    assert "pipeline check only" not in page, "it is said once, in words"


def test_the_tests_of_the_claims_stand_in_the_page_and_the_pdf_says_where(twin):
    page = Page((twin / "paper.html").read_text(encoding="utf-8"))
    sheet = " ".join(" ".join(pages(twin / "paper.pdf")).split())
    tests = read_json(twin.parents[1] / "build" / "twin" / "tables" / "ledger_tests.json")["rows"]
    assert {"ledger", "ledger_tests", "ledger_words"} <= {table.name for table in page.tables}
    assert "tables/ledger_tests.csv" in sheet.replace(" ", "")
    where = "The test of each claim and the flows that it rests on stand in the HTML form"
    assert where in sheet
    assert where not in page.text()
    for row in tests:
        told = " ".join(row["cells"][2]["text"].split()[:6])
        assert told in " ".join(page.text().split())
    assert "Our interval against the printed one" not in sheet


@pytest.mark.parametrize("results", ["sample"], indirect=True)
def test_on_real_rows_verdicts_are_counted_and_intervals_hold_their_estimates(results):
    ledger = read(results)
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
