"""Rebuilds the parameters of the synthetic twin from real rows: statistics only, none of them of fewer than ten rows.

``python -m analysis.dataset.calibrate --data FOLDER --out analysis/dataset/twin_parameters.npz``; FOLDER holds the
excerpts that :mod:`analysis.dataset.excerpts` names. The result depends on the excerpts alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from analysis import errors
from analysis.dataset import avoidance, behaviours, excerpts, fitting
from analysis.dataset.behaviours import Behaviour, ClassSource
from analysis.dataset.identities import FREE, Flows, free
from analysis.dataset.release import Release, load
from analysis.streams import stream_seed

SEED = 2017
"""Of the k-means starts; a part of the method, not of a study."""
NATURAL = "original release, natural shares"
WEB = "original release, all flows of the class"
GROUPED = "original release, excerpt with grouped labels (type by forest, port from the corrected release)"


def calibrate(data: Path, release: Release) -> tuple[dict[ClassSource, list[Behaviour]], NDArray[np.uint8]]:
    """Behaviours of each class of ``release`` and the map of real flows to avoid, from the excerpts in ``data``."""
    sample, web = excerpts.sample(data, release), excerpts.web_attacks(data, release)
    bleed, grouped = excerpts.heartbleed(data, release), excerpts.grouped(data, release, sample)
    real = [columns(table) for table in (sample, web, bleed, grouped, excerpts.day_heads(data, release))]
    quantities = [free(flows) for flows in real]
    known = [np.unique(np.concatenate([table[name] for table in quantities])) for name in FREE]
    classes = {}
    for label in release.labels:
        if (sample[excerpts.LABEL] == label).sum() >= fitting.SKETCHED:
            table, source = sample, NATURAL
        elif label in grouped[excerpts.LABEL]:
            table, source = grouped, GROUPED
        else:
            table, source = (bleed if label in bleed[excerpts.LABEL] else web), WEB
        flows = columns(table.filter(pl.col(excerpts.LABEL) == label))
        found = describe(flows, known, stream_seed(SEED, label))
        rows = sum(behaviour.rows for behaviour in found)
        classes[ClassSource(label, source, rows, rows < fitting.SKETCHED, len(found))] = found
    return classes, avoidance.bit_map(np.concatenate([avoidance.rare(flows) for flows in real]))


def columns(table: pl.DataFrame) -> Flows:
    """The numeric columns of a table as arrays."""
    return {name: table[name].to_numpy() for name in table.columns if name != excerpts.LABEL}


def describe(flows: Flows, known: Sequence[NDArray[np.float64]], seed: int) -> list[Behaviour]:
    """Behaviours of the flows of one class; ``known`` as for :func:`analysis.dataset.fitting.fit`.

    Rows with a negative duration or header (overflow) are left out, and those of zero duration: the generator has
    their published rates.
    """
    valid = (flows["Flow Duration"] > 0) & (flows["Fwd Header Length"] >= 0) & (flows["Bwd Header Length"] >= 0)
    flows = {name: column[valid] for name, column in flows.items()}
    quantities = np.column_stack([free(flows)[name] for name in FREE])
    ranked = np.column_stack([column for column in flows.values() if np.isfinite(column).all() and np.ptp(column) > 0])
    return fitting.fit(quantities, ranked, known, seed)


def write(data: Path, out: Path) -> None:
    """Calibrate from the excerpts in ``data`` and write the parameter file, on one thread so that bits do not vary."""
    with threadpool_limits(1):
        behaviours.save(out, *calibrate(data, load("original")))


def main() -> None:
    """Read the arguments and write the parameter file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    write(arguments.data, arguments.out)


if __name__ == "__main__":
    errors.run(main)
