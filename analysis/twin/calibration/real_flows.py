"""Real flows to calibrate on: whatever copies of the releases a folder holds, as tables under canonical names.

Every CSV file and zip is read as any input of the project is. Two things are special, and known by their content:
flows whose labels are grouped ('DoS', 'Brute Force') get the type that a forest trained on ungrouped flows gives them,
and, where they lack the destination port, the most frequent one of their type in the corrected release; and a table
whose columns are called X1, X2, ... in the original order (YY: 7 for Heartbleed, 0 for benign) is taken for the
Heartbleed excerpt. Files of other kinds are left out, and named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.headings import LABEL
from analysis.dataset.input.reading import read
from analysis.dataset.input.source import flow_files
from analysis.dataset.release import Release, load
from analysis.errors import UserError
from analysis.twin.constraints import NEEDED

PORT = "Destination Port"
LIKE_ORIGINAL = ("original", "labelled")
"""Releases whose features are those of the original release."""


@dataclass(frozen=True)
class Source:
    """The files of one release in one place: a zip, or a folder; features as Float64, and Label."""

    name: str
    release: str
    table: pl.DataFrame

    @property
    def usable(self) -> bool:
        """Whether every quantity of the twin can be computed from its columns."""
        return self.release in LIKE_ORIGINAL and set(NEEDED) <= set(self.table.columns)

    @property
    def labels(self) -> dict[str, int]:
        """Rows per label."""
        return dict(self.table[LABEL].value_counts().sort(LABEL).rows())


def sources(folder: Path) -> tuple[list[Source], list[str]]:
    """What the folder holds, by name, and why files were left out; UserError where nothing can be read."""
    if not folder.is_dir():
        raise UserError(f"calibrate: there is no folder {folder}; --data is a folder of real flows, CSV or zip")
    parts: dict[tuple[str, str], list[pl.DataFrame]] = {}
    left_out = []
    archives = [path for path in sorted(folder.rglob("*.zip")) if path.is_file()]
    for flow_file in [m for path in archives for m in flow_files(path)] + _csv_files(folder):
        try:
            release, table = _table(flow_file)
        except UserError as error:
            left_out.append(str(error))
            continue
        parts.setdefault((_place(flow_file, folder), release), []).append(table)
    if not parts:
        raise UserError(f"calibrate: nothing in {folder} can be read as flows: {'; '.join(left_out) or 'it is empty'}")
    return [Source(place, release, _joined(tables)) for (place, release), tables in sorted(parts.items())], left_out


def _csv_files(folder: Path) -> list[FlowFile]:
    paths = [path for path in sorted(folder.rglob("*.csv")) if path.is_file() and not path.name.startswith(".")]
    return [FlowFile(path.relative_to(folder).as_posix(), path) for path in paths]


def _place(flow_file: FlowFile, folder: Path) -> str:
    return (flow_file.path if flow_file.inside else flow_file.path.parent).relative_to(folder).as_posix()


def _joined(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    common = [name for name in tables[0].columns if all(name in table.columns for table in tables)]
    return pl.concat(table.select(common) for table in tables)


def _table(flow_file: FlowFile) -> tuple[str, pl.DataFrame]:
    """Name of the release, and features and label of one file."""
    content = flow_file.read()
    if content.startswith(b"X1,X2,"):
        return "original", _numbered(content)
    part = read(flow_file)
    features = part.layout.features
    flows = part.flows.filter(~pl.col("attempted"))
    return part.layout.release.name, flows.select(*(pl.col(name).cast(pl.Float64) for name in features), LABEL)


def _numbered(content: bytes) -> pl.DataFrame:
    release = load("original")
    table = pl.read_csv(BytesIO(content), infer_schema_length=None)
    names = {f"X{i}": name for i, name in enumerate(release.features, 1) if f"X{i}" in table.columns}
    label = pl.when(pl.col("YY") == 7).then(pl.lit("Heartbleed")).otherwise(pl.lit(release.benign)).alias(LABEL)
    return table.select(pl.col(list(names)).cast(pl.Float64).name.map(lambda name: names[name]), label)


def main_source(found: Sequence[Source], release: Release) -> Source:
    """The source that covers most types: whose class shares come nearest to those of a release."""
    single = [source for source in found if source.usable and set(source.labels) <= set(release.labels)]
    best = max(single, key=lambda source: (len(source.labels), source.table.height), default=None)
    if best is None or release.benign not in best.labels or len(best.labels) < 2:
        raise UserError(
            "calibrate: nothing in the folder has flows of the original release, benign and attacks, with single "
            f"types as labels and all columns; found: {', '.join(f'{s.name} ({s.release})' for s in found)}"
        )
    return best


def ungrouped(source: Source, main: Source, found: Sequence[Source], release: Release) -> Source | None:
    """A source with grouped labels with types in their place, without rows of ``main``; None where it has none.

    Types within a group are told apart by a forest trained on ``main``; web attacks, of which that has a handful, are
    left out. Ports that are lacking come from the corrected release.
    """
    table = source.table
    if source.release not in LIKE_ORIGINAL or not set(NEEDED) <= {*table.columns, PORT}:
        return None
    features = [name for name in table.columns if name not in (LABEL, PORT) and name in main.table.columns]
    parts = []
    for group in source.labels:
        types = release.families[group].labels if group in release.families else (group,)
        own, known = table.filter(pl.col(LABEL) == group), main.table.filter(pl.col(LABEL).is_in(types))
        if group == release.benign or (len(types) > 1 and known[LABEL].n_unique() < len(types)):
            continue
        if len(types) > 1:
            forest = RandomForestClassifier(300, class_weight="balanced", random_state=0)
            forest.fit(_matrix(known, features), known[LABEL].to_numpy())
            own = own.with_columns(pl.Series(LABEL, forest.predict(_matrix(own, features)), dtype=pl.String))
        parts.append(own)
    rows = pl.concat(parts) if parts else table.clear()
    if PORT not in table.columns:
        ports = _ports(found, release)
        rows = rows.filter(pl.col(LABEL).is_in(list(ports)))
        rows = rows.with_columns(pl.col(LABEL).replace_strict(ports, return_dtype=pl.Float64).alias(PORT))
    distinct = ["Flow Duration", *(name for name in features if name.endswith("Packets") or "Length" in name)]
    rows = rows.join(main.table.unique(distinct), on=distinct, how="anti")
    return Source(source.name, source.release, rows.select(PORT, *features, LABEL)) if rows.height else None


def _matrix(table: pl.DataFrame, features: list[str]) -> NDArray[np.float64]:
    values = table.select(features).to_numpy()
    return np.where(np.isfinite(values), values, -1.0)


def _ports(found: Sequence[Source], release: Release) -> Mapping[str, float]:
    """Most frequent destination port of each attack type in the corrected release."""
    tables = [source.table for source in found if source.release == "corrected"]
    ports: dict[str, float] = {}
    for table in tables:
        attacks = table.filter(pl.col(LABEL).is_in(release.attacks))
        counted = attacks.group_by(LABEL, PORT).len().sort(["len", PORT], descending=[True, False])
        ports |= dict(counted.unique(LABEL, keep="first", maintain_order=True).select(LABEL, PORT).rows())
    return ports
