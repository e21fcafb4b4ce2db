"""Every known defect of the flows, counted as they were read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from analysis.dataset.defects import columns as column_defects
from analysis.dataset.defects import repeats
from analysis.dataset.defects.definitions import FlowDefect, beyond_arithmetic, flow_defects
from analysis.dataset.defects.report import Finding
from analysis.dataset.release import Release

PLACES = 3
"""How many places of a defect are named."""


def features_of(table: pl.DataFrame, release: Release) -> list[str]:
    """The features of the release that the data have."""
    return [name for name in release.features if name in table.columns]


def audit(table: pl.DataFrame, release: Release) -> list[Finding]:
    """Every defect of the flow table, in the order of the report."""
    features = features_of(table, release)
    types = {name: table.schema[name] for name in features}
    return [
        *_of_flows(table, list(flow_defects(release, types))),
        *_of_columns(table, features),
        *_repeated(table, features),
    ]


def _of_flows(table: pl.DataFrame, defects: Sequence[FlowDefect]) -> Iterable[Finding]:
    for defect in defects:
        if lacking := [name for name in defect.columns if name not in table.columns]:
            yield Finding(defect.id, defect.title, defect.definition, None, table.height, None, error=defect.error,
                          columns=lacking, reason="the data lack a column that it needs")  # fmt: skip
            continue
        if defect.unknown:
            yield Finding(defect.id, defect.title, defect.definition, None, table.height, None, error=defect.error,
                          columns=list(defect.columns), reason=defect.unknown)  # fmt: skip
            continue
        has = table.select(defect.test.fill_null(False).alias("has"), "is_attack")
        count, attacks = int(has["has"].sum()), int((has["has"] & has["is_attack"]).sum())
        columns = list(defect.columns)
        if count and defect.id.endswith(("_others", "_rates", "_exceeded", "fractions", "magnitude")):
            columns = _columns_with(table, defect)
        yield Finding(defect.id, defect.title, defect.definition, count, table.height, attacks, error=defect.error,
                      columns=columns, places=_places(table, columns) if defect.id == "magnitude" else [])  # fmt: skip


def _places(table: pl.DataFrame, columns: Sequence[str]) -> list[str]:
    """File, row and column of the first cells beyond arithmetic."""
    found: list[tuple[str, int, str]] = []
    for name in columns:
        rows = table.filter(beyond_arithmetic(pl.col(name))).select("source_file", "source_row").head(PLACES)
        found += [(file, row, name) for file, row in rows.iter_rows()]
    return [f"{file}, row {row:,}, {name}" for file, row, name in sorted(found)[:PLACES]]


def _columns_with(table: pl.DataFrame, defect: FlowDefect) -> list[str]:
    """Which of the columns are beyond bounds, fractions or not finite in the flows that have the defect."""
    rows = table.filter(defect.test)
    found = []
    for name in defect.columns:
        column = rows[name].cast(pl.Float64)
        if "non_finite" in defect.id:
            bad = ~column.is_finite()
        elif defect.id == "fractions":
            bad = column.is_finite() & (column != column.round())
        elif defect.id == "magnitude":
            bad = rows.select(beyond_arithmetic(pl.col(name))).to_series()
        elif "negative" in defect.id:
            bad = column < 0
        else:
            bad = column.is_finite() & (column.abs() > (2**16 - 1 if "16" in defect.id else 2**31 - 2))
        if bad.any():
            found.append(name)
    return found


def _of_columns(table: pl.DataFrame, features: Sequence[str]) -> Iterable[Finding]:
    constant = column_defects.constant(table, features)
    vary = [name for name in features if name not in constant]
    pairs = len(vary) * (len(vary) - 1) // 2
    yield Finding("constant_columns", "Constant columns", "columns with one value in all flows", len(constant),
                  len(features), None, "columns", columns=constant)  # fmt: skip
    same = column_defects.identical(table, vary)
    yield Finding("identical_pairs", "Identical pairs of columns",
                  "pairs of columns that vary and are equal in every flow, up to 1 in 10\N{SUPERSCRIPT NINE}",
                  len(same), pairs, None, "pairs", columns=[list(pair) for pair in same])  # fmt: skip
    strong = column_defects.correlated(table, vary)
    yield Finding("correlated_pairs", "Strongly correlated pairs",
                  f"pairs of columns with an absolute Pearson correlation of {column_defects.STRONG} or more over the "
                  "flows without infinite or undefined cells", len(strong), pairs, None, "pairs",
                  columns=[list(pair) for pair in strong])  # fmt: skip


def _repeated(table: pl.DataFrame, features: Sequence[str]) -> Iterable[Finding]:
    counts = repeats.repeats(table, features)
    for id, (title, definition) in repeats.DEFINITIONS.items():
        found = counts[id]
        whole = found.reason is None
        missing = found.flows is None
        yield Finding(id, title, definition, found.flows, table.height if whole else None, found.attacks,
                      "flows" if whole or missing else "vectors", reason=found.reason)  # fmt: skip
