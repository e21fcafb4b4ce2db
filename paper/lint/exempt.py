"""Named rules that set findings aside everywhere, with a reason: proper names, idioms, definitions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from analysis.errors import UserError
from analysis.yaml_loader import SAFE
from paper.lint.rules import RULES
from paper.lint.text import Hit

FILE = Path(__file__).with_name("exempt.yaml")
NEEDED = {"name", "rules", "reason", "patterns"}


@dataclass(frozen=True)
class Exemption:
    """One named rule: ``patterns`` that cover the words found, where given only in these ``kinds`` of passage."""

    name: str
    rules: tuple[str, ...]
    reason: str
    patterns: tuple[str, ...]
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
        text = hit.passage.text
        return any(m.start() <= hit.start and m.end() >= hit.end for m in self._pattern.finditer(text))


def read(path: Path = FILE) -> list[Exemption]:
    """Read the named rules. Raises UserError, naming the entry, for anything that is not as it should be."""
    found = []
    entries = yaml.load(path.read_text(encoding="utf-8"), SAFE)
    for number, entry in enumerate(entries, 1):
        where = f"{path.name}, entry {number}"
        if not isinstance(entry, dict) or entry.keys() - {"kinds"} != NEEDED:
            raise UserError(f"{where}: needs name, rules, reason and patterns, and may have kinds")
        lists = {key: tuple(value) for key, value in entry.items() if key not in {"name", "reason"}}
        one = Exemption(name=entry["name"], reason=entry["reason"], **lists)
        if unknown := [rule for rule in one.rules if rule not in RULES or not RULES[rule].may_be_set_aside]:
            raise UserError(f"{where} ({one.name}): {', '.join(unknown)} cannot be set aside")
        if not one.patterns:
            raise UserError(f"{where} ({one.name}): would set everything aside; give patterns")
        try:
            _ = one._pattern
        except re.error as error:
            raise UserError(f"{where} ({one.name}): a pattern is not a regular expression: {error}") from None
        found.append(one)
    return found
