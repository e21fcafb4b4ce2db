"""The ledger as a file, values and tables; and mistakes in the list of claims."""

from __future__ import annotations

import copy

import pytest

from analysis.audit.ledger import entry
from analysis.audit.ledger_report import report_verdicts
from analysis.audit.verdicts.claims import SourceClaim, load_claims
from analysis.audit.verdicts.decisions import VERDICTS
from analysis.audit.verdicts.rules import RULES, judge
from analysis.dataset.release import ANY_ATTACK
from analysis.errors import UserError
from analysis.record import snake
from tests.audit.conftest import METADATA, predictions

NUMBER = SourceClaim(
    id="recall", short="s", says="a recall", kind="number", test="t", printed="models.random_forest.recall"
)


def rows(evidence, *claims):
    return [entry(claim, judge(claim, evidence), evidence) for claim in claims]


def test_a_row_says_what_the_verdict_rests_on(evidence):
    [row] = rows(evidence, NUMBER)
    assert row["allowed"] == {"low": pytest.approx(0.845), "high": pytest.approx(0.895)}
    assert (row["printed"], row["value"], row["n_test"], row["n_train"]) == (0.87, 0.87, 100_000, 400_000)
    assert row["interval"]["low"] < 0.87 < row["interval"]["high"]
    assert (row["drawn"], row["verdict"], row["n_for_tolerance"]) == ("in natural shares", "reproduced", 5500)


def test_values_stand_in_the_cells_that_they_name(doctored, evidence):
    """Also where there is no number: then neither has one."""
    silent = {**evidence.binary["selected"], "adaboost": predictions(80_000, 0, 20_000, 0)}
    changed = doctored(binary={**evidence.binary, "selected": silent})
    other = NUMBER.model_copy(update={"id": "precision", "printed": "models.adaboost.precision"})
    words = SourceClaim(id="forest_wins", short="w", says="w", kind="ranking", test="t")
    record = report_verdicts(rows(changed, NUMBER, other, words), changed)
    named = [value for value in record.values.values() if "row" in value.origin]
    assert {value.key.rpartition(".")[2] for value in named} == {"verdict"}
    for value in named:
        row, column = value.origin["row"], value.origin["column"]
        table = record.tables[value.origin["table"]]
        cells = dict(zip([row.id for row in table.rows], table.column(column), strict=True))
        assert cells[row] == value.value, value.key


def test_words_and_reasons_have_rows_where_something_is_measured(doctored, evidence, source):
    few = {**METADATA, "release": "corrected"}
    names = ("always_benign", "forest_wins", "named_features", "hundreds_of_trees", "retraining", "f1_xss")
    claims = [claim for claim in load_claims(source, RULES) if claim.id in names]
    record = report_verdicts(rows(doctored(metadata=few), *claims), doctored(metadata=few))
    assert [row.id for row in record.tables["ledger_words"].rows] == ["always_benign", "forest_wins"]
    assert [row.id for row in record.tables["ledger_numbers"].rows] == ["f1_xss"]
    assert [row.id for row in record.tables["ledger"].rows] == [claim.id for claim in claims]
    assert record.values["ledger.untestable"].text == "hundreds of trees vote and continuous retraining"
    told = "two (another release than the source’s)"
    assert record.values["ledger.not_comparable.list"].text == told


def test_claims_of_one_reason_are_counted(doctored, source):
    corrected = doctored(metadata={**METADATA, "release": "corrected"})
    claims = [claim for claim in load_claims(source, RULES) if (claim.printed or "").startswith("models")]
    record = report_verdicts(rows(corrected, *claims), corrected)
    assert record.values["ledger.not_comparable.list"].text == "16 (another release than the source’s)"


def test_a_printed_number_has_its_band_and_no_more_than_there_is(evidence, source):
    claims = [
        claim for claim in load_claims(source, RULES) if claim.id in ("precision_random_forest", "accuracy_types")
    ]
    record = report_verdicts(rows(evidence, *claims), evidence)
    first, second = record.tables["ledger_numbers"].records()
    assert (first["group"], first["measure"], first["printed"]) == ("Random forest", "Precision", 0.99)
    assert (first["band_low"], first["band_high"]) == (pytest.approx(0.965), 1.0)
    assert (second["group"], second["measure"]) == ("Attack types", "Accuracy")


