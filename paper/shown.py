"""What the paper may show, from its record: texts of values, cells of tables, texts of figures, users' own names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.record import MISSING, checked, read_json

# Columns that hold names of the user's files and studies (labels and their spellings, files, columns), or
# sentences with them.
NAMES = {"label", "file", "spelled", "column", "columns", "feature", "type", "note", "quirks", "study", "place",
         "reference"}  # fmt: skip
# Values that list such names, for a PDF that breaks or hyphenates the sentence that holds them.
NAME_LISTS = ("defects.unused_columns",)
TITLE_BLOCK = ("paper.title", "paper.subtitle", "paper.authors", "paper.affiliation")
"""Values that are what a user calls the paper, the authors and their place."""
JOINERS = re.compile("[\u2060\u200b\u200c\u00ad\ufeff]")


def squeeze(text: str) -> str:
    """The text without white space and without characters that do not show."""
    return re.sub(r"\s+", "", JOINERS.sub("", text))


def _shown(letter: str) -> str:
    """A pattern for a letter of a name; in a PDF it may stand escaped, where the fonts do not have it."""
    if letter.isascii():
        return re.escape(letter)
    code = f"u{ord(letter):04x}" if ord(letter) <= 0xFFFF else f"U{ord(letter):08x}"
    return rf"(?:{letter}|\\{code})"


@dataclass
class Shown:
    """Texts by which what a reader sees is recognised; all squeezed, except ``names``.

    ``cells`` and ``notes`` are those of all tables, ``cells_of`` and ``notes_of`` those of each table by its name,
    ``gaps_of`` the reasons of its empty cells, of which the notes below it name those of the cells that are shown;
    ``drawn`` are the numbers that stand in figures as text.
    """

    values: dict[str, set[str]] = field(default_factory=dict)
    cells: set[str] = field(default_factory=set)
    notes: set[str] = field(default_factory=set)
    cells_of: dict[str, set[str]] = field(default_factory=dict)
    notes_of: dict[str, str] = field(default_factory=dict)
    gaps_of: dict[str, list[str]] = field(default_factory=dict)
    pictures: set[str] = field(default_factory=set)
    drawn: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    @classmethod
    def load(cls, folder: Path) -> Shown:
        """Read the record staged in ``folder``: record/values.json, record/tables/*.json and figures/*.json."""
        shown = cls()
        for key, entry in read_json(folder / "record" / "values.json")["values"].items():
            texts = {entry["text"], *(entry.get("forms") or {}).values()}
            shown.values[key] = {squeeze(text) for text in texts}
            if key in NAME_LISTS:
                # A mere word, such as 'nan', passes within its sentence only: elsewhere it is what the gate looks for.
                shown.names |= {name for name in entry["value"] if not name.isalpha()}
            if key in TITLE_BLOCK and entry["value"]:
                words = [entry["value"]] if isinstance(entry["value"], str) else entry["value"]
                shown.names |= {word for word in words if not word.isalpha()}
        for path in sorted((folder / "record" / "tables").glob("*.json")):
            shown._add_table(read_json(path))
        for path in sorted((folder / "figures").glob("*.json")):
            shown.pictures.add(squeeze(read_json(path)["alt"]))
        for path in sorted((folder / "figures").glob("*.svg")):
            for text in re.findall(r"<text\b[^>]*>(.*?)</text>", checked(path).read_text(encoding="utf-8"), re.DOTALL):
                shown.drawn |= set(re.findall(r"\d(?:[\d.,]*\d)?", text))
        return shown

    def _add_table(self, table: dict[str, Any]) -> None:
        notes, cells, gaps = squeeze("".join(table["notes"])), set(), []
        named = [column["key"] in NAMES for column in table["columns"]]
        for row in table["rows"]:
            for cell, name in zip(row["cells"], named, strict=True):
                cells.add(squeeze(cell["text"]))
                if cell["text"] == MISSING and cell.get("reason"):
                    gaps.append(squeeze(cell["reason"]))
                if name and isinstance(cell["value"], str):
                    self.names.add(cell["value"])
        self.notes.add(notes)
        self.cells |= cells
        self.notes_of[table["name"]], self.cells_of[table["name"]] = notes, cells
        self.gaps_of[table["name"]] = list(dict.fromkeys(gaps))

    def are_notes(self, text: str, name: str) -> bool:
        """Whether a text below a table is its notes with reasons of its empty cells; without a name, those of any."""
        text = squeeze(text)
        names = [name] if name in self.notes_of else list(self.notes_of)
        return (not name and text in self.notes) or any(self._of_table(text, one) for one in names)

    def _of_table(self, text: str, name: str) -> bool:
        rest, reasons = text.removeprefix(self.notes_of[name]), self.gaps_of[name]
        if not text.startswith(self.notes_of[name]):
            return False
        told = rest.removeprefix(f"{MISSING}:")
        for reason in reasons:
            told = told.removeprefix(reason).removeprefix(";")
        return not rest or told == "."

    def without_names(self, text: str, patterns: list[re.Pattern[str]]) -> str:
        """``text`` without the names in which one of ``patterns`` would be found: a label may look like anything."""
        text = JOINERS.sub("", text)
        for name in sorted(self.names, key=len, reverse=True):
            if any(pattern.search(name) for pattern in patterns):
                parts = map(_shown, squeeze(name))
                # In a PDF a line may end anywhere within, with or without a hyphen.
                text = re.sub("[-\ufffe]?\\s*".join(parts), "…", text)
        return text
