"""The conditions that claims of publications ask for, so that each is judged under its own protocol."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.conditions.catalogue import expanded, rows_of_source
from analysis.conditions.condition import Condition
from analysis.conditions.findings import LACKING, rows_of
from analysis.errors import UserError
from analysis.studies.read import FOLDER, Claim, StudyFile, line_of

if TYPE_CHECKING:
    from analysis.settings import Study

NEEDS = {
    "campaigns": ("times", "hosts"), "chronological": ("times",), "type_out": ("types",), "family_out": ("types",),
    "attempted_attack": ("attempted",), "attempted_out": ("attempted",), "types": ("types",),
    "attack_types": ("types",),
}  # fmt: skip
"""What flows must tell of themselves for a level to be built."""


def name_of(study: StudyFile, claim: Claim) -> str:
    """What the condition of a claim is called among those of all studies."""
    return f"{study.id}.{claim.id}"


def lacking(claim: Claim, told: Collection[str]) -> str | None:
    """Why flows that tell this of themselves cannot be asked; None where they can."""
    levels = [level.partition(":")[0] for level in claim.protocol.levels().values()]
    wanted = [need for level in levels for need in NEEDS.get(level, ())]
    return next((LACKING[need] for need in wanted if need not in told), None)


def conditions(study: Study, files: Iterable[StudyFile], told: Collection[str]) -> dict[str, Condition]:
    """The conditions of all claims that flows can be asked for, by the claims' names.

    UserError with file and line for an unknown level.

    Where the source has the same condition it is that one, and else fitted on as many flows as the second part's.
    """
    found: dict[str, Condition] = {}
    if study.study != "full":
        return found
    for file in files:
        for number, claim in enumerate(file.claims):
            if not claim.runs:
                continue
            condition = _condition(study, file, number, claim)
            if lacking(claim, told) is None:
                found[name_of(file, claim)] = condition
    return found


def _condition(study: Study, file: StudyFile, number: int, claim: Claim) -> Condition:
    levels = claim.protocol.levels()
    path = FOLDER / f"{file.id}.yaml"
    for factor, level in levels.items():
        try:
            next(expanded(study, {factor: level}, f"claims.{number}.protocol"))
        except UserError as error:
            line = line_of(path, "claims", number, "protocol", factor)
            raise UserError(f"{path}, line {line}: {error}; or say with 'missing' that there is none") from None
    (condition,) = expanded(study, levels, "")
    validated = claim.protocol.threshold != "own"
    plain = condition.split_id == "random" and not validated
    rows = rows_of_source(study, condition.features, condition.target) if plain else rows_of(study)
    return replace(condition, train_rows=rows, validated=validated)
