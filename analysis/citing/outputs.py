"""What a build publishes for those who cite it: ``citations.bib`` and ``CITATION.cff``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from analysis.citing.references import CITATION, Name, Reference, of_data, of_paper
from analysis.citing.sentence import SYNTHETIC
from analysis.citing.styles import styled

DATED = "# date-released is the date of the paper, as its settings give it ('paper: date'); no clock is read.\n"


def files(record: Mapping[str, Any], build: str, identifier: str, citation: Path = CITATION) -> dict[str, str]:
    """The texts by file name; ``record`` is what values.json holds, ``citation`` the project's own CITATION.cff.

    A build is dated as its paper is: by ``paper: date`` of the settings, and never by the clock or by a commit, so that
    the same settings give the same file.
    """
    paper, data = of_paper(record, build, identifier), of_data(record["values"], citation)
    entry = {
        "cff-version": "1.2.0",
        "message": f"{SYNTHETIC}: no number of this build is to be cited as a result." if record["synthetic"] else
                   "Cite a number of this build with its id, and cite the data as well.",
        "type": "dataset",
        "title": paper.title,
        "authors": _people(paper),
        "version": paper.version,
        "date-released": record["values"]["paper.date"]["value"],
        "identifiers": [{"type": "other", "value": identifier,
                         "description": "id of the build: checksum over data, settings, locked versions and code"}],
        **({"repository-code": paper.url} if paper.url else {}),
        "references": [_published(one) for one in data],
    }  # fmt: skip
    return {
        "citations.bib": styled([paper, *data], "bibtex") + "\n",
        "CITATION.cff": DATED + yaml.safe_dump(entry, sort_keys=False, allow_unicode=True, width=120),
    }


def _people(one: Reference) -> list[dict[str, str]]:
    def person(name: Name) -> dict[str, str]:
        return {"family-names": name.family, "given-names": name.given} if name.given else {"name": name.family}

    return [person(name) for name in one.authors]


def _published(one: Reference) -> dict[str, Any]:
    pages = {"start": one.pages[0], "end": one.pages[1]} if one.pages else {}
    return {"type": "conference-paper", "title": one.title, "authors": _people(one), "collection-title": one.container,
            "year": one.year, **pages, "doi": one.doi}  # fmt: skip
