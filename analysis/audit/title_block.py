"""The paper's title block as values ``paper.*``: from the settings, or else from the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.record import Record

OWN = "CICIDS2017"
"""The collection that the source study is about."""
TWIN = "Built on a synthetic twin: the numbers test the pipeline and say nothing about networks"


def title_block(settings: Mapping[str, Any], values: Mapping[str, Mapping[str, Any]], data: str) -> Record:
    """Values of title, running title, subtitle, authors, affiliation and date.

    ``settings`` is the group ``paper``; ``values`` hold what the steps recorded about the data.
    """
    record = Record("title_block", data)
    collection = values["data.collection"]["text"]
    title = settings["title"] or (
        f"Detecting Attacks in {collection}: "
        + ("A Study Rebuilt from Flows to Paper" if collection == OWN else f"A Study of {OWN} on Another Data Set")
    )
    running = settings["title"] or (
        f"{collection}, rebuilt from flows to paper" if collection == OWN else f"A study of {OWN} on {collection}"
    )
    built = TWIN if values["data.synthetic"]["value"] else f"Built on {values['data.origin']['text']}"
    record.value("paper.title", title, "text", "title of the paper", unit="")
    record.value("paper.running_title", running, "text", "title at the head of the pages", unit="")
    record.value("paper.subtitle", settings["subtitle"] or built, "text", "subtitle of the paper", unit="")
    authors = [name.strip() for name in settings["author"].split(";") if name.strip()]
    record.value("paper.authors", authors, "list", "authors of the paper", unit="")
    record.value("paper.affiliation", settings["affiliation"] or "", "text", "where they work", unit="")
    record.value("paper.date", str(settings["date"]), "text", "date of the paper", unit="")
    address = settings["repository"] or ""
    record.value("paper.repository", address, "text", "address of the project's files", unit="")
    return record
