"""Named rules that set findings aside everywhere, with a reason: proper names, idioms, sections without results."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from analysis.errors import UserError
from paper.lint.rules import RULES
from paper.lint.rules.asides import NEVER
from paper.lint.text import Hit

FILE = Path(__file__).with_name("exempt.yaml")
FIELDS = {"name", "rules", "reason", "patterns", "sections", "kinds"}


@dataclass(frozen=True)
class Exemption:
    """One named rule: whole ``sections``, or ``patterns`` that cover the words found (only in ``kinds`` of passage)."""

    name: str
    rules: tuple[str, ...]
    reason: str
    patterns: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        # A space stands for any white space; names keep their case, phrases need not.
        flags = re.NOFLAG if "digit" in self.rules else re.IGNORECASE
        return re.compile("|".join(rf"(?<!\w)(?:{p})(?!\w)".replace(" ", r"\s+") for p in self.patterns), flags)

    def covers(self, rule: str, hit: Hit) -> bool:
        """Whether it sets aside what ``rule`` found."""
        if rule not in self.rules or (self.kinds and hit.passage.kind not in self.kinds):
            return False
        if not self.patterns:
            return not self.sections or bool(set(self.sections) & set(hit.passage.sections))
        text = hit.passage.text
        return any(m.start() <= hit.start and m.end() >= hit.end for m in self._pattern.finditer(text))


def read(path: Path = FILE) -> list[Exemption]:
    """Read the named rules. Raises UserError, naming the entry, for anything that is not as it should be."""
    found = []
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    for number, entry in enumerate(entries, 1):
        where = f"{path.name}, entry {number}"
        if not isinstance(entry, dict) or entry.keys() - FIELDS or not {"name", "rules", "reason"} <= entry.keys():
            raise UserError(f"{where}: needs name, rules and reason, and may have patterns, sections and kinds")
        lists = {key: tuple(value) for key, value in entry.items() if key not in {"name", "reason"}}
        one = Exemption(name=entry["name"], reason=entry["reason"], **lists)
        if unknown := [rule for rule in one.rules if rule not in RULES or not RULES[rule].may_be_set_aside]:
            raise UserError(f"{where} ({one.name}): {', '.join(unknown)} cannot be set aside")
        if not one.patterns and not one.sections and not one.kinds:
            raise UserError(f"{where} ({one.name}): would set everything aside; give patterns, sections or kinds")
        if not one.patterns and NEVER.intersection(one.sections):
            raise UserError(f"{where} ({one.name}): abstract, results and conclusion are never set aside as a whole")
        try:
            _ = one._pattern
        except re.error as error:
            raise UserError(f"{where} ({one.name}): a pattern is not a regular expression: {error}") from None
        found.append(one)
    return found
