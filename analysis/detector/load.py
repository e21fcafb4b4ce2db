"""A detector's folder, read again: nothing in it is believed before its checksums, and nothing in it can run code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from analysis.detector.card import rates_of
from analysis.detector.parity import called, first_of_most
from analysis.detector.schema import SCHEMA, checksum
from analysis.detector.score import Session
from analysis.errors import UserError
from analysis.findings.prevalence import Ends, precision_at

DESCRIPTION = "detector.json"
CARD = "MODEL-CARD.md"
MAKE = "make it with 'make detector BUILD=<name>'"
LARGEST = 1 << 30
"""Bytes of the largest file of a detector that is read."""


@dataclass(frozen=True)
class Detector:
    """A detector ready to answer; ``told`` is what detector.json says, ``models`` its ONNX files by name."""

    folder: Path
    told: Mapping[str, Any]
    models: Mapping[str, bytes]

    @cached_property
    def features(self) -> list[str]:
        """Canonical names of its features, in the order of its columns."""
        return [one["name"] for one in self.told["features"]]

    @cached_property
    def _model(self) -> Session:
        return self._session(self.told["model"]["file"], len(self.features))

    @cached_property
    def _types(self) -> Session:
        return self._session(self.told["types"]["file"], len(self.features))

    def _session(self, name: str, features: int) -> Session:
        found = Session(self.models[name], str(self.folder / name))
        if found.features != features:
            raise UserError(f"{self.folder / name}: has {found.features} features, {DESCRIPTION} {features}; {MAKE}")
        return found

    def matrix(self, flows: pl.DataFrame | Mapping[str, Any]) -> np.ndarray:
        """The features of ``flows`` as float64, (n, k); UserError for a column that is not there, or a missing cell."""
        try:
            frame = pl.DataFrame(flows) if not isinstance(flows, pl.DataFrame) else flows
        except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
            raise UserError(f"the flows are no table: {_first_line(error)}; give lists of one length") from None
        if lacking := [name for name in self.features if name not in frame.columns]:
            raise UserError(f"the flows lack {', '.join(lacking)}, which this detector needs")
        try:
            cells = frame.select(pl.col(self.features).cast(pl.Float64))
        except pl.exceptions.PolarsError as error:
            raise UserError(f"the flows hold something else than numbers: {_first_line(error)}") from None
        if other := [name for name, kind in cells.schema.items() if kind != pl.Float64]:
            raise UserError(f"the flows hold something else than numbers: {', '.join(other)}")
        found = cells.to_numpy()
        if not np.isfinite(found).all():
            row, column = np.argwhere(~np.isfinite(found))[0]
            raise UserError(f"flow {row + 1}, column {self.features[column]}: no finite number; remove the flow")
        return np.asarray(found)

    def score(self, flows: pl.DataFrame | Mapping[str, Any] | np.ndarray, threads: int = 1) -> np.ndarray:
        """How much each flow looks like an attack, from 0 to 1, shape (n,).

        ``flows`` are columns by canonical name, or an array (n, k) in the order of ``features``.
        """
        return self._model(flows if isinstance(flows, np.ndarray) else self.matrix(flows), threads)

    def types(self, flows: pl.DataFrame | Mapping[str, Any] | np.ndarray) -> tuple[list[str | None], np.ndarray]:
        """The likeliest type of each flow, given that it is an attack, and its share of votes, both of length n."""
        array = flows if isinstance(flows, np.ndarray) else self.matrix(flows)
        if self.told["types"] is None:
            return [None] * len(array), np.full(len(array), np.nan)
        shares, labels = self._types(array), self.told["types"]["labels"]
        first = first_of_most(shares)
        return [labels[one] for one in first], shares[np.arange(len(shares)), first]

    def outside(self, flows: np.ndarray) -> np.ndarray:
        """Which cells of ``flows`` (n, k) lie outside the values of the training flows, boolean (n, k)."""
        least, greatest = (np.array([one[end] for one in self.told["features"]]) for end in ("least", "greatest"))
        return np.asarray((flows < least) | (flows > greatest))

    def point(self, rate: float) -> Mapping[str, Any]:
        """The operating point for a rate of false alarms; UserError names those that there are."""
        for one in self.told["operating_points"]:
            if one["rate"] == rate:
                return dict(one)
        there = ", ".join(str(one["rate"]) for one in self.told["operating_points"])
        raise UserError(f"FPR={rate:g}: this detector has thresholds for {there}; give one of them, or THRESHOLD=")

    def precision(self, point: Mapping[str, Any], base: float) -> Ends | None:
        """The precision to expect where ``base`` of all flows are attacks, with its band; None where not measured."""
        return None if point["recall"] is None else precision_at(rates_of(point), base)

    def alerts(self, flows: pl.DataFrame | Mapping[str, Any], rate: float = 0.001) -> np.ndarray:
        """Which flows are alerts at the threshold for a rate of false alarms, boolean (n,)."""
        return called(self.score(flows), self.point(rate)["threshold"])


def load(folder: Path | str) -> Detector:
    """The detector in a folder that ``make detector`` wrote; UserError where it is none, or a file was altered."""
    place = Path(folder)
    if not (place / DESCRIPTION).is_file():
        what = (
            "a build's results, whose detector is another folder" if (place / "build.json").is_file() else "no detector"
        )
        raise UserError(f"{place}: {what if place.is_dir() else 'there is no such folder'}; {MAKE}")
    try:
        told = json.loads(_read(place / DESCRIPTION))
        schema, noted, files = told["schema"], told["checksum"], dict(told["files"])
    except (ValueError, KeyError, TypeError):
        raise UserError(f"{place / DESCRIPTION}: not what 'make detector' writes; {MAKE}") from None
    if schema != SCHEMA:
        raise UserError(f"{place / DESCRIPTION}: is {schema}, and this version reads {SCHEMA}; {MAKE}")
    if checksum(told) != noted:
        raise UserError(f"{place / DESCRIPTION}: was altered; {MAKE}")
    models = {}
    for name, digest in files.items():
        if Path(name).name != name:
            raise UserError(f"{place / DESCRIPTION}: names {name!r}, which is no file beside it; {MAKE}")
        if not (place / name).is_file():
            raise UserError(f"{place / name}: is missing; {MAKE}")
        models[name] = _read(place / name)
        if hashlib.sha256(models[name]).hexdigest() != digest:
            raise UserError(f"{place / name}: was altered, by its checksum in {DESCRIPTION}; {MAKE}")
    return Detector(place, told, models)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _read(path: Path) -> bytes:
    if path.stat().st_size > LARGEST:
        raise UserError(f"{path}: larger than {LARGEST:,} bytes, which no detector is; {MAKE}")
    return path.read_bytes()
