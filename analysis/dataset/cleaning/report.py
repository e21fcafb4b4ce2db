"""What cleaning did, as values and tables: each decision with its cost in flows and attacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analysis.dataset.cleaning.policy import Cleaned, Decision
from analysis.dataset.release import Release
from analysis.record import Column, Record, Table

CHOICES = {
    "attempted": {"benign": "counted as benign", "attack": "counted as attacks", "out": "left out"},
    "non_finite": {"drop": "dropped", "missing": "kept, the cells as missing"},
    "magnitude": {"drop": "dropped", "missing": "kept, the cells as missing"},
    "negatives": {"keep": "kept", "drop": "dropped", "missing": "kept, the cells as missing"},
    "sentinels": {"keep": "kept as a sentinel", "drop": "dropped", "missing": "kept, the cells as missing"},
    "duplicates": {"keep": "kept", "drop": "dropped, the first of each kept"},
    "constant": {"drop": "columns dropped", "keep": "columns kept"},
}
"""Every choice of a decision, in words."""
CONCERNS = {
    "attempted": "flows labelled as attempted attacks",
    "non_finite": "cells that are infinite or not a number",
    "magnitude": "cells of impossible size",
    "negatives": "cells below zero that cannot be",
    "sentinels": "sentinels",
    "duplicates": "repeated flows",
    "constant": "columns of one value",
    "empty": "columns without a value",
    "missing": "cells kept as missing",
}
"""What a decision or a count is about, in words."""

COLUMNS_ONLY = "a decision about columns costs no flow"


def report_cleaning(cleaned: Cleaned, release: Release, synthetic: bool, data: str, blank_rows: int = 0) -> Record:
    """Values ``data.*`` and ``clean.*``; tables ``cleaning`` and ``constant_columns``."""
    record = Record("clean", data)
    _data_values(record, cleaned.decision("read"), release, synthetic, data)
    _clean_values(record, cleaned)
    _choice_values(record, cleaned)
    record.table(
        "cleaning",
        "Cleaning, decision by decision",
        [Column("what", "Step", align="left"), Column("decision", "Decision", align="left"),
         Column("flows", "Flows", "integer"), Column("attacks", "Attacks", "integer"),
         Column("left", "Flows left", "integer"), Column("left_attacks", "Attacks left", "integer")],
        _rows(cleaned, release, blank_rows),
        notes=["In this order; each decision concerns what the earlier ones left."
               " Sentinels mark flows to which a column does not apply. Repeats: all features and the label equal."],
    )  # fmt: skip
    record.table(
        "constant_columns",
        "Columns that do not vary",
        [Column("column", "Column", align="left"),
         Column("value", "Its only value", "significant:4", unit="as in the release"),
         Column("expected", "Constant in the complete release", align="left")],
        [{"column": name, "value": value, "expected": _expected(name, release)}
         for name, value in cleaned.constant.items()],
    )  # fmt: skip
    return record


def _expected(name: str, release: Release) -> str:
    """Whether a column is constant in the complete release; a description without any such column does not know."""
    if not release.constant:
        return "not known"
    return "yes" if name in release.constant else "no, only in these flows"


def _rows(cleaned: Cleaned, release: Release, blank_rows: int) -> Iterator[dict[str, Any]]:
    """Rows of the table: what was read, and each decision that concerns something or was set."""
    standard = type(cleaned.policy)()
    for decision in cleaned.decisions:
        words = CHOICES.get(decision.kind, {}).get(decision.choice)
        row = {"what": _what(decision, cleaned, release),
               "decision": words or Table.cell(None, "text", reason="nothing to decide"),
               "flows": decision.flows, "attacks": decision.attacks, "left": decision.left,
               "left_attacks": decision.left_attacks}  # fmt: skip
        if decision.kind == "constant":
            row |= dict.fromkeys(("flows", "attacks"), Table.cell(None, "integer", reason=COLUMNS_ONLY))
        always = decision.kind not in ("attempted", "magnitude", "negatives", "constant")
        is_set = decision.choice != getattr(standard, decision.kind, decision.choice)
        if always or is_set or decision.flows or (decision.kind == "constant" and cleaned.constant):
            yield row
        if decision.kind == "read" and blank_rows:
            yield row | {"what": "Blank rows beside them", "decision": "dropped on reading", "flows": blank_rows,
                         "attacks": 0}  # fmt: skip


def _what(decision: Decision, cleaned: Cleaned, release: Release) -> str:
    if decision.kind == "sentinels":
        (name,) = decision.cells
        return f"{name} = {release.sentinels[name].value}".replace("-", "\N{MINUS SIGN}")
    return {
        "read": "Flows read",
        "attempted": "Attempted attacks",
        "non_finite": "Infinite or not a number in any feature",
        "magnitude": "Number too large for arithmetic in any feature",
        "negatives": "Impossible negative in any feature",
        "duplicates": "Repeats of an earlier flow",
        "constant": f"Columns that do not vary: {len(cleaned.constant)}",
    }[decision.kind]


def _data_values(record: Record, read: Decision, release: Release, synthetic: bool, data: str) -> None:
    flows, attacks = read.flows, read.attacks
    record.value("data.flows", flows, "integer", "flows read, before cleaning", unit="flows")
    record.value("data.attacks", attacks, "integer", "flows read whose label is an attack (attempted ones apart)",
                 unit="flows", n=flows)  # fmt: skip
    record.value("data.benign", flows - attacks, "integer", "flows read that are not attacks", unit="flows", n=flows)
    record.value("data.prevalence", attacks / flows, "percent:1", "share of attacks among the flows read",
                 unit="fraction", n=flows)  # fmt: skip
    record.value("data.release", release.title, "text", "release that the flows have the form of", unit="")
    record.value("data.synthetic", synthetic, "text", "whether the flows are generated", unit="")
    record.value("data.name", data, "text", "what the flows are", unit="")
    record.value("data.caption_marker", "Synthetic twin." if synthetic else "", "text", "ends every caption", unit="")
    record.value("words.flows", "generated flows" if synthetic else "flows", "text", "what flows are called", unit="")


def _clean_values(record: Record, cleaned: Cleaned) -> None:
    read, left = cleaned.decision("read"), cleaned.decisions[-1]
    tried, non_finite, magnitude, negatives, repeated = (
        cleaned.decision(kind) for kind in ("attempted", "non_finite", "magnitude", "negatives", "duplicates")
    )
    # What the sentinels left is what repeats are sought in.
    distinct_of = [decision for decision in cleaned.decisions if decision.kind != "constant"][-2].left
    flows = read.flows
    record.value("clean.flows", left.left, "integer", "flows after cleaning", unit="flows")
    record.value("clean.attacks", left.left_attacks, "integer", "attacks after cleaning", unit="flows", n=left.left)
    record.value("clean.prevalence", left.left_attacks / left.left, "percent:1", "share of attacks after cleaning",
                 unit="fraction", n=left.left)  # fmt: skip
    record.value("clean.attempted", tried.flows, "integer", "flows labelled as attempted attacks", unit="flows",
                 n=flows)  # fmt: skip
    record.value("clean.non_finite", non_finite.flows, "integer",
                 "flows with a feature that is infinite or not a number", unit="flows", n=flows,
                 table="cleaning")  # fmt: skip
    record.value("clean.non_finite_columns", list(non_finite.cells), "list",
                 "columns with a cell that is infinite or not a number", unit="")  # fmt: skip
    record.value("clean.magnitude", magnitude.flows, "integer",
                 "flows with a number too large for later arithmetic", unit="flows", n=non_finite.left)  # fmt: skip
    record.value("clean.magnitude_columns", list(magnitude.cells), "list",
                 "columns with a number too large for later arithmetic", unit="")  # fmt: skip
    record.value("clean.negatives", negatives.flows, "integer",
                 "flows with a feature below zero that is no sentinel", unit="flows", n=magnitude.left)  # fmt: skip
    record.value("clean.negatives_columns", list(negatives.cells), "list",
                 "columns with a cell below zero that is no sentinel", unit="")  # fmt: skip
    record.value("clean.sentinels", cleaned.marked, "integer", "flows with a sentinel in a column", unit="flows",
                 n=negatives.left)  # fmt: skip
    marked = {name for one in cleaned.decisions if one.kind == "sentinels" for name, n in one.cells.items() if n}
    record.value("clean.sentinels_columns", sorted(marked), "list",
                 "columns with a sentinel", unit="")  # fmt: skip
    record.value("clean.sentinels_share", cleaned.marked / negatives.left if negatives.left else 0.0, "percent:1",
                 "flows with a sentinel as a share of those that the earlier decisions left", unit="fraction",
                 n=negatives.left)  # fmt: skip
    record.value("clean.duplicates", repeated.flows, "integer",
                 "flows that repeat an earlier one in all features and the label", unit="flows",
                 n=distinct_of)  # fmt: skip
    record.value("clean.duplicates_share", repeated.flows / distinct_of if distinct_of else 0.0, "percent:1",
                 "repeated flows as a share of those that the earlier decisions left", unit="fraction",
                 n=distinct_of)  # fmt: skip
    record.value("clean.constant", len(cleaned.constant), "integer", "columns that do not vary", unit="columns")
    record.value("clean.features", cleaned.features, "integer", "features after cleaning", unit="columns")
    record.value("clean.empty", len(cleaned.empty), "integer", "columns without a value in one of the classes",
                 unit="columns")  # fmt: skip
    record.value("clean.empty_columns", list(cleaned.empty), "list",
                 "columns without a value in one of the classes, which are dropped", unit="")  # fmt: skip
    record.value("clean.missing", sum(cleaned.missing.values()), "integer", "missing cells in the cleaned flows",
                 unit="cells", n=left.left)  # fmt: skip
    record.value("clean.missing_columns", list(cleaned.missing), "list", "columns with missing cells", unit="")


def _choice_values(record: Record, cleaned: Cleaned) -> None:
    """What passages of the paper ask: which choice was made, and whether there is anything that it concerns."""
    for kind, choices in CHOICES.items():
        for choice, words in choices.items():
            holds = getattr(cleaned.policy, kind) == choice
            record.value(
                f"clean.{kind}_{choice}",
                holds,
                "text",
                f"whether the choice about {CONCERNS[kind]} is: {words}",
                unit="",
            )
    kept = cleaned.policy.duplicates == "keep"
    record.value("clean.duplicates_kept", kept, "text", "whether repeated flows are kept", unit="")
    for name, found in (
        ("attempted", cleaned.decision("attempted").flows),
        ("non_finite", cleaned.decision("non_finite").flows),
        ("magnitude", cleaned.decision("magnitude").flows),
        ("negatives", cleaned.decision("negatives").flows),
        ("sentinels", cleaned.marked),
        ("constant", cleaned.constant),
        ("empty", cleaned.empty),
        ("missing", cleaned.missing),
    ):
        record.value(f"clean.any_{name}", bool(found), "text", f"whether there are {CONCERNS.get(name, name)}", unit="")
    for name, kind, choice in (
        ("negatives_kept_some", "negatives", "keep"),
        ("negatives_dropped_some", "negatives", "drop"),
        ("negatives_missing_some", "negatives", "missing"),
        ("constant_dropped_some", "constant", "drop"),
        ("constant_kept_some", "constant", "keep"),
    ):
        found = cleaned.constant if kind == "constant" else cleaned.decision(kind).flows
        some = bool(found) and getattr(cleaned.policy, kind) == choice
        record.value(
            f"clean.{name}",
            some,
            "text",
            f"whether there are {CONCERNS[kind]}, and the choice is: {CHOICES[kind][choice]}",
            unit="",
        )
