"""The table of rules: id, severity, message, what checks it, and whether it may be set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from paper.lint.rules import claims, comparisons, numbers, values
from paper.lint.text import Document, Hit, Lines

PAGES = Path("docs/lint")


@dataclass(frozen=True)
class Rule:
    """A rule. ``check`` is None where the manuscript's filters find it, or where it needs the other rules' results."""

    id: str
    message: str
    check: Callable[[Document], Iterator[Hit | Lines]] | None = None
    severity: Literal["error", "note"] = "error"
    may_be_set_aside: bool = False
    needs_record: bool = False

    @property
    def page(self) -> Path:
        """Its page of documentation."""
        return PAGES / f"{self.id}.md"


_RULES = (
    Rule("digit", "a typed number; show a value", numbers.digits, may_be_set_aside=True),
    Rule("number-word", "a number in words; show a value with form=word", numbers.words, may_be_set_aside=True),
    Rule("claim-needed", "a comparison outside a claim", comparisons.comparisons, may_be_set_aside=True),
    Rule("value-not-rendered", "a value that does not render", values.not_rendered),
    Rule("set-aside", "a wrong use of lint-ok"),
    # The filters find it too, in the record of a build.
    Rule("claim", "a claim that does not hold, is not defined, or is in the wrong place", claims.misplaced),
    Rule("duplicate-key", "a key recorded twice", values.repeated, needs_record=True),
    Rule("unused-value", "recorded, and never shown", values.unused, severity="note", needs_record=True),
    # Found by the filters, in the record of a build.
    Rule("unknown-key", "a key, form or condition that the record does not have", needs_record=True),
    Rule("unknown-table", "a table, column or row that the record does not have", needs_record=True),
    Rule("unresolved-reference", "a cross-reference that leads nowhere", needs_record=True),
    Rule("unresolved-citation", "a citation that is not in the bibliography", needs_record=True),
    Rule("duplicate-id", "an id given twice", needs_record=True),
    Rule("missing-picture", "a picture that the build does not have", needs_record=True),
    Rule("no-alt-text", "a picture without alternative text", needs_record=True),
    Rule("no-caption", "a table without a caption", needs_record=True),
    Rule("not-understood", "markup that would be printed as it stands", needs_record=True),
    Rule("manuscript", "something else that the filters refuse", needs_record=True),
)
RULES = {rule.id: rule for rule in _RULES}
