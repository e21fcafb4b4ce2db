"""Rebuilds the parameters of the synthetic twin from real rows: statistics only, none of them of fewer than ten rows.

``python -m analysis.twin.calibration.calibrate --data FOLDER --out FILE``; FOLDER holds copies
of the releases in any form that the project reads. A class is described from the source with the widest choice of
types that has enough rows of it. A third of the rows of each class is held out, and the fidelity of the twin measured
on it: the parameters that are kept are those that were measured. The result depends on the rows alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from analysis.command import run
from analysis.dataset.input.headings import LABEL
from analysis.dataset.input.source import TWIN_MARK
from analysis.dataset.meter import Flows
from analysis.dataset.release import Release, load
from analysis.streams import stream, stream_seed
from analysis.twin import avoidance, behaviours
from analysis.twin.behaviours import Behaviour, ClassSource, Drawer, Parameters
from analysis.twin.calibration import disclosure, fitting, measured_fidelity, real_flows
from analysis.twin.calibration.real_flows import Source
from analysis.twin.constraints import FREE, NEEDED, free
from analysis.twin.defects import PUBLISHED, Kind
from analysis.twin.generator import Generator

SEED = 2017
"""Of the k-means starts, the choice of held-out rows, the draws for repeats: a part of the method, not of a study."""
HELD_OUT = 1 / 3
MOST_ROWS = 100_000
"""Rows of a class that are used at most; a random choice of them where there are more."""
NATURAL_ROWS = 30_000
"""Rows on which models are compared at most, in each part."""
CHUNK = 1 << 16
NATURAL, FULL = "original release, widest choice of types", "original release, excerpt of the class"
GROUPED = "original release, excerpt with grouped labels (type by forest, port from the corrected release)"


@dataclass(frozen=True)
class Rows:
    """Real rows of one class: those to calibrate on, those held out, and where they come from."""

    source: str
    kept: pl.DataFrame
    held: pl.DataFrame


def calibrate(data: Path, release: Release) -> Parameters:
    """Behaviours of each class of ``release``, map of real flows to avoid, and fidelity, from the flows in ``data``."""
    found, left_out = real_flows.sources(data)
    for reason in left_out:
        print(f"left out: {reason}")
    if any(data.rglob(TWIN_MARK)):
        print("note: some of these flows were written by the twin generator; a twin of a twin tells nothing new")
    main = real_flows.main_source(found, release)
    groups = {s.name: t for s in found if set(s.labels) & set(release.families) - set(release.labels)
              and (t := real_flows.ungrouped(s, main, found, release))}  # fmt: skip
    real = [columns(source.table) for source in (*found, *groups.values())]
    quantities = [free(flows) for flows, s in zip(real, (*found, *groups.values()), strict=True) if s.usable]
    known = [np.unique(np.concatenate([table[name] for table in quantities])) for name in FREE]
    rows = choose(found, main, groups, release)
    classes = {}
    for label, chosen in rows.items():
        behaves = describe(columns(chosen.kept), known, stream_seed(SEED, label))
        n = sum(behaviour.rows for behaviour in behaves)
        classes[ClassSource(label, chosen.source, n, n < fitting.SKETCHED, len(behaves))] = behaves
        print(f"{label}: {n} rows of {chosen.source.partition(' (')[0]}, {len(behaves)} behaviours")
    whole = {*avoidance.INTEGRAL, *NEEDED}
    rare = disclosure.rare([avoidance.keys(flows) for flows in real if whole <= set(flows)])
    every = [columns(chosen.kept) for chosen in rows.values()]
    avoid = disclosure.bit_map(rare, [avoidance.keys(f) for f in every])
    drawers = {source.label: Drawer(behaves) for source, behaves in classes.items()}
    generator = Generator(drawers, avoid, {}, release.benign, release.constant, release.features)
    classes = {replace(s, repeats=repeats(generator, s.label, release)): b for s, b in classes.items()}
    kept, held = (natural(table, main) for table in split(main.table, release))
    measured = measured_fidelity.measure(
        generator, {label: chosen.held for label, chosen in rows.items()}, kept, held, release, SEED
    )
    return Parameters(classes, avoid, measured)


def choose(found: Sequence[Source], main: Source, groups: Mapping[str, Source], release: Release) -> dict[str, Rows]:
    """Rows of each class that any source has: from ``main`` where that has enough of it, else where most are."""
    kept, held = split(main.table, release)
    others = [(source.table, FULL) for source in found if source.usable and source not in (main, *groups.values())]
    others += [(source.table, GROUPED) for source in groups.values()]
    result = {}
    for label in release.labels:
        own = Rows(NATURAL, *(table.filter(pl.col(LABEL) == label) for table in (kept, held)))
        rows = own.kept.height + own.held.height
        candidates = [(_without(table.filter(pl.col(LABEL) == label), own.held), what) for table, what in others]
        other, what = max(candidates, key=lambda item: item[0].height, default=(own.kept.clear(), FULL))
        if rows >= fitting.SKETCHED or (rows and rows >= other.height):
            # Where there are few all are needed, for a class that is sketched and not measured.
            few = own.kept.height < 2 * behaviours.LEAST_ROWS
            result[label] = Rows(NATURAL, pl.concat([own.kept, own.held]), own.held.clear()) if few else own
        elif other.height:
            # Where too few rows would be left to calibrate, none are held out.
            enough = other.height * (1 - HELD_OUT) >= fitting.SKETCHED
            parts = split(other, release) if enough else (other, other.clear())
            if what == GROUPED:  # whose rows are those that the main source has not
                names = [name for name in other.columns if name in kept.columns]
                parts = (
                    pl.concat([parts[0].select(names), own.kept.select(names)]),
                    pl.concat([parts[1].select(names), own.held.select(names)]),
                )
            result[label] = Rows(what, *parts)
    return result


def split(table: pl.DataFrame, release: Release) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows to calibrate on and rows held out, class by class."""
    kept, held = [], []
    for label in release.labels:
        rows = table.filter(pl.col(LABEL) == label)
        order = stream(SEED, f"hold out {label}").permutation(rows.height)[:MOST_ROWS]
        cut = len(order) - int(len(order) * HELD_OUT)
        kept.append(rows[np.sort(order[:cut])])
        held.append(rows[np.sort(order[cut:])])
    return pl.concat(kept), pl.concat(held)


