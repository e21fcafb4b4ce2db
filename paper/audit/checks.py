"""What the build checked of itself: the lint of the manuscript, its claims, the ledger of the source study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.record import Table
from paper.audit.answers import Found
from paper.audit.markup import Node, el, folded, grid, key, said, searched, section, shown
from paper.lint.rules import RULES


def checks_section(unused: Sequence[str], claims: Mapping[str, Any], ledger: Mapping[str, Any], values: Found,
                   tables: Mapping[str, Table]) -> Node:  # fmt: skip
    """The section; ``unused`` are the values that no sentence shows, ``tables`` of the record by name."""
    parts = [*linted(unused), *claimed(claims, values), *judged(ledger), *published(tables)]
    return section("checks", "Checks of the paper", *parts)


def linted(unused: Sequence[str]) -> list[Node]:
    """What the lint looks for. A build with an error of it ends, so that this one has none."""
    errors = [rule for rule in RULES.values() if rule.severity == "error"]
    return [
        el("h2", "Lint"),
        el("p", f"No error by {len(errors)} rules: a build with one publishes nothing. {len(unused):,} values of the "
                "record are shown in no sentence; they are below all the same."),
        folded("Rules", el("ul", [el("li", el("code", name)) for name in RULES])),
    ]  # fmt: skip


def claimed(claims: Mapping[str, Any], values: Found) -> list[Node]:
    """Words that depend on data: the condition of each, and whether it holds."""
    held = sum(bool(claim["holds"]) for claim in claims.values())
    rows = [
        (
            el("code", name),
            "holds" if claim["holds"] else "does not hold: the paper prints its other sentence",
            el("code", claim["condition"]),
            [el("span", key(one, values), f" = {said(value)} ") for one, value in claim["values"].items()],
            claim["place"],
        )
        for name, claim in claims.items()
    ]
    heads = ("Claim", "Result", "Condition", "Values", "Place")
    return [
        el("h2", "Claims"),
        el("p", f"{held} of {len(claims)} hold. A sentence that compares numbers stands where its condition holds."),
        folded("All claims", searched("claims", heads, rows)),
    ]  # fmt: skip


def judged(ledger: Mapping[str, Any]) -> list[Node]:
    """Verdicts on what the source claims."""
    rows = [
        (el("code", one["id"]), one["says"], one["verdict"], one["sentence"] or one["why_not"] or "", one["test"])
        for one in ledger["claims"]
    ]
    counts = "; ".join(f"{words.replace('_', ' ')}: {count}" for words, count in ledger["counts"].items())
    heads = ("Key", "The source claims", "Verdict", "Because", "Test")
    return [el("h2", "Ledger"), el("p", f"{counts}."), folded("All claims of the source", grid(heads, rows,
            data_search="ledger"))]  # fmt: skip


def published(tables: Mapping[str, Table]) -> list[Node]:
    """Claims of other publications, each under its own protocol; a study of the source alone has none."""
    if "studies" not in tables:
        return []
    ran, cannot = (tables[name] for name in ("studies", "studies_cannot"))
    return [
        el("h2", "Claims of other studies"),
        el("p", f"{len(ran.rows)} are measured here under their own protocols, {len(cannot.rows)} cannot be."),
        folded("Measured here", shown(ran, [one.key for one in ran.columns if one.key not in ("id", "note")])),
        folded("Not measured, and why", shown(cannot, [one.key for one in cannot.columns if one.key != "id"])),
    ]
