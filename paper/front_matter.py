"""Lines of the front matter that must be literal, because renderers read them before any filter runs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from analysis.errors import UserError

FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
DAY = re.compile(r"^date:\s*[\"']?(\d{4}-\d{2}-\d{2})[\"']?\s*$", re.MULTILINE)
# ASCII punctuation that Markdown could take for markup; an apostrophe and a full stop in a name are meant as such.
MARKUP = re.compile(r"([!\"#$%&()*+,\-/:;<=>?@\[\\\]^_`{|}~]|^\d+\.)")


def fill(manuscript: str, values: Mapping[str, Mapping[str, Any]]) -> str:
    """The manuscript with page title, authors and date of the record, and with the data set among the keywords.

    Each keeps to one line, so that places in the manuscript keep their numbers. A record without a title block leaves
    the manuscript as it is.
    """
    front = FRONT.match(manuscript)
    if not front or "paper.title" not in values:
        return manuscript
    found = {key: values[f"paper.{key}"]["value"] for key in ("title", "authors", "affiliation", "date")}
    affiliation = {"affiliation": _plain(found["affiliation"])} if found["affiliation"] else {}
    authors = [{"name": _plain(name)} | affiliation for name in found["authors"]]
    lines, collection = front[1], values["data.collection"]["text"]
    if collection not in lines:
        lines = lines.replace("keywords: [", f"keywords: [{collection}, ", 1)
    for key, text in (
        ("pagetitle", json.dumps(_plain(found["title"]), ensure_ascii=False)),
        ("author", json.dumps(authors, ensure_ascii=False)),
        ("date", found["date"]),
    ):
        line = f"{key}: {text}"
        lines, times = re.subn(rf"^{key}:.*$", lambda _, line=line: line, lines, flags=re.MULTILINE)
        if times != 1:
            raise UserError(f"the front matter of the manuscript needs one line '{key}: ...'; the settings fill it in")
    return f"---\n{lines}\n---\n{manuscript[front.end() :]}"


def document_date(manuscript: str, name: str) -> str:
    """The ``date:`` of the front matter (YYYY-MM-DD), which is also the date in the PDF's metadata.

    A date that depends on the clock would make every PDF another file, so anything else is an error.
    """
    front = FRONT.match(manuscript)
    date = DAY.search(front[1]) if front else None
    if not date:
        raise UserError(f"{name}: the front matter needs a line 'date: YYYY-MM-DD' (a fixed day, not 'today')")
    return date[1]


def _plain(text: str) -> str:
    """Markdown that reads as ``text``, whatever that looks like."""
    return MARKUP.sub(lambda match: match[0].replace(".", "\\.") if match[0][0].isdigit() else f"\\{match[0]}", text)
