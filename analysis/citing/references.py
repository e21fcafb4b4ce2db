"""What a number of a build is cited with: the build's paper, and those who made the data. Data as in CITATION.cff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from analysis.citing.sentence import SYNTHETIC, version
from analysis.printable import printable

CITATION = Path("CITATION.cff")
DATA = "10.5220/0006639801080116"
"""DOI of the publication that the makers of the data ask to cite."""
CORRECTED = {
    "release.is_wtmc2021": "10.1109/SPW53761.2021.00009",
    "release.is_corrected": "10.1109/CNS56114.2022.9947235",
}
"""For a corrected release also the publication that made it."""
PARTICLES = {"da", "de", "den", "der", "di", "du", "la", "le", "ten", "ter", "van", "von", "zu"}


@dataclass(frozen=True)
class Name:
    """An author: a person, or a group, which has no given names."""

    family: str
    given: str = ""

    @classmethod
    def of(cls, text: str) -> Name:
        """A name as people write it, by BibTeX's rule: the last word and particles before it are the family's.

        'Family, Given' says it itself. One word, and what begins with 'The', is a group.
        """
        family, comma, given = text.partition(",")
        words = text.split()
        if comma:
            return cls(family.strip(), given.strip())
        if len(words) < 2 or words[0].lower() == "the":
            return cls(text.strip())
        first = len(words) - 1
        while first > 1 and words[first - 1].lower() in PARTICLES:
            first -= 1
        return cls(" ".join(words[first:]), " ".join(words[:first]))


@dataclass(frozen=True)
class Reference:
    """One publication: ``version`` says of a build's paper which build, ``container`` in which proceedings it is."""

    id: str
    authors: tuple[Name, ...]
    year: int
    title: str
    container: str = ""
    pages: tuple[int, int] | None = None
    doi: str = ""
    version: str = ""
    url: str = ""
    note: str = ""


def of_data(values: Mapping[str, Any], citation: Path = CITATION) -> list[Reference]:
    """The publications of the data of a build, by its ``values``."""
    known = {one["doi"]: one for one in yaml.safe_load(citation.read_text(encoding="utf-8"))["references"]}
    wanted = [DATA, *(doi for key, doi in CORRECTED.items() if values[key]["value"])]
    return [_published(known[doi]) for doi in wanted]


def of_paper(record: Mapping[str, Any], build: str, identifier: str | None, note: str = "") -> Reference:
    """The paper of a build; ``record`` is what its values.json holds, ``note`` what the reference is for."""
    values = record["values"]
    repository = values.get("paper.repository")
    return Reference(
        id=f"flowpaper-{identifier or build}",
        authors=tuple(Name.of(printable(name)) for name in values["paper.authors"]["value"]),
        year=int(values["paper.date"]["value"][:4]),
        title=printable(values["paper.title"]["value"]),
        version=printable(version(values, build, identifier)),
        url=(repository["value"] or "") if repository else "",
        note=note or (f"{SYNTHETIC}." if record["synthetic"] else ""),
    )


def _published(entry: Mapping[str, Any]) -> Reference:
    authors = tuple(Name(one["family-names"], one["given-names"]) for one in entry["authors"])
    return Reference(
        id=f"{authors[0].family.lower()}{entry['year']}", authors=authors, year=entry["year"], title=entry["title"],
        container=entry["collection-title"], pages=(entry["start"], entry["end"]), doi=entry["doi"],
    )  # fmt: skip
