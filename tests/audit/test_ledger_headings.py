"""Every column of the ledger's tables, recomputed by its title from predictions and the source's numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sklearn.metrics as sk

from analysis.audit.ledger import entry
from analysis.audit.ledger_report import report_verdicts
from analysis.audit.verdicts.claims import SourceClaim, load_claims
from analysis.audit.verdicts.evidence import Evidence
from analysis.audit.verdicts.rules import RULES, judge
from analysis.detection.names import MODELS
from analysis.record import Table
from analysis.record.display import typographic

MEASURES: dict[str, tuple[str, Callable[..., float]]] = {
    "Accuracy": ("accuracy", sk.accuracy_score), "F1": ("f1", sk.f1_score),
    "Precision": ("precision", sk.precision_score), "Recall": ("recall", sk.recall_score),
}  # fmt: skip


@pytest.fixture
def claims(source: dict[str, Any]) -> dict[str, SourceClaim]:
    """Numbers of models, a claim in words and an opinion."""
    found = [claim for claim in load_claims(source, RULES) if (claim.printed or "").startswith("models.")]
    words = [claim for claim in load_claims(source, RULES) if claim.id in ("always_benign", "forest_wins")]
    opinion = next(claim for claim in load_claims(source, RULES) if claim.kind == "opinion")
    return {claim.id: claim for claim in [*found, *words, opinion]}


@pytest.fixture
def tables(claims: dict[str, SourceClaim], evidence: Evidence) -> dict[str, Table]:
    """The ledger's tables."""
    return report_verdicts(
        [entry(claim, judge(claim, evidence), evidence) for claim in claims.values()], evidence
    ).tables


def rows(table: Table) -> list[tuple[str, list[tuple[str, Any]]]]:
    """Id, and titles with values in the order of columns: 'from' and 'to' stand twice."""
    return [(row.id, [(column.title, cell.value) for column, cell in zip(table.columns, row.cells, strict=True)])
            for row in table.rows]  # fmt: skip


def test_a_printed_number_and_ours_stand_under_their_titles(
    tables: dict[str, Table], claims: dict[str, SourceClaim], evidence: Evidence, source: dict[str, Any]
) -> None:
    found = rows(tables["ledger_numbers"])
    assert len(found) == 16
    for name, row in found:
        titles = [title for title, _ in row]
        assert titles == ["Model", "Measure", "Printed", "Band from", "to", "Ours", "From", "to", "Here", "Verdict"]
        cells = [value for _, value in row]
        model = next(key for key, words in MODELS.items() if words.lower() == cells[0].lower())
        key, measure = MEASURES[cells[1]]
        assert claims[name].printed == f"models.{model}.{key}"
        printed = source["models"][model][key]
        frame = evidence.binary["selected"][model]
        ours = measure(frame["is_attack"].to_numpy(), frame["predicted"].to_numpy())
        half = source["half_unit"] + evidence.tolerance
        assert cells[2:6] == pytest.approx([printed, printed - half, min(printed + half, 1), ours])
        assert cells[6] < ours < cells[7]
        assert cells[7] - cells[6] < 0.02, "ends of an interval of 100,000 flows"
        assert f"{ours:.3f}" in str(cells[8])
        assert cells[9] == judge(claims[name], evidence).verdict


@pytest.mark.parametrize("name", ["ledger", "ledger_words"])
def test_words_and_verdicts_stand_under_their_titles(
    name: str, tables: dict[str, Table], claims: dict[str, SourceClaim], evidence: Evidence
) -> None:
    found = rows(tables[name])
    assert {id for id, _ in found} == (set(claims) if name == "ledger" else {"always_benign", "forest_wins"})
    for id, row in found:
        finding = judge(claims[id], evidence)
        said = [typographic(claims[id].short), finding.here, finding.verdict, typographic(finding.fact)]
        assert row == list(zip(["What the source says", "Here", "Verdict", "Measured"], said, strict=True))


def test_what_a_test_rests_on_stands_under_its_title(
    tables: dict[str, Table], claims: dict[str, SourceClaim], evidence: Evidence
) -> None:
    titles = ["Claim", "Kind", "Test", "Ours", "From", "To", "Training", "Flows", "Of these", "For ±0.02"]
    for id, row in rows(tables["ledger_tests"]):
        assert [title for title, _ in row] == titles
        *words, ours, low, high, trained, flows, of, needed = (value for _, value in row)
        claim = claims[id]
        assert words == [typographic(text) for text in (claim.short, claim.kind, claim.test)]
        if claim.printed is None:
            continue
        frame = evidence.binary["selected"][claim.printed.split(".")[1]]
        truth, called = (frame[column].to_numpy() for column in ("is_attack", "predicted"))
        share = {"accuracy": truth.size, "recall": truth.sum(), "precision": called.sum(),
                 "f1": (truth | called).sum()}[claim.printed.split(".")[2]]  # fmt: skip
        assert (trained, flows, of) == (400_000, 100_000, share), id
        assert low < ours < high
        # Half the width shrinks with the root of the flows; an interval of Wilson's is not wholly that.
        width = (high - low) / 2 * np.sqrt(flows / needed)
        assert width == pytest.approx(evidence.tolerance, rel=0.25), id
