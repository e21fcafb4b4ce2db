"""Excerpts of real flows in several spellings, as tables under the original release's column names.

What each of them lacks (Destination Port, a type within a group of attacks) is filled in as stated at its function.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from analysis.dataset.release import Release
from analysis.errors import UserError

LABEL, PORT = "Label", "Destination Port"
SAMPLE = "cicids2017-sample-12k.csv"
DAY_HEADS, WEB, HEARTBLEED = "cicids2017-day-heads.zip", "cicids2017-web-attacks.zip", "cicids2017-heartbleed.zip"
GROUPED, CORRECTED = "cicids2017-grouped-labels.zip", "cicids2017-improved.zip"
GROUPS: Mapping[str, tuple[str, ...]] = {
    "BruteForce": ("FTP-Patator", "SSH-Patator"),
    "DoS": ("DoS Hulk", "DoS GoldenEye", "DoS slowloris", "DoS Slowhttptest"),
    "Bot": ("Bot",),
    "Infiltration": ("Infiltration",),
}
_CORRECTED_FILES = {
    "FTP-Patator": "FTP-Patator",
    "SSH-Patator": "SSH-Patator",
    "DoS GoldenEye": "DoS_GoldenEye",
    "DoS slowloris": "DoS_Slowloris",
    "DoS Slowhttptest": "DoS_Slowhttptest",
    "Bot": "Botnet",
    "Infiltration": "Infiltration",
}


def _contents(path: Path) -> dict[str, bytes]:
    if not path.is_file():
        raise UserError(f"calibrate: there is no file {path}; --data is the folder of real excerpts")
    if path.suffix == ".csv":
        return {path.name: path.read_bytes()}
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in sorted(archive.namelist())}


def _table(content: bytes, release: Release) -> pl.DataFrame:
    """One CSV file with trimmed names, numbers as floats and canonical labels; other columns are left out."""
    schema: dict[str, type[pl.DataType]] = {}
    for name in content.partition(b"\n")[0].decode().strip().split(","):
        name = name.strip()
        # A name that stands there twice is the copy that the original layout calls '.1'.
        name = f"{name}.1" if name in schema else name
        schema[name] = pl.Float64 if name in release.features else pl.String
    table = pl.read_csv(content, has_header=False, skip_rows=1, schema=schema, encoding="utf8-lossy")
    return table.select(*(name for name in release.features if name in schema), pl.col(r"^[Ll]abels?$").alias(LABEL))


def _canonical(table: pl.DataFrame, release: Release) -> pl.DataFrame:
    known = {text: release.canonical_label(text) for text in table[LABEL].unique()}
    return table.with_columns(pl.col(LABEL).replace_strict(known, return_dtype=pl.String))


def sample(data: Path, release: Release) -> pl.DataFrame:
    """The sample of natural class shares in the original layout."""
    return _canonical(_table(_contents(data / SAMPLE)[SAMPLE], release), release)


def day_heads(data: Path, release: Release) -> pl.DataFrame:
    """The first rows of six day files, nearly all benign."""
    tables = [_table(content, release) for content in _contents(data / DAY_HEADS).values()]
    return _canonical(pl.concat(table.select(tables[0].columns) for table in tables), release)


def web_attacks(data: Path, release: Release) -> pl.DataFrame:
    """All flows of the three web attacks, and benign ones. Lacks the second copy of Fwd Header Length."""
    return _canonical(_table(next(iter(_contents(data / WEB).values())), release), release)


def heartbleed(data: Path, release: Release) -> pl.DataFrame:
    """All flows of Heartbleed, and benign ones; columns are numbered in the original order."""
    content = next(iter(_contents(data / HEARTBLEED).values()))
    table = pl.read_csv(content, infer_schema_length=None)
    names = {f"X{i}": name for i, name in enumerate(release.features, 1) if f"X{i}" in table.columns}
    label = pl.when(pl.col("YY") == 7).then(pl.lit("Heartbleed")).otherwise(pl.lit(release.benign)).alias(LABEL)
    return table.select(pl.col(list(names)).cast(pl.Float64).name.map(lambda name: names[name]), label)


def grouped(data: Path, release: Release, labelled: pl.DataFrame) -> pl.DataFrame:
    """Attacks of the excerpt whose labels are grouped, with the rows of ``labelled`` and without repeating them.

    The type within a group is the one that a forest trained on ``labelled`` gives; the destination port, which the
    excerpt lacks, is the port that most flows of the type have in the corrected release.
    """
    table = _table(next(iter(_contents(data / GROUPED).values())), release)
    features = [name for name in table.columns if name not in (LABEL, PORT)]
    parts = []
    for group, types in GROUPS.items():
        own = table.filter(pl.col(LABEL) == group)
        known = labelled.filter(pl.col(LABEL).is_in(types))
        if len(types) > 1:
            forest = RandomForestClassifier(300, class_weight="balanced", random_state=0)
            forest.fit(_matrix(known, features), known[LABEL].to_numpy())
            own = own.with_columns(pl.Series(LABEL, forest.predict(_matrix(own, features)), dtype=pl.String))
        parts.append(own)
    ports = _ports(data)
    rows = pl.concat(parts).filter(pl.col(LABEL).is_in(list(ports)))
    rows = rows.with_columns(pl.col(LABEL).replace_strict(ports, return_dtype=pl.Float64).alias(PORT))
    known = labelled.filter(pl.col(LABEL).is_in(list(ports))).select(rows.columns)
    distinct = ["Flow Duration", *(name for name in features if name.endswith("Packets") or "Length" in name)]
    return pl.concat([known, rows.join(known.unique(distinct), on=distinct, how="anti")])


def _matrix(table: pl.DataFrame, features: list[str]) -> NDArray[np.float64]:
    values = table.select(features).to_numpy()
    return np.where(np.isfinite(values), values, -1.0)


def _ports(data: Path) -> dict[str, float]:
    """Most frequent destination port of each type in the corrected release."""
    contents = _contents(data / CORRECTED)
    ports = {}
    for label, start in _CORRECTED_FILES.items():
        name = next(name for name in contents if name.startswith(f"{start}_") and name[len(start) + 1].isdigit())
        column = pl.read_csv(contents[name], columns=["Dst Port"], infer_schema_length=None)["Dst Port"]
        ports[label] = float(column.value_counts(sort=True)["Dst Port"][0])
    return ports