def natural(table: pl.DataFrame, main: Source) -> pl.DataFrame:
    """As many rows of a part of ``main`` as the models can be compared on, classes in the shares of ``main``."""
    if main.table.height <= NATURAL_ROWS:
        return table
    have = dict(table[LABEL].value_counts().rows())
    share = min(NATURAL_ROWS / main.table.height, *(have[label] / n for label, n in main.labels.items() if n > 1000))
    parts = []
    for label, n in main.labels.items():
        rows = table.filter(pl.col(LABEL) == label)
        order = stream(SEED, f"natural {label}").permutation(rows.height)[: int(np.ceil(n * share))]
        parts.append(rows[np.sort(order)])
    return pl.concat(parts)


def _without(table: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Rows of ``table`` that are none of the held-out ones, by their whole-number columns."""
    names = [name for name in avoidance.INTEGRAL if name in table.columns]
    return table.join(held, on=names, how="anti") if held.height and table.height else table


def columns(table: pl.DataFrame) -> Flows:
    """The numeric columns of a table as arrays."""
    return {name: table[name].to_numpy() for name in table.columns if name != LABEL}


def describe(flows: Flows, known: Sequence[NDArray[np.float64]], seed: int) -> list[Behaviour]:
    """Behaviours of the flows of one class; ``known`` as for :func:`analysis.twin.calibration.fitting.fit`.

    Rows with a negative duration or header (overflow) are left out, and those of zero duration: the generator has
    their published numbers.
    """
    valid = (flows["Flow Duration"] > 0) & (flows["Fwd Header Length"] >= 0) & (flows["Bwd Header Length"] >= 0)
    flows = {name: column[valid] for name, column in flows.items()}
    quantities = np.column_stack([free(flows)[name] for name in FREE])
    ranked = np.column_stack([column for column in flows.values() if np.isfinite(column).all() and np.ptp(column) > 0])
    return fitting.fit(quantities, ranked, known, seed)


def repeats(generator: Generator, label: str, release: Release) -> tuple[tuple[int, int], ...]:
    """How many of the first n flows of a class equal an earlier one in every column as printed.

    For n the published number of flows, half of it, a quarter, and so on; zero durations at their published rate. No
    real row plays a part.
    """
    random, most = stream(SEED, f"repeats {label}"), max(release.counts.get(label, 0), 1024)
    still = PUBLISHED.get(label, {}).get(Kind.STILL_EMPTY, 0) / most
    hashes: list[NDArray[np.uint64]] = []
    for _ in range(-(-most // CHUNK)):
        kinds = np.where(random.random(min(CHUNK, most)) < still, Kind.STILL_EMPTY, Kind.SOUND).astype(np.int8)
        hashes.append(pl.DataFrame(generator.flows(label, kinds, "", random)).hash_rows().to_numpy())
    drawn = np.concatenate(hashes)[:most]
    sizes = sorted({most >> k for k in range(most.bit_length()) if most >> k >= 512})
    return tuple((n, n - len(np.unique(drawn[:n]))) for n in sizes)


def write(data: Path, out: Path) -> None:
    """Calibrate from the flows in ``data`` and write the parameter file, on one thread so that bits do not vary."""
    with threadpool_limits(1):
        behaviours.save(out, calibrate(data, load("original")))


def step(*, data: Path, out: Path) -> None:
    """Measure real flows and write the twin's parameter file."""
    write(data, out)


if __name__ == "__main__":
    run(step)