def test_verdicts_are_counted(evidence):
    found = rows(evidence, NUMBER, NUMBER.model_copy(update={"id": "other", "kind": "opinion", "printed": None}))
    record = report_verdicts(found, evidence)
    counts = {verdict: record.values[f"ledger.count.{snake(verdict)}"].value for verdict in VERDICTS}
    assert sum(counts.values()) == record.values["ledger.claims"].value == 2
    assert counts["reproduced"] == counts["untested opinion"] == 1
    assert record.values["ledger.verdicts"].value == ["one is reproduced"]
    for n, words in ((1, "one does not follow"), (2, "two do not follow")):
        told = report_verdicts([{**found[0], "verdict": "does not follow", "id": f"a{i}"} for i in range(n)], evidence)
        assert told.values["ledger.verdicts"].value == [words]
    assert record.values["ledger.judged"].value is True


def test_without_types_their_numbers_have_no_row(doctored, source):
    untyped = doctored(types={}, metadata={**METADATA, "grouped": [ANY_ATTACK], "typed": False})
    printed = [claim for claim in load_claims(source, RULES) if claim.printed]
    groups = set(report_verdicts(rows(untyped, *printed), untyped).tables["ledger_numbers"].column("group"))
    assert len(groups) == 4
    assert "Attack types" not in groups


def test_on_synthetic_flows_no_row_gets_a_verdict(doctored, source):
    synthetic = doctored(metadata={**METADATA, "synthetic": True})
    claims = [c for c in load_claims(source, RULES) if (c.printed or "").startswith("models") or c.kind == "opinion"]
    record = report_verdicts(rows(synthetic, *claims), synthetic)
    # It is said once, not row by row; the figure and the table of words have no column for it either.
    for name in ("ledger", "ledger_numbers", "ledger_words"):
        assert "verdict" not in {column.key for column in record.tables[name].columns}
    assert record.tables["ledger"].notes[1] == "Synthetic flows check the pipeline: no claim gets a verdict."
    assert record.values["ledger.judged"].value is False
    assert record.values["ledger.count.synthetic_pipeline_check_only"].value == len(claims)


def test_every_number_the_source_prints_is_a_claim_and_stands_in_its_words(source):
    claims = {claim.printed: claim for claim in load_claims(source, RULES) if claim.printed}
    numbers = {f"models.{m}.{k}": v for m, metrics in source["models"].items() for k, v in metrics.items()}
    numbers |= {f"types.f1.{label}": v for label, v in source["types"]["f1"].items()}
    numbers |= {"types.accuracy": source["types"]["accuracy"]}
    assert claims.keys() == numbers.keys()
    for path, number in numbers.items():
        assert f"{number:.2f}" in claims[path].says
        assert f"{number:.2f}" in claims[path].short
    # The attacks that are missed are those not found: one number, counted once.
    assert f"{source['missed_attacks']:.0%}" in claims["models.random_forest.recall"].says
    assert source["missed_attacks"] == pytest.approx(1 - source["models"]["random_forest"]["recall"])


def test_the_claims_are_all_tested_or_opinions(source):
    claims = load_claims(source, RULES)
    assert {claim.kind for claim in claims} == {"number", "word", "ranking", "reason", "opinion", "description"}
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


@pytest.mark.parametrize(
    ("change", "models", "types"),
    [({}, True, True), ({"grouped": ["DoS"]}, True, False), ({"sampling": "unknown"}, False, False),
     ({"release": "corrected"}, False, False), ({"release": "ids2018"}, False, False),
     ({"synthetic": True}, True, True), ({"synthetic": True, "grouped": ["DoS"]}, True, False),
     ({"grouped": [ANY_ATTACK], "typed": False}, True, False)],
)  # fmt: skip
def test_numbers_are_compared_where_data_and_labels_allow_it(doctored, change, models, types):
    record = report_verdicts([], doctored(metadata={**METADATA, **change}))
    compared = [record.values[f"ledger.{place}_compared"].value for place in ("models", "types")]
    assert compared == [models, types]
