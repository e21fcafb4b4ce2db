"""Behaviours: a class of flows as clusters of statistics, how flows are drawn from them, and the file that keeps them.

A cluster has, for each quantity, its atoms (single values, with their mass) and means of neighbouring values for the
rest, and how the quantities move together: a Gaussian copula whose correlation is of low rank plus a diagonal.
:mod:`analysis.twin.calibration.fitting` makes them from real rows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.record import write_atomically
from analysis.twin.avoidance import Avoidance

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

LEAST_ROWS = 10
"""A value or a mean enters the parameters only if at least this many real rows stand behind it."""


@dataclass(frozen=True)
class Marginals:
    """Sorted points of one quantity in one cluster: value, number of rows behind it, and whether it is an atom."""

    value: Array
    rows: Integers
    atom: NDArray[np.bool_]


@dataclass(frozen=True)
class Behaviour:
    """One cluster: its rows, the marginals of each quantity, and the loadings (quantities x factors) of the copula."""

    rows: int
    marginals: tuple[Marginals, ...]
    loadings: Array


@dataclass(frozen=True)
class ClassSource:
    """Where the description of a class comes from."""

    label: str
    source: str
    rows: int
    sketched: bool
    clusters: int
    repeats: tuple[tuple[int, int], ...] = ()
    """How often the generator repeats itself: number of flows drawn, and how many of them equal an earlier one."""


@dataclass(frozen=True)
class Parameters:
    """What the parameter file holds: the behaviours of each class, flows that must not come out, and the fidelity."""

    classes: Mapping[ClassSource, Sequence[Behaviour]]
    avoid: Avoidance
    fidelity: Mapping[str, Any] = field(default_factory=dict)
    """As measured on rows held out of the calibration, by :mod:`analysis.twin.calibration.measured_fidelity`."""


@dataclass
class Drawer:
    """Draws flows of one class: the behaviours' tables side by side, so that one look-up serves all rows."""

    behaviours: Sequence[Behaviour]
    _tables: list[tuple[Array, Array, Array, Array]] = field(init=False)

    def __post_init__(self) -> None:
        rows = np.array([behaviour.rows for behaviour in self.behaviours], dtype=float)
        self._share = np.cumsum(rows) / rows.sum()
        self._loadings = np.stack([behaviour.loadings for behaviour in self.behaviours])
        self._own = np.sqrt(np.maximum(1 - (self._loadings**2).sum(axis=2), 0))
        quantities = len(self.behaviours[0].marginals)
        self._tables = [_table([b.marginals[q] for b in self.behaviours]) for q in range(quantities)]

    def choose(self, n: int, random: np.random.Generator) -> Integers:
        """Numbers of ``n`` behaviours, each as frequent as in the calibration rows."""
        return np.searchsorted(self._share, random.random(n), side="right").clip(max=len(self._share) - 1)

    def draw(self, cluster: Integers, random: np.random.Generator) -> Array:
        """Quantities of one flow for each behaviour number in ``cluster`` (n x quantities)."""
        from scipy.special import ndtr  # here, since the steps that only read the parameters need none of it

        n = len(cluster)
        factors = random.standard_normal((self._loadings.shape[2], n))
        scores = self._own[cluster] * random.standard_normal((n, self._own.shape[1]))
        # One factor after the other instead of a matrix product, whose last bits depend on the number of threads.
        for factor, loading in zip(factors, np.moveaxis(self._loadings, 2, 0), strict=True):
            scores += loading[cluster] * factor[:, None]
        place = ndtr(scores).clip(0, 1 - 1e-12)
        place += cluster[:, None]
        values: Array = np.empty_like(place)
        for column, (of, (ends, starts, low, width)) in enumerate(
            zip(np.ascontiguousarray(place.T), self._tables, strict=True)
        ):
            at = np.searchsorted(ends, of, side="right")
            np.minimum(at, len(ends) - 1, out=at)
            start = starts[at]
            of -= start
            of /= ends[at] - start
            of *= width[at]
            of += low[at]
            values[:, column] = of
        return values


