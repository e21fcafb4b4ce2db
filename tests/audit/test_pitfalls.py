"""The pitfalls: verdicts follow the values, in either direction, and what a build lacks speaks for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.audit.condition import Condition
from analysis.audit.pitfalls import PLACE, Check, Pitfall, as_json, limits, load, report_pitfalls
from tests.audit.claim_cases import entries

FULL = {
    "data.representative": True, "transfer.other_network": True, "release.attempted": True,
    "findings.attempted_out.f1": 0.9, "leak.any": False, "leak.tested": 7, "findings.duplicates_together.built": True,
    "findings.duplicates_together.f1": 0.9, "findings.day_forward.built": True, "findings.chronological.built": True,
    "findings.without_shortcuts.f1": 0.9, "findings.without_answers.f1": 0.9,
    "findings.port.f1": 0.7, "findings.random.recall": 0.8,
    "uncertainty.splits": 5, "rules.all.built": True, "rules.all.one_line": 0.7, "rules.all.forest": 0.9,
    "findings.random.pr_auc": 0.9, "operator.best.precision.one_per_mille": 0.2,
    "operator.prevalence.one_per_mille": 0.001, "clean.prevalence": 0.2, "findings.by_file.built": True,
    "evasion.recall": 0.5, "evasion.unattacked": 0.9, "evasion.queries": 100, "evasion.bytes": 10_000,
    "evasion.seconds": 60, "evasion.ranked.both": 0.1, "rank.count": 10, "gap.shortcuts": [],
    "ledger.same_data_set": False,
}  # fmt: skip
"""Values under which every check is met."""
RANKED = ["Bwd Packet Length Std", "Packet Length Mean", "Fwd IAT Std"]


@pytest.fixture
def pitfalls(root: Path) -> list[Pitfall]:
    return load(root / "config" / "pitfalls.yaml")


def verdicts(pitfalls: list[Pitfall], values: dict) -> dict[str, str]:
    record = report_pitfalls(pitfalls, entries(values), RANKED, "synthetic twin")
    return dict(zip(record.tables["pitfalls"].column("id"), record.tables["pitfalls"].column("verdict"), strict=True))


def test_there_are_ten_and_each_can_be_avoided(pitfalls):
    assert len(pitfalls) == 10
    assert set(verdicts(pitfalls, FULL).values()) == {"avoided"}
    record = report_pitfalls(pitfalls, entries(FULL), RANKED, "synthetic twin")
    assert record.values["pitfalls.limits"].value == "avoids all"
    assert record.values["pitfalls.count.avoided"].value == 10


def test_each_verdict_turns_where_its_evidence_is_missing(pitfalls):
    """Each is not avoided where all that it names is gone, and its words then say something else."""
    for pitfall in pitfalls:
        gone = {key for check in pitfall.checks for key in (*Condition(check.holds).keys, *PLACE.findall(check.says))}
        own = {"pitfalls.mutable": 2, "rank.count": 10, "clean.prevalence": 0.2}
        values = {key: value for key, value in FULL.items() if key not in gone} | own
        assert pitfall.verdict(entries(values)) == "present", pitfall.id
        met, unmet = ([check.words(entries(some | own)) for check in pitfall.checks] for some in (FULL, values))
        assert all(a != b for a, b in zip(met, unmet, strict=True)), pitfall.id


def test_a_leak_makes_of_snooping_a_pitfall_avoided_in_part(pitfalls):
    assert verdicts(pitfalls, FULL | {"leak.any": True})["data_snooping"] == "partly"


def test_models_that_see_a_shortcut_and_conditions_chosen_after_the_data_were_seen_are_avoided_in_part(pitfalls):
    assert verdicts(pitfalls, FULL | {"gap.shortcuts": ["Destination Port"]})["spurious_correlations"] == "partly"
    assert verdicts(pitfalls, FULL | {"ledger.same_data_set": True})["data_snooping"] == "partly"


def test_a_value_that_is_missing_for_a_reason_speaks_for_nothing():
    check = Check(holds="findings.port.built", says="port alone: {findings.port.f1}", otherwise="no port")
    assert check.words(entries({"findings.port.built": True, "findings.port.f1": 0.7})) == "port alone: 0.7"
    assert check.words(entries({"findings.port.built": True, "findings.port.f1": None})) == "no port"
    assert check.words(entries({"findings.port.f1": 0.7})) == "no port"
    missing = Check(holds="a.b or a.c", says="yes", otherwise="no")
    assert missing.words(entries({"a.b": None, "a.c": True})) == "no"


def test_features_of_the_server_alone_are_not_the_senders(pitfalls):
    record = report_pitfalls(pitfalls, entries(FULL), RANKED, "synthetic twin")
    assert record.values["pitfalls.mutable"].value == 2


def test_the_json_holds_rules_evidence_and_both_verdicts(pitfalls):
    found = as_json(pitfalls, entries(FULL | {"pitfalls.mutable": 2}))
    snooping = next(one for one in found if one["id"] == "data_snooping")
    assert snooping["checks"][0] == {
        "rule": "not leak.any", "met": True, "evidence": {"leak.any": False, "leak.tested": 7},
        "words": "fits to shuffled labels: no better than chance in 7 of 7 splits",
    }  # fmt: skip
    assert {one["here"] for one in found} == {"avoided"}
    assert {one["source"] for one in found} <= {"avoided", "partly", "present", "unclear"}


def test_the_limits_are_a_sentence():
    assert limits({"present": ["a"]}) == "does not avoid one (a)"
    assert limits({"partly": ["a", "b"], "avoided": ["c"]}) == "avoids two only in part (a and b)"
