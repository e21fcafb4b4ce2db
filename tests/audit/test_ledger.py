"""The ledger as a file, values and tables; and mistakes in the list of claims."""

from __future__ import annotations

import copy

import pytest

from analysis.audit.ledger import entry, report
from analysis.audit.verdicts.claims import Claim, load_claims
from analysis.audit.verdicts.decisions import SYNTHETIC, VERDICTS
from analysis.audit.verdicts.rules import RULES, judge
from analysis.errors import UserError
from analysis.record import snake
from tests.audit.conftest import ABOUT, predictions

NUMBER = Claim(id="recall", short="s", says="a recall", kind="number", test="t", printed="models.random_forest.recall")


def rows(evidence, *claims):
    return [entry(claim, judge(claim, evidence), evidence, 2_830_743) for claim in claims]


def test_a_row_says_what_the_verdict_rests_on(evidence):
    [row] = rows(evidence, NUMBER)
    assert row["allowed"] == {"low": pytest.approx(0.845), "high": pytest.approx(0.895)}
    assert (row["printed"], row["value"], row["n_test"], row["n_train"]) == (0.87, 0.87, 100_000, 400_000)
    assert row["interval"]["low"] < 0.87 < row["interval"]["high"]
    assert (row["drawn"], row["verdict"], row["n_decides"]) == ("in natural shares", "reproduced", None)


def test_the_deciding_number_is_a_value_where_it_is_open(doctored, evidence):
    few = {**evidence.binary["ten"], "random_forest": predictions(800, 2, 26, 174)}
    changed = doctored(binary={**evidence.binary, "ten": few})
    [row] = rows(changed, NUMBER)
    record = report([row], changed)
    assert record.values["ledger.recall.n_decides"].value == row["n_decides"] > 1002
    assert f"{row['sentence']}".endswith("test flows would decide.")
    assert record.tables["ledger_tests"].column("n_decides")[0] >= row["n_decides"]


def test_verdicts_are_counted(evidence):
    found = rows(evidence, NUMBER, NUMBER.model_copy(update={"id": "other", "kind": "opinion", "printed": None}))
    record = report(found, evidence)
    counts = {verdict: record.values[f"ledger.count.{snake(verdict)}"].value for verdict in VERDICTS}
    assert sum(counts.values()) == record.values["ledger.claims"].value == 2
    assert counts["reproduced"] == counts["untested opinion"] == 1
    assert record.values["ledger.judged"].value is True


def test_on_synthetic_flows_no_row_gets_a_verdict(doctored, source):
    synthetic = doctored(about={**ABOUT, "synthetic": True})
    claims = [c for c in load_claims(source, RULES) if (c.printed or "").startswith("models") or c.kind == "opinion"]
    record = report(rows(synthetic, *claims), synthetic)
    assert set(record.tables["ledger"].column("verdict")) == {SYNTHETIC}
    assert record.values["ledger.judged"].value is False
    assert record.values["ledger.count.synthetic_pipeline_check_only"].value == len(claims)


def test_every_number_the_source_prints_is_a_claim_and_stands_in_its_words(source):
    claims = {claim.printed: claim for claim in load_claims(source, RULES) if claim.printed}
    numbers = {f"models.{m}.{k}": v for m, metrics in source["models"].items() for k, v in metrics.items()}
    numbers |= {f"types.f1.{label}": v for label, v in source["types"]["f1"].items()}
    numbers |= {"types.accuracy": source["types"]["accuracy"]}
    assert claims.keys() == numbers.keys() | {"missed_attacks"}
    for path, number in numbers.items():
        assert f"{number:.2f}" in claims[path].says
        assert f"{number:.2f}" in claims[path].short
    assert f"{source['missed_attacks']:.0%}".removesuffix("%") in claims["missed_attacks"].says


def test_the_claims_are_all_tested_or_opinions(source):
    claims = load_claims(source, RULES)
    assert {claim.kind for claim in claims} == {"number", "word", "ranking", "reason", "opinion"}
    assert len({claim.short for claim in claims}) == len(claims)
    assert set(RULES) <= {claim.id for claim in claims}


@pytest.mark.parametrize(
    ("change", "message"),
    [({"kind": "guess"}, "kind"), ({"id": "many_flows"}, "given twice"), ({"id": "unheard_of"}, "has no rule"),
     ({"wrong": 1}, "wrong"), ({"printed": "models.svm.f1"}, "no number at"), ({"needs": ["luck"]}, "needs"),
     ({"test": ""}, "test")],
)  # fmt: skip
def test_mistakes_in_the_list_are_named(source, change, message):
    changed = copy.deepcopy(source)
    changed["claims"][1] |= change
    with pytest.raises(UserError, match=message) as caught:
        load_claims(changed, RULES)
    assert "config/source-study.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)
