"""Cite a number of a published build: ``python -m analysis.citing.cite KEY``."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches
from html import escape

from analysis.citing.builds import Build, find
from analysis.citing.data import measured
from analysis.citing.references import of_data, of_paper
from analysis.citing.sentence import sentence
from analysis.citing.styles import Style, styled
from analysis.command import run
from analysis.errors import UserError
from analysis.printable import printable


def cited(build: Build, key: str, style: Style = "apa", synthetic: bool = False) -> str:
    """The sentence, the references for the paper and the data, and where the number stands.

    As BibTeX and CSL-JSON the references alone, with sentence and place as the note of the first. Raises UserError for
    a key that is not there or has no value, and of a number of synthetic flows, where ``synthetic`` does not say
    that these are meant.
    """
    values, name = build.record["values"], build.folder.name
    key = copied(key)
    if key not in values:
        words = key.lower().replace(".", " ").split()
        near = [one for one in values if all(word in one for word in words)][:3] if words else []
        near = near or get_close_matches(key.lower(), values, 3, 0.4)
        raise UserError(f"KEY: build {name} has no value {key!r}; nearest: {', '.join(near) or 'none'} (make values)")
    if values[key]["value"] is None:
        raise UserError(f"KEY: {key} has no value in build {name}: {values[key]['reason']}")
    if build.record["synthetic"] and not synthetic and measured(key, values[key]):
        raise UserError(
            f"build {name} is of synthetic flows: its numbers are no results; SYNTHETIC=1 (--synthetic) cites them so"
        )
    said = sentence(key, build.record, name, build.id)
    where = place(build, key)
    paper = of_paper(build.record, name, build.id, f"{said} {where}")
    # Two numbers of a build are two entries of a bibliography, beside that of the build itself.
    own = re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")
    references = [replace(paper, id=f"{paper.id}-{own}"), *of_data(values)]
    text = styled(references, style)
    return text if style in ("bibtex", "csl-json") else f"{said}\n\n{text}\n\n{where}"


def copied(key: str) -> str:
    """A key as it is copied from a paper, without what does not show, such as places to break a line."""
    return re.sub("[\u200b\u2060\ufeff\u00ad\n]", "", key).strip()


def place(build: Build, key: str) -> str:
    """Where the number stands: in the page where it has a place there, else in the record, as a path in the results.

    Before it the repository's address, where the settings name one: the one link that others can follow.
    """
    page = (build.folder / "paper.html").read_text(encoding="utf-8")
    said = escape(key, quote=False).replace('"', "&quot;")
    entry = re.search(rf'<div id="(v-[^"]+)" data-key="{re.escape(said)}">', page)
    path = f"results/{build.folder.name}/" + (f"paper.html#{entry[1]}" if entry else f"values.json, key {key}")
    address = build.record["values"].get("paper.repository", {}).get("value")
    return printable(f"{address} (path in the results folder: {path})" if address else
                     f"Path in the results folder: {path}")  # fmt: skip


def step(key: str, /, *, build: str | None = None, style: Style = "apa", synthetic: bool = False) -> None:
    """Cite the value KEY of a build under results/; without a name, of the only one there is."""
    print(cited(find(build), key, style, synthetic))


if __name__ == "__main__":
    run(step)
