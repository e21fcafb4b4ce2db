"""The address of a cell: ``scores[split=random,model='Web Attack XSS'].f1`` is table, columns with a value, column.

A value with commas, brackets, quotes or spaces stands in single quotes, a quote in it doubled. ``id`` is what the key
columns say together, unless a column is called so. An address that a sentence shows selects one row; in a claim one may
select several (``max(scores[split=random].f1)``), and no condition at all selects every row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from analysis.record.files import read_json
from analysis.record.table import Row, Table, said
from analysis.record.value import Value

_NAME = r"[A-Za-z0-9_]+"
_BARE = r"[^\[\],='\"\s`{}]+"
_PAIR = rf"({_NAME})=({_BARE}|'(?:[^'`]|'')*')"
_PLAIN = rf"{_NAME}=(?:{_BARE}|'(?:[^'`]|'')*')"
ADDRESS = re.compile(rf"(?<![\w.])({_NAME})\[((?:{_PLAIN}(?:,\s*{_PLAIN})*)?)\]\.({_NAME})")


class AddressError(ValueError):
    """What is wrong with an address, in words, with the nearest names that there are."""


@dataclass(frozen=True)
class Address:
    """A table's name, what some of its columns say (as texts), and the column that is asked for."""

    table: str
    where: tuple[tuple[str, str], ...]
    column: str

    @classmethod
    def parse(cls, text: str) -> Address:
        """Inverse of ``str``; AddressError where ``text`` is no address."""
        match = ADDRESS.fullmatch(text)
        if not match:
            raise AddressError(f"'{text}' is no address; one reads table[column=value].column")
        pairs = [
            (column, value[1:-1].replace("''", "'") if value.startswith("'") else value)
            for column, value in re.findall(_PAIR, match[2])
        ]
        return cls(match[1], tuple(pairs), match[3])

    def __str__(self) -> str:
        pairs = [
            f"{column}={value}" if re.fullmatch(_BARE, value) else f"{column}='{value.replace(chr(39), 2 * chr(39))}'"
            for column, value in self.where
        ]
        return f"{self.table}[{','.join(pairs)}].{self.column}"

    def rows(self, table: Table) -> list[Row]:
        """The rows of ``table`` that it selects; AddressError with the nearest names where there are none."""
        keys = [column.key for column in table.columns]
        for column in (*(column for column, _ in self.where if column != "id"), self.column):
            if column not in keys:
                raise AddressError(f"'{self}': table '{table.name}' has no column '{column}'; {_near(column, keys)}")
        rows = list(table.rows)
        for column, value in self.where:
            texts = [_says(row, column, keys) for row in rows]
            rows = [row for row, text in zip(rows, texts, strict=True) if text == value]
            if not rows:
                near = _near(value, texts)
                raise AddressError(f"'{self}': table '{table.name}' has no such row with {column} '{value}'; {near}")
        if not rows:
            raise AddressError(f"'{self}': table '{table.name}' has no rows")
        return rows

    def entry(self, tables: Tables, several: bool = False) -> dict[str, Any]:
        """What values.json holds of the cell, of which there must be one.

        With ``several`` an address that does not say every key column of the table stands for a list, whatever the
        number of its rows.
        """
        table = tables.get(self.table)
        rows, named = self.rows(table), {column for column, _ in self.where}
        one = "id" in named or named >= set(table.keys)
        if len(rows) > 1 and (one or not several):
            keys = ", ".join(table.keys)
            raise AddressError(
                f"'{self}' selects {len(rows)} rows of table '{table.name}', and must select one; its keys: {keys}"
            )
        found = [self._value(table, row).to_json() for row in rows]
        if one or not several:
            return found[0]
        gaps = (f"row {row.id}: {one['reason']}" for row, one in zip(rows, found, strict=True) if one["value"] is None)
        missing = next(gaps, None)
        listed = None if missing else [one["value"] for one in found]
        text = missing or ", ".join(one["text"] for one in found)
        return {"value": listed, "text": text, "reason": missing}

    def _value(self, table: Table, row: Row) -> Value:
        """The cell as a value; its definition is that of the column, and what selects its row, as the row shows it."""
        value = table.value(str(self), row, self.column)
        titles = {"id": "row"} | {column.key: column.title for column in table.columns}
        texts = {column.key: cell.text for column, cell in zip(table.columns, row.cells, strict=True)}
        which = ", ".join(f"{titles[key]} {texts.get(key) or said}" for key, said in self.where)
        return replace(value, definition=f"{value.definition}; {which}") if which else value


class Tables:
    """The tables of a build, by name, each read once and only when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, name: str) -> Table:
        """The table called ``name``; AddressError with the nearest names where there is none."""
        path = self.folder / f"{name}.json"
        if not path.is_file():
            raise AddressError(
                f"there is no table '{name}'; {_near(name, [p.stem for p in self.folder.glob('*.json')])}"
            )
        return _read(path, path.stat().st_mtime_ns)


@cache
def _read(path: Path, _: int) -> Table:
    return Table.from_json(read_json(path))


def named_in(text: str) -> list[str]:
    """The addresses in a text, each once."""
    return list(dict.fromkeys(match[0] for match in ADDRESS.finditer(text)))


def resolve(text: str, tables: Tables) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """The cells that a text names, by address as in values.json; and of those that are not there what is wrong.

    Not all of the second kind are mistakes: a passage may not stand in the paper of this build.
    """
    cells, wrong = {}, {}
    for address in named_in(text):
        try:
            cells[address] = Address.parse(address).entry(tables)
        except AddressError as error:
            wrong[address] = str(error)
    return cells, wrong


def _says(row: Row, column: str, keys: list[str]) -> str:
    return said(row.cells[keys.index(column)].value) if column in keys else row.id


def _near(wanted: str, names: Iterable[str]) -> str:
    known = list(dict.fromkeys(names))
    near = get_close_matches(wanted, known, 3, 0.4) or known[:3]
    return f"nearest: {', '.join(near)}" if near else "there are none"