def _table(marginals: Sequence[Marginals]) -> tuple[Array, Array, Array, Array]:
    """Ends (cluster number + cumulative share), starts, lower bound and width of all points of one quantity."""
    ends = np.concatenate([k + np.cumsum(m.rows) / m.rows.sum() for k, m in enumerate(marginals)])
    low, high = (np.concatenate(bounds) for bounds in zip(*map(_bounds, marginals), strict=True))
    return ends, np.concatenate([[0.0], ends[:-1]]), low, high - low


def _bounds(marginals: Marginals) -> tuple[Array, Array]:
    """The range that each point stands for: an atom for itself, a mean for halfway to its neighbouring means."""
    value, atom = marginals.value, marginals.atom
    gap = np.diff(value) / 2
    before = np.concatenate([[np.nan], np.where(atom[:-1], np.nan, gap)])
    after = np.concatenate([np.where(atom[1:], np.nan, gap), [np.nan]])
    # Beside an atom or at the end a mean reaches as far as on its other side, but not beyond the atom; one that stands
    # alone is smoothed by a tenth of itself.
    to_atom_before = np.concatenate([[np.inf], gap * 2])
    to_atom_after = np.concatenate([gap * 2, [np.inf]])
    alone = np.where(np.isnan(before) & np.isnan(after), np.abs(value) / 10, np.nan)
    low = np.where(np.isnan(before), np.fmin(np.fmin(after, alone), to_atom_before), before)
    high = np.where(np.isnan(after), np.fmin(np.fmin(before, alone), to_atom_after), after)
    low, high = (np.where(atom, 0, width) for width in (low, high))
    return np.where((value >= 0) & (value - low < 0), 0, value - low), value + high


def save(path: Path, parameters: Parameters) -> None:
    """Write the parameter file: arrays of numbers and JSON texts, no pickle; same bytes for the same content.

    No zero is negative: which zeros are depends on the processor's vector instructions.
    """
    behaviours = [behaviour for group in parameters.classes.values() for behaviour in group]
    marginals = [m for behaviour in behaviours for m in behaviour.marginals]
    with write_atomically(path) as temporary:
        np.savez_compressed(
            temporary,
            about=_text([asdict(source) for source in parameters.classes]),
            fidelity=_text(parameters.fidelity),
            rows=np.array([behaviour.rows for behaviour in behaviours], dtype=np.int32),
            loadings=np.stack([behaviour.loadings for behaviour in behaviours]).astype(np.float32) + 0.0,
            points=np.array([len(m.value) for m in marginals], dtype=np.int32),
            value=np.concatenate([m.value for m in marginals]) + 0.0,
            point_rows=np.concatenate([m.rows for m in marginals]).astype(np.int32),
            atom=np.concatenate([m.atom for m in marginals]),
            avoid=parameters.avoid.packed,
            salt=np.array(parameters.avoid.salt, dtype=np.int64),
        )


def _text(entry: Any) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(entry, ensure_ascii=False, allow_nan=False).encode(), dtype=np.uint8)


def load(path: Path) -> Parameters:
    """Inverse of :func:`save`."""
    with np.load(path, allow_pickle=False) as file:
        sources = [
            ClassSource(**entry | {"repeats": tuple((n, repeated) for n, repeated in entry.get("repeats", ()))})
            for entry in json.loads(file["about"].tobytes())
        ]
        fidelity = json.loads(file["fidelity"].tobytes()) if "fidelity" in file.files else {}
        loadings = np.round(file["loadings"].astype(np.float64), 3)
        rows, points, avoid = file["rows"], file["points"], Avoidance(file["avoid"], int(file["salt"]))
        cuts = np.cumsum(points)[:-1]
        parts = (np.split(file[name], cuts) for name in ("value", "point_rows", "atom"))
        marginals = [Marginals(v, n.astype(np.int64), a) for v, n, a in zip(*parts, strict=True)]
    width = loadings.shape[1]
    behaviours = [
        Behaviour(int(rows[k]), tuple(marginals[k * width : (k + 1) * width]), loadings[k]) for k in range(len(rows))
    ]
    start, classes = 0, {}
    for source in sources:
        classes[source] = behaviours[start : start + source.clusters]
        start += source.clusters
    return Parameters(classes, avoid, fidelity)
