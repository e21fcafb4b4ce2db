"""The technique of MITRE ATT&CK that a type label stands for, from attack.yaml, which says why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_suffix(".yaml")
SITE = "https://attack.mitre.org"


@dataclass(frozen=True)
class Technique:
    """A technique with its tactic: identifiers and names."""

    id: str
    name: str
    tactic: str
    tactic_name: str

    @property
    def reference(self) -> str:
        """The technique's page."""
        return f"{SITE}/techniques/{self.id.replace('.', '/')}/"

    @property
    def parent(self) -> tuple[str, str, str]:
        """Identifier, name and page of the technique, of which this may be a sub-technique."""
        id = self.id.partition(".")[0]
        return id, self.name.partition(": ")[0], f"{SITE}/techniques/{id}/"

    @property
    def sub(self) -> tuple[str, str, str] | None:
        """The same of the sub-technique; None where this is none."""
        return (self.id, self.name.partition(": ")[2], self.reference) if "." in self.id else None

    @property
    def tactic_reference(self) -> str:
        """The tactic's page."""
        return f"{SITE}/tactics/{self.tactic}/"


@cache
def techniques() -> dict[str, Technique | None]:
    """The technique of each label; None for a label that stands for several."""
    told = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    found: dict[str, Technique | None] = {}
    for label, entry in told["labels"].items():
        id = entry["technique"]
        if id is None:
            found[label] = None
            continue
        technique = told["techniques"][id]
        found[label] = Technique(id, technique["name"], technique["tactic"], told["tactics"][technique["tactic"]])
    return found


def technique(label: str | None) -> Technique | None:
    """The technique of a label; None where there is none, or the label is not known here."""
    return techniques().get(label) if label else None
