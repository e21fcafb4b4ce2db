"""The claims of the source study as config/source-study.yaml states them, and which data can speak to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis.audit.verdicts.decisions import OPINION, Finding, incomparable
from analysis.errors import UserError

FILE = "config/source-study.yaml"
SOURCE_RELEASES = ("original", "labelled")
"""Releases that hold the flows the source used: the original, and the same flows with addresses."""
NATURAL = {"per_label": "its flows were drawn label by label", "unknown": "it is unknown how its flows were drawn"}

UNTYPED = "the labels do not tell types apart"

TRAFFIC = (*SOURCE_RELEASES, "corrected", "wtmc2021", "cleaned")
"""Releases of the data set that the source used; what stands in another can be set beside it, and no more."""

Need = Literal["release", "shares", "types"]


class SourceClaim(BaseModel):
    """One claim: what it says in our words, in short for tables and in a sentence; its kind, test and needs.

    ``printed`` is where its number stands in the file (numbers only). ``needs``: the source's release, natural class
    shares, ungrouped type labels. ``within`` is the family whose single types the claim speaks of.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    short: str = Field(min_length=1, max_length=36)
    says: str = Field(min_length=1)
    kind: Literal["number", "word", "ranking", "reason", "opinion", "description"]
    test: str = Field(min_length=1)
    printed: str | None = None
    needs: tuple[Need, ...] = ()
    within: str | None = None


def load_claims(source: Mapping[str, Any], rules: Mapping[str, object]) -> list[SourceClaim]:
    """The claims in the order of the file; UserError for an unknown key, an id given twice, a claim without a rule."""
    claims = []
    for entry in source["claims"]:
        try:
            claims.append(SourceClaim.model_validate(entry))
        except ValidationError as error:
            item = error.errors()[0]
            key = ".".join(str(part) for part in item["loc"])
            raise UserError(f"{FILE}: claim {entry.get('id', '?')!r}: {key}: {item['msg'].lower()}") from None
    twice = [name for name, n in Counter(claim.id for claim in claims).items() if n > 1]
    if twice:
        raise UserError(f"{FILE}: claim {twice[0]!r} is given twice; give each an id of its own")
    for claim in claims:
        if claim.printed is None and claim.kind != "opinion" and claim.id not in rules:
            raise UserError(
                f"{FILE}: claim {claim.id!r} has no rule; name its number with 'printed', write a rule of that name in "
                "analysis/audit/verdicts/, or call it an opinion"
            )
        if claim.printed is not None and not _number(source, claim.printed):
            raise UserError(f"{FILE}: claim {claim.id!r}: there is no number at {claim.printed!r} in this file")
    return claims


def _number(source: Mapping[str, Any], path: str) -> bool:
    """Whether a number stands at the dotted ``path``; labels hold no dots."""
    found: Any = source
    for part in path.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return False
        found = found[part]
    return isinstance(found, (int, float))


def speaking_of(claims: Iterable[SourceClaim], metadata: Mapping[str, Any]) -> list[SourceClaim]:
    """The claims without those about single types that these data know as a group only."""
    return [claim for claim in claims if claim.within is None or claim.within not in metadata["grouped"]]


def judged(metadata: Mapping[str, Any]) -> bool:
    """Whether claims get verdicts: not on synthetic flows, and not on those of another data set."""
    return not metadata["synthetic"] and metadata["release"] in TRAFFIC


def comparable(source: Mapping[str, Any], metadata: Mapping[str, Any], place: str) -> bool:
    """Whether numbers that the ``source`` prints at ``place`` (models, types) have a counterpart in these data.

    On synthetic flows in the form of the source's they have one, as a check of the pipeline.
    """
    printed = [entry for entry in source["claims"] if entry.get("printed", "").startswith(f"{place}.")]
    there = [SourceClaim.model_validate(entry) for entry in printed]
    if metadata["synthetic"]:
        return any("types" not in claim.needs or not metadata["grouped"] for claim in there)
    return judged(metadata) and any(barrier(claim, metadata) is None for claim in there)


def barrier(claim: SourceClaim, metadata: Mapping[str, Any]) -> Finding | None:
    """The finding where the data cannot speak to a claim, whatever they show; None where they can."""
    if not judged(metadata):
        return None
    if claim.kind == "opinion":
        return Finding(OPINION, claim.test, None)
    if "release" in claim.needs and metadata["release"] not in SOURCE_RELEASES:
        return incomparable("another release than the source's")
    if "shares" in claim.needs and metadata["sampling"] != "natural":
        return incomparable(NATURAL[metadata["sampling"]])
    if "types" in claim.needs and not metadata["typed"]:
        return incomparable(UNTYPED)
    if "types" in claim.needs and metadata["grouped"]:
        return incomparable("the labels stand for groups of types")
    return None


def without_verdict(finding: Finding, verdict: str, why_not: str = "") -> Finding:
    """The same facts, with ``verdict`` in place of one that these data cannot give."""
    return replace(finding, verdict=verdict, why_not=finding.why_not or why_not)
