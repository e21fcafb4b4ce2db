"""Conditions of the paper's second part: one factor at a time from the source's baseline, then the strict corner."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analysis.conditions.condition import Condition
from analysis.conditions.models import SOURCE

if TYPE_CHECKING:
    from analysis.settings import Study

TOLD = ("types", "times", "hosts", "attempted", "files")
"""What flows may tell of themselves beside features and class."""
LACKING = {
    "types": "the labels tell no types of attack apart",
    "times": "the flows have no times",
    "hosts": "the flows have no addresses",
    "attempted": "the release labels no attack as attempted",
    "files": "the flows tell their days",
}
"""Why a row cannot be built where the flows do not tell what it needs."""
FOREST = ("random_forest",)


@dataclass(frozen=True)
class Row:
    """A row of the table of conditions: its key and words, its levels, what it ``needs``, and which models it has."""

    key: str
    words: str
    condition: Condition
    needs: tuple[str, ...] = ()
    models: tuple[str, ...] = FOREST

    @property
    def where(self) -> str:
        """Its words, and the split where they do not say it."""
        said = self.condition.split != Condition().split or self.key == "random"
        return self.words if said else f"{self.words}; random split"

    def lacking(self, told: Collection[str]) -> str | None:
        """Why it cannot be built from flows that tell this of themselves; None where it may be."""
        return next((LACKING[need] for need in self.needs if need not in told), None)


ROWS = (
    Row("random", "random split", Condition(), models=tuple(SOURCE)),
    Row("duplicates_drop", "repeats dropped", Condition(duplicates="drop")),
    Row("duplicates_together", "repeats on one side", Condition(duplicates="together")),
    Row("campaigns", "campaigns apart", Condition(split="campaigns"), ("times", "hosts")),
    Row("chronological", "end of each type", Condition(split="chronological"), ("times",)),
    Row("day_forward", "later day", Condition(split="day_forward"), models=tuple(SOURCE)),
    Row("by_file", "other file", Condition(split="by_file"), ("files",)),
    Row("type_out", "unseen type", Condition(split="type_out"), ("types",)),
    Row("family_out", "unseen family", Condition(split="family_out"), ("types",), tuple(SOURCE)),
    Row("all", "all features", Condition(features="all")),
    Row("without_shortcuts", "without shortcuts", Condition(features="without_shortcuts")),
    Row("without_answers", "without lengths of answers", Condition(features="without_answers")),
    Row("port", "port alone", Condition(features="port")),
    Row("best_single", "highest-ranked alone", Condition(features="best_single")),
    Row("attempted_attack", "attempted as attacks", Condition(labels="attempted_attack"), ("attempted",)),
    Row("attempted_out", "attempted left out", Condition(labels="attempted_out"), ("attempted",)),
    Row("strict_campaigns", "strict by campaign",
        Condition(split="campaigns", duplicates="together", features="without_shortcuts"), ("times", "hosts")),
    Row("strict_day_forward", "strict by day",
        Condition(split="day_forward", duplicates="together", features="without_shortcuts")),
)  # fmt: skip
"""Strict: all copies of a flow on one side, no shortcuts among the features, and a split by event or by day."""

ELSEWHERE = (*(f"random.{model}" for model in SOURCE), "all.random_forest", "without_shortcuts.random_forest")
"""The conditions whose models are also tested on the flows of another build, where one is named."""


def rows_of(study: Study) -> int:
    """Flows that each model of the second part is fitted on, at most; 0: all."""
    return study.findings.train_rows if study.data is not None else study.findings.twin_rows


def conditions(study: Study, told: Collection[str]) -> Iterator[tuple[str, str, Condition]]:
    """The conditions of the rows that flows can be asked for which tell this of themselves; none for the source study.

    Each holds back a part of its training flows, on which thresholds are set.
    """
    if study.study != "full":
        return
    for row in ROWS:
        if row.lacking(told) is None:
            for model in row.models:
                condition = replace(row.condition, model=model, train_rows=rows_of(study), validated=True)
                yield "findings", f"{row.key}.{model}", condition
