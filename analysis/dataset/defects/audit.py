"""Every known defect of the flows, counted as they were read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from analysis.dataset.blocks import blocks, height
from analysis.dataset.defects import columns as column_defects
from analysis.dataset.defects import repeats
from analysis.dataset.defects.definitions import FlowDefect, beyond_arithmetic, flow_defects
from analysis.dataset.defects.report import Finding
from analysis.dataset.release import Release

PLACES = 3
"""How many places of a defect are named."""
MANY = ("_others", "_rates", "_exceeded", "fractions", "magnitude")
"""Ends of the ids of defects of many columns, of which those that have it are named."""


def audit(flows: pl.LazyFrame, release: Release) -> list[Finding]:
    """Every defect of the flow table, in the order of the report; the table itself is never in memory."""
    schema = flows.collect_schema()
    features = [name for name in release.features if name in schema]
    rows = height(flows)
    return [
        *_of_flows(flows, rows, list(flow_defects(release, {name: schema[name] for name in features}))),
        *_of_columns(flows, features),
        *_repeated(flows, features, rows),
    ]


def _of_flows(flows: pl.LazyFrame, rows: int, defects: Sequence[FlowDefect]) -> Iterable[Finding]:
    schema = flows.collect_schema()
    reasons = {
        defect.id: ([name for name in defect.columns if name not in schema], defect.unknown) for defect in defects
    }
    counts = _count(flows, [defect for defect in defects if not any(reasons[defect.id])])
    for defect in defects:
        lacking, unknown = reasons[defect.id]
        if lacking:
            yield Finding(defect.id, defect.title, defect.definition, None, rows, None, error=defect.error,
                          columns=lacking, reason="the data lack a column that it needs")  # fmt: skip
            continue
        columns = list(defect.columns)
        if unknown:
            yield Finding(defect.id, defect.title, defect.definition, None, rows, None, error=defect.error,
                          columns=columns, reason=unknown)  # fmt: skip
            continue
        found = counts[defect.id]
        if found.flows and defect.id.endswith(MANY):
            columns = [name for name in columns if name in found.columns]
        yield Finding(defect.id, defect.title, defect.definition, found.flows, rows, found.attacks,
                      error=defect.error, columns=columns, places=_named(found.places))  # fmt: skip


@dataclass
class _Found:
    """Flows that have a defect, the attacks among them, the columns that it is in, and its first places."""

    flows: int = 0
    attacks: int = 0
    columns: set[str] = field(default_factory=set)
    places: list[tuple[str, int, str]] = field(default_factory=list)


def _count(flows: pl.LazyFrame, defects: Sequence[FlowDefect]) -> dict[str, _Found]:
    """What there is of each defect, by its id."""
    found = {defect.id: _Found() for defect in defects}
    for _, block in blocks(flows):
        has = block.select(defect.test.fill_null(False).alias(defect.id) for defect in defects)
        for defect in defects:
            which, here = has[defect.id], found[defect.id]
            if not which.any():
                continue
            here.flows += int(which.sum())
            here.attacks += int((which & block["is_attack"]).sum())
            if defect.id.endswith(MANY):
                bad = block.filter(which).select(_bad(defect.id, pl.col(name)).alias(name) for name in defect.columns)
                here.columns |= {column.name for column in bad if column.any()}
            if defect.id == "magnitude":
                here.places = sorted([*here.places, *_places(block, here.columns)])[:PLACES]
    return found


def _places(block: pl.DataFrame, columns: Iterable[str]) -> Iterator[tuple[str, int, str]]:
    """File, row and column of the first cells of a block that are beyond arithmetic in each of the columns."""
    for name in columns:
        rows = block.filter(beyond_arithmetic(pl.col(name))).select("source_file", "source_row").head(PLACES)
        yield from ((file, row, name) for file, row in rows.iter_rows())


def _named(places: Sequence[tuple[str, int, str]]) -> list[str]:
    return [f"{file}, row {row:,}, {name}" for file, row, name in places]


def _bad(defect: str, cell: pl.Expr) -> pl.Expr:
    """Whether a cell is of the kind that makes a flow have the defect."""
    column = cell.cast(pl.Float64)
    if "non_finite" in defect:
        return ~column.is_finite()
    if defect == "fractions":
        return column.is_finite() & (column != column.round())
    if defect == "magnitude":
        return beyond_arithmetic(cell)
    if "negative" in defect:
        return column < 0
    return column.is_finite() & (column.abs() > (2**16 - 1 if "16" in defect else 2**31 - 2))


def _of_columns(flows: pl.LazyFrame, features: Sequence[str]) -> Iterable[Finding]:
    extremes = column_defects.extremes(flows, features)
    constant = column_defects.constant(extremes, features)
    vary = [name for name in features if name not in constant]
    pairs = len(vary) * (len(vary) - 1) // 2
    yield Finding("constant_columns", "Constant columns", "columns with one value in all flows", len(constant),
                  len(features), None, "columns", columns=constant)  # fmt: skip
    same = column_defects.identical(flows, extremes, features, vary)
    yield Finding("identical_pairs", "Identical pairs of columns",
                  "pairs of columns that vary and are equal in every flow, up to 1 in 10\N{SUPERSCRIPT NINE}",
                  len(same), pairs, None, "pairs", columns=[list(pair) for pair in same])  # fmt: skip
    strong = column_defects.correlated(flows, vary)
    yield Finding("correlated_pairs", "Strongly correlated pairs",
                  f"pairs of columns with an absolute Pearson correlation of {column_defects.STRONG} or more over the "
                  "flows without infinite or undefined cells", len(strong), pairs, None, "pairs",
                  columns=[list(pair) for pair in strong])  # fmt: skip


def _repeated(flows: pl.LazyFrame, features: Sequence[str], rows: int) -> Iterable[Finding]:
    counts = repeats.repeats(flows, features)
    for id, (title, definition) in repeats.DEFINITIONS.items():
        found = counts[id]
        whole = found.reason is None
        missing = found.flows is None
        yield Finding(id, title, definition, found.flows, rows if whole else None, found.attacks,
                      "flows" if whole or missing else "vectors", reason=found.reason)  # fmt: skip
