"""Files of results: written under a temporary name and renamed, so that a reader never sees half of one.

Their checksums are noted on the way and compared by the readers (``analysis.record.checksums``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analysis.errors import UserError, explained
from analysis.printable import printable
from analysis.record import checksums
from analysis.record.table import Table
from analysis.record.units import with_units
from analysis.record.value import Value

VALUES = "flowpaper/values/2"
"""The form of values.json; schemas/values-2.json says it."""
BUILD = "flowpaper/build/1"
"""The form of build.json."""
HOW_IT_READS = ("definition", "display", "words", "forms")
"""What a name of a cell may say otherwise than the cell's column."""


@contextmanager
def write_atomically(path: Path, noted: bool = True) -> Iterator[Path]:
    """Give a temporary path beside ``path`` to write to; rename it to ``path`` when the block succeeds.

    The temporary name keeps the suffix, because writers choose their format by it. ``noted``: with its checksum, as
    all in a build's cache.
    """
    if path.exists() and not path.is_file():  # a device or a pipe would be replaced by a file, a folder cannot be
        raise UserError(f"{path}: this is no file; name one")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        with explained(path):
            yield temporary
            if noted:
                checksums.note(path, temporary)
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, entry: Any, noted: bool = True) -> None:
    """Write JSON with stable formatting; refuses NaN and infinities."""
    with write_atomically(path, noted) as temporary:
        temporary.write_text(json.dumps(entry, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read a JSON file; UserError where it is not what was written there."""
    return json.loads(checksums.read(path))


def read_values(path: Path) -> Any:
    """A values.json; UserError where it has another form than :data:`VALUES`, which an earlier version wrote."""
    entry = read_json(path)
    demand_version(entry, path)
    return entry


def demand_version(entry: Any, path: Path) -> None:
    """UserError where what values.json holds says that it has another form than :data:`VALUES`."""
    if isinstance(entry, dict) and entry.get("schema", VALUES) != VALUES:
        raise UserError(f"{path}: is {entry['schema']}, and this version reads {VALUES}; build it anew")


def demand_form(entry: Mapping[str, Any], path: Path | str) -> None:
    """UserError where what build.json holds does not say that it has the form :data:`BUILD`."""
    if (form := entry.get("schema")) != BUILD:
        raise UserError(f"{path}: is {printable(form)}, and this version reads {BUILD}; build it anew")


def data_checksum(told: Mapping[str, Any]) -> str:
    """SHA-256 over names and checksums of the files that a build read; of a twin, which reads none, its words.

    ``told`` is what an inspection found, or a build.json or its marker, which publish it as ``identity``. Caches of an
    earlier version call it so too.
    """
    checksum: str = told["data_checksum" if "data_checksum" in told else "identity"]
    return checksum


def copy(source: Path, target: Path) -> None:
    """Copy a file, which must be what was written there (UserError); the copy has its checksum noted."""
    content = checksums.read(source)
    with write_atomically(target) as temporary:
        temporary.write_bytes(content)


class Record:
    """The values and tables of one step, collected and written together.

    ``data`` names what the flows are ('synthetic twin', 'original release (real)'): every table carries it.
    """

    def __init__(self, step: str, data: str) -> None:
        self.step = step
        self.data = data
        self.values: dict[str, Value] = {}
        self.tables: dict[str, Table] = {}

    def value(self, key: str, value: Any, display: str, definition: str, **rest: Any) -> None:
        """Add a value that no table holds; ``table`` and ``cell`` among ``rest`` say where it stands in one after all.

        What is a cell has a name instead (:meth:`name`).
        """
        origin = {"step": self.step} | {k: rest.pop(k) for k in ("table",) if k in rest}
        if "cell" in rest:
            origin["row"], _, origin["column"] = rest.pop("cell").rpartition("/")
        self._add(Value(key, plain(value), display, definition, origin=origin, **rest))

    def name(self, key: str, table: str, row: str, column: str, **rest: Any) -> None:
        """Call a cell of a table that was added before ``key``; its value, interval and n are those of the cell.

        ``row`` is the row's id. ``rest`` may say how it reads in a sentence: ``definition``, ``display``, ``words``,
        ``forms``, ``unit``; and where the column does not say them ``n``, or ``low``, ``high`` and ``interval``.
        """
        if other := rest.keys() - {*HOW_IT_READS, "unit", "n", "low", "high", "interval"}:
            raise ValueError(f"name {key}: {', '.join(sorted(other))} comes from the cell")
        found = [one for one in self.tables[table].rows if one.id == row]
        if len(found) != 1:
            raise ValueError(f"name {key}: table {table} has {len(found)} rows {row}")
        if "display" in rest:
            rest = {"words": None} | rest
        self._add(self.tables[table].value(key, found[0], column, **rest))

    def _add(self, value: Value) -> None:
        if value.key in self.values:
            raise ValueError(f"value {value.key} is recorded twice")
        self.values[value.key] = value

    def table(self, name: str, title: str, columns: Any, records: Iterable[Any], **rest: Any) -> Table:
        """Add a table built as by :meth:`Table.of`; columns that say no unit have that of their key."""
        table = Table.of(name, title, columns, _plain_records(records), data=self.data, step=self.step, **rest)
        self.tables[name] = table = with_units(table)
        return table

    def write(self, values: Path, tables: Iterable[Path]) -> None:
        """Write the values to one file and each table to the path of its name; the names must agree exactly."""
        paths = {path.stem: path for path in tables}
        if set(paths) != set(self.tables):
            raise ValueError(f"step {self.step} makes tables {sorted(self.tables)}, its rule expects {sorted(paths)}")
        for name, table in self.tables.items():
            write_json(paths[name], table.to_json())
        write_json(values, {key: value.to_json() for key, value in self.values.items()})


def plain(value: Any) -> Any:
    """NumPy scalars and arrays as the Python objects that JSON knows."""
    return value.tolist() if hasattr(value, "tolist") else value


def _plain_records(records: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for record in records:
        yield {key: plain(item) for key, item in record.items()}
