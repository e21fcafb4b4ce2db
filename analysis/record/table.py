"""A table: data plus display rules. The paper, CSV, LaTeX and Markdown forms all come from this one object."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from analysis.record.display import MISSING, show, typographic
from analysis.record.value import Value

_LATEX = str.maketrans({
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\N{MINUS SIGN}": "$-$",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
})  # fmt: skip
_MARKDOWN = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]<>#|$@~^"})


@dataclass(frozen=True)
class Column:
    """One column: a key for machines, a title for readers, and the rule by which its cells are shown.

    What its cells are as values: ``definition`` (default: the titles of column and table) and ``unit``; ``low`` and
    ``high`` are the keys of the columns with the ends of their interval, and ``interval`` says how that was made; ``n``
    is what they are computed from, a number or the key of the column that has it.
    """

    key: str
    title: str
    display: str = "text"
    align: Literal["left", "right", "center"] = "right"
    unit: str = ""
    definition: str = ""
    low: str | None = None
    high: str | None = None
    interval: str | None = None
    n: str | int | None = None


@dataclass(frozen=True)
class Cell:
    """One cell. None needs a reason, which the reader finds below the table. ``strong`` marks it (best of a column)."""

    value: Any
    text: str
    reason: str | None = None
    strong: bool = False


@dataclass(frozen=True)
class Row:
    """One row, with an id: what the key columns say, joined by full stops."""

    id: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """A named table of one ``step``. ``keys`` are the columns that tell its rows apart.

    ``data`` says in one word or two what its numbers come from and is a column of the CSV.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    data: str
    notes: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    step: str = ""

    @classmethod
    def of(
        cls,
        name: str,
        title: str,
        columns: Sequence[Column],
        records: Iterable[Mapping[str, Any]],
        *,
        data: str,
        notes: Iterable[str] = (),
        id: str | Sequence[str] | None = None,
        step: str = "",
    ) -> Table:
        """Build a table from one mapping a row (column key -> value).

        A value may also be a ``Cell`` made with :meth:`cell`, to give a reason or mark it. ``id`` names the column or
        columns that identify a row (default: the first), which need not be shown.
        """
        rows = []
        keys = (id,) if isinstance(id, str) else tuple(id or (columns[0].key,))
        known = {column.key for column in columns}
        for column in columns:
            for other in (column.low, column.high, column.n):
                if isinstance(other, str) and other not in known:
                    raise ValueError(f"table {name}, column {column.key}: names the column {other}, which there is not")
        for record in records:
            cells = []
            for column in columns:
                item = record[column.key]
                cells.append(item if isinstance(item, Cell) else cls.cell(item, column.display))
            named = [record[key].value if isinstance(record[key], Cell) else record[key] for key in keys]
            rows.append(Row(".".join(map(said, named)), tuple(cells)))
        for row in rows:
            for column, cell in zip(columns, row.cells, strict=True):
                if cell.value is None and not cell.reason:
                    raise ValueError(f"table {name}, row {row.id}, column {column.key}: empty cell without a reason")
        heads = tuple(replace(column, title=typographic(column.title)) for column in columns)
        return cls(name, typographic(title), heads, tuple(rows), data, tuple(map(typographic, notes)), keys, step)

    @property
    def gaps(self) -> tuple[str, ...]:
        """A note with the reasons of all empty cells, where there are any; the paper names those of the shown cells."""
        cells = [cell for row in self.rows for cell in row.cells]
        reasons = dict.fromkeys(cell.reason for cell in cells if cell.text == MISSING and cell.reason)
        return (f"{MISSING}: {'; '.join(reasons)}.",) if reasons else ()

    @staticmethod
    def cell(value: Any, display: str, *, reason: str | None = None, strong: bool = False) -> Cell:
        """One cell shown under the rule ``display``."""
        return Cell(value, show(value, display), reason and typographic(reason), strong)

    @staticmethod
    def counted(cell: Cell, part: int, whole: int, least: int) -> Cell:
        """The cell of the share ``part`` / ``whole``; of fewer than ``least`` it reads as what it is: '3 of 4'."""
        return replace(cell, text=f"{part} of {whole}") if 0 < whole < least else cell

    @staticmethod
    def marked(cells: Sequence[Cell], *, least: bool = False) -> list[Cell]:
        """The cells with the best of them marked: the highest, or the ``least``, and all that read the same.

        None where all that have a value read the same: then there is no best to see.
        """
        known = [cell for cell in cells if cell.value is not None]
        best = (min if least else max)(known, key=lambda cell: cell.value, default=None)
        if best is None or len({cell.text for cell in known}) == 1:
            return list(cells)
        return [replace(cell, strong=cell.value is not None and cell.text == best.text) for cell in cells]

    def to_json(self) -> dict[str, Any]:
        """The form that the paper's filter and the figures read."""
        return {"schema": "flowpaper/table/2", **asdict(self)}

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Table:
        """Inverse of :meth:`to_json`."""
        return cls(
            entry["name"],
            entry["title"],
            tuple(Column(**column) for column in entry["columns"]),
            tuple(Row(row["id"], tuple(Cell(**cell) for cell in row["cells"])) for row in entry["rows"]),
            entry["data"],
            tuple(entry["notes"]),
            tuple(entry["keys"]),
            entry["step"],
        )

    def value(self, key: str, row: Row, column: str, **rest: Any) -> Value:
        """The cell of ``row`` and ``column`` as a value called ``key``; ``rest`` says how it reads.

        It reads as in the table where the rule of the column gives another text.
        """
        cells = dict(zip((one.key for one in self.columns), row.cells, strict=True))
        of = next(one for one in self.columns if one.key == column)
        cell = cells[column]
        n, said_n = rest.pop("n", None), cells[of.n].value if isinstance(of.n, str) else of.n
        if n is not None and said_n is not None and n != said_n:
            raise ValueError(f"value {key}: n is {n}, and the table says {said_n}")
        ends: dict[str, Any] = {}
        if of.low and of.high and "low" in rest:
            raise ValueError(f"value {key}: its interval comes from the table")
        if of.low and of.high and cells[of.low].value is not None:
            ends = {"low": cells[of.low].value, "high": cells[of.high].value, "interval": of.interval}
        own = cell.value is not None and show(cell.value, of.display) != cell.text and cell.text
        how = {
            "display": of.display,
            "unit": of.unit,
            "definition": of.definition or f"{of.title}: {self.title}",
            "words": own or None,
        } | rest  # fmt: skip
        origin = {"step": self.step, "table": self.name, "row": row.id, "column": column}
        return Value(
            key,
            cell.value,
            n=said_n if n is None else n,
            reason=cell.reason,
            origin=origin,
            **ends,
            **how,
        )

    def column(self, key: str) -> list[Any]:
        """The typed values of one column, row by row."""
        index = [column.key for column in self.columns].index(key)
        return [row.cells[index].value for row in self.rows]

    def records(self) -> list[dict[str, Any]]:
        """The typed values, one mapping a row."""
        keys = [column.key for column in self.columns]
        return [dict(zip(keys, (cell.value for cell in row.cells), strict=True)) for row in self.rows]

    def by(self, key: str) -> dict[Any, list[dict[str, Any]]]:
        """The records of each value of the column ``key``, in the order in which these come."""
        found: dict[Any, list[dict[str, Any]]] = {}
        for record in self.records():
            found.setdefault(record[key], []).append(record)
        return found

    def to_csv(self) -> str:
        """Unrounded values under machine keys; text that a spreadsheet would take for a formula is quoted with '."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([*(column.key for column in self.columns), "data"])
        for row in self.rows:
            writer.writerow([*(_csv_cell(cell.value) for cell in row.cells), self.data])
        return out.getvalue()

    def to_markdown(self) -> str:
        """A pipe table of the displayed texts."""
        rule = {"left": ":--", "right": "--:", "center": ":-:"}
        lines = [
            "| " + " | ".join(column.title.translate(_MARKDOWN) for column in self.columns) + " |",
            "|" + "|".join(rule[column.align] for column in self.columns) + "|",
        ]
        for row in self.rows:
            lines.append("| " + " | ".join(_marked(cell, "**", "**", _MARKDOWN) for cell in row.cells) + " |")
        return "\n".join([*lines, "", f"Data: {self.data}.", *self.notes, *self.gaps, ""])

    def to_latex(self) -> str:
        """A booktabs tabular of the displayed texts."""
        lines = [
            f"% Data: {self.data}.",
            r"\begin{tabular}{" + "".join(column.align[0] for column in self.columns) + "}",
            r"\toprule",
            " & ".join(column.title.translate(_LATEX) for column in self.columns) + r" \\",
            r"\midrule",
        ]
        for row in self.rows:
            lines.append(" & ".join(_marked(cell, r"\textbf{", "}", _LATEX) for cell in row.cells) + r" \\")
        lines += [r"\bottomrule", r"\end{tabular}", *(f"% {note}" for note in (*self.notes, *self.gaps)), ""]
        return "\n".join(lines)


def repeated(name: str, shown: bool) -> Cell:
    """Cell of a row group's name: always in the data, shown to the reader only in the first row of the group."""
    return Cell(name, name if shown else "")


FEATURE = Column("feature", "Feature", "text", "left", definition="name of the feature")


def said(value: Any) -> str:
    """A cell's value as an id or an address says it."""
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _marked(cell: Cell, before: str, after: str, escapes: dict[int, str]) -> str:
    text = cell.text.translate(escapes)
    return f"{before}{text}{after}" if cell.strong else text


def _csv_cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        value = "; ".join(str(item) for item in value)
    if isinstance(value, str) and value[:1] in "=+-@\t\r":
        return "'" + value
    return value
