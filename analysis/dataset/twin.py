"""Generates the synthetic twin: day files laid out like the original release, drawn from a file of statistics.

``python -m analysis.dataset.twin --rows 56615 --floor 20 --seed 20170703 --out build/twin/data/source``
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis import errors
from analysis.dataset import avoidance, behaviours
from analysis.dataset.behaviours import ClassSource, Drawer
from analysis.dataset.identities import FREE, Flows, complete
from analysis.dataset.release import Release, ReleaseFile, load
from analysis.errors import UserError
from analysis.streams import stream

PARAMETERS = Path(__file__).with_name("twin_parameters.npz")
BLOCK = 65_536
"""Flows drawn at a time: bounds the memory and is part of the result (each block has a random stream of its own)."""
DRAWS = 200
"""How often a flow that the avoidance map refuses is drawn again before the parameters are called unusable."""

# Published for the original release: flows of zero duration, whose rates are infinite, or NaN where they carry no
# bytes (2,867 flows, 1,777 of them benign; 1,358 NaN). In the real sample the others are DoS Hulk, all without bytes.
ZERO_DURATION = {"BENIGN": (1777 / 2_273_097, (1358 - 1090) / 1777), "DoS Hulk": (1090 / 231_073, 1.0)}
# Flags that fewer than ten flows of the calibration sample raise, all of them benign: RST in 18 of the 59,993 flows of
# the day files' heads; Fwd URG, too rare in any excerpt to measure, at a nominal rate so that it is not constant.
RARE_FLAGS = {"RST Flag Count": 18 / 59_993, "Fwd URG Flags": 1e-4}
UNROUNDED_DAY = "Monday"
"""The one day whose times keep all digits; the others were rounded to three from ten million on."""
ROUNDED = ("IAT", "Active", "Idle", "/s", "Variance")


def allot(weights: Mapping[str, int], total: int, least: Mapping[str, int]) -> dict[str, int]:
    """Shares of ``total`` in proportion to ``weights`` by largest remainder, none below its ``least``.

    What the floors add is taken from the others; the sum is ``total`` unless the floors alone exceed it.
    """
    fixed: dict[str, int] = {}
    while True:
        rest = {name: weight for name, weight in weights.items() if name not in fixed}
        whole, left = sum(rest.values()), max(total - sum(fixed.values()), 0)
        low = {name: least[name] for name, weight in rest.items() if weight * left < least[name] * whole}
        if not low:
            break
        fixed |= low
    quotas = {name: divmod(weight * left, whole) for name, weight in rest.items()}
    missing = left - sum(quota for quota, _ in quotas.values()) if rest else 0
    first = sorted(quotas, key=lambda name: -quotas[name][1])[:missing]  # a stable sort: ties by order of the release
    return {name: fixed[name] if name in fixed else quotas[name][0] + (name in first) for name in weights}


def counts(release: Release, rows: int, floor: int) -> dict[str, dict[str, int]]:
    """Flows per day file and label: proportional to the published inventory, each class with at least ``floor``."""
    least = {label: min(floor, n) for label, n in release.counts.items()}
    if rows < sum(least.values()):
        raise UserError(
            f"twin.rows: {rows} is less than the {sum(least.values())} flows that twin.floor asks; raise it"
        )
    result: dict[str, dict[str, int]] = {file.name: {} for file in release.files}
    for label, n in allot(release.counts, rows, least).items():
        published = {file.name: file.counts[label] for file in release.files if label in file.counts}
        for name, share in allot(published, n, dict.fromkeys(published, 0)).items():
            result[name][label] = share
    empty = next((name for name, labels in result.items() if not sum(labels.values())), None)
    if empty:
        raise UserError(f"twin.rows: {rows} flows leave the day file {empty} without any; raise it")
    return result


@dataclass(frozen=True)
class Twin:
    """The generator: one drawer a class, and the map of flows that must not come out."""

    release: Release
    drawers: Mapping[str, Drawer]
    avoid: NDArray[np.uint8]

    def blocks(self, file: ReleaseFile, wanted: Mapping[str, int], seed: int) -> Iterator[pl.DataFrame]:
        """The flows of one day file, block by block, in file order and spelling."""
        total, done = sum(wanted.values()), dict.fromkeys(wanted, 0)
        for number, end in enumerate([*range(BLOCK, total, BLOCK), total]):
            random = stream(seed, f"twin.{file.name}.{number}")
            until = allot(wanted, end, dict.fromkeys(wanted, 0))
            share = {label: max(until[label] - done[label], 0) for label in wanted}
            yield self._block(file, share, random)
            done = {label: done[label] + share[label] for label in wanted}

    def _block(self, file: ReleaseFile, share: Mapping[str, int], random: np.random.Generator) -> pl.DataFrame:
        parts = [self._flows(label, n, file.day, random) for label, n in share.items() if n]
        labels = np.repeat(list(share), list(share.values()))
        order = random.permutation(len(labels))
        flows = {name: np.concatenate([part[name] for part in parts])[order] for name in self.release.features}
        return self._spell(flows, labels[order])

    def _flows(self, label: str, n: int, day: str, random: np.random.Generator) -> Flows:
        """``n`` complete flows of a class, drawn again where they fall on the avoidance map."""
        flows = self._draw(label, n, day, random)
        for _ in range(DRAWS):
            again = np.flatnonzero(avoidance.refused(flows, self.avoid))
            if not len(again):
                return flows
            other = self._draw(label, len(again), day, random)
            for name, column in flows.items():
                column[again] = other[name]
        raise UserError(f"twin: the parameters of {label} give real flows again and again; calibrate them anew")

    def _draw(self, label: str, n: int, day: str, random: np.random.Generator) -> Flows:
        quantities = dict(zip(FREE, self.drawers[label].draw(n, random).T, strict=True))
        share, empty = ZERO_DURATION.get(label, (0.0, 0.0))
        _stop_the_clock(quantities, random.random(n) < share, random.random(n) < empty)
        if label == self.release.benign:
            for flag, rate in RARE_FLAGS.items():
                quantities[flag][random.random(n) < rate] = 1
        flows = complete(quantities) | dict.fromkeys(self.release.constant, np.zeros(n))
        return {c.name: _printed(c.name, flows[c.name], day) for c in self.release.columns}

    def _spell(self, flows: Flows, labels: NDArray[np.str_]) -> pl.DataFrame:
        columns = []
        for column in self.release.columns:
            series = pl.Series(column.header, flows[column.name])
            if column.type == "integer":
                series = series.cast(pl.Int64)
            elif not series.is_finite().all():
                series = series.cast(pl.String).replace({"inf": "Infinity"})
            columns.append(series)
        spelling = {label: spellings[0] for label, spellings in self.release.labels.items()}
        return pl.DataFrame([*columns, pl.Series(f" {self.release.label_column}", labels).replace(spelling)])


def _stop_the_clock(quantities: Flows, chosen: NDArray[np.bool_], empty: NDArray[np.bool_]) -> None:
    """Make of the ``chosen`` flows two forward packets in one microsecond: nothing in them, or six bytes each."""
    size = np.where(empty, 0.0, 6.0)
    for name, column in quantities.items():
        if "IAT" in name or name.startswith(("Active", "Idle")) or name in ("Flow Duration", "Total Backward Packets"):
            column[chosen] = 0
        elif "Packet Length" in name:
            forward = name.startswith("Fwd") and not name.endswith("Std")
            column[chosen] = size[chosen] if forward else 0
    quantities["Total Fwd Packets"][chosen] = 2


def _printed(name: str, column: NDArray[np.float64], day: str) -> NDArray[np.float64]:
    """A column as the release prints it: ten digits, nine decimals, and long times and rates to three digits."""
    with np.errstate(divide="ignore"):
        magnitude = np.floor(np.log10(np.abs(column), where=np.isfinite(column), out=np.zeros(len(column))))
    decimals = 9 - np.maximum(magnitude, 0)
    if day != UNROUNDED_DAY and any(part in name for part in ROUNDED):
        decimals = np.where(magnitude >= 7, 2 - magnitude, decimals)
    scale = 10.0 ** np.abs(decimals)
    printed: NDArray[np.float64] = np.where(
        decimals >= 0, np.rint(column * scale) / scale, np.rint(column / scale) * scale
    )
    return printed


@cache
def _parameters(path: Path) -> tuple[dict[ClassSource, list[behaviours.Behaviour]], NDArray[np.uint8]]:
    return behaviours.load(path)


def classes(parameters: Path = PARAMETERS) -> tuple[ClassSource, ...]:
    """How each class of the twin was calibrated: source, number of real rows, calibrated or sketched, clusters."""
    return tuple(_parameters(parameters)[0])


def generator(release: Release, parameters: Path = PARAMETERS) -> Twin:
    """The generator for the layout of ``release``."""
    described, avoid = _parameters(parameters)
    return Twin(release, {source.label: Drawer(found) for source, found in described.items()}, avoid)


def write(out: Path, rows: int, floor: int, seed: int, release: Release) -> None:
    """Write the day files into the folder ``out``, which appears when it is complete and replaces an earlier one."""
    wanted, twin = counts(release, rows, floor), generator(release)
    temporary = out.with_name(f".{out.name}.{os.getpid()}")
    temporary.mkdir(parents=True)
    try:
        for file in release.files:
            with (temporary / file.name).open("wb") as target:
                for number, block in enumerate(twin.blocks(file, wanted[file.name], seed)):
                    # The dash of the web-attack labels is one byte of cp1252 in the release.
                    target.write(block.write_csv(include_header=number == 0).encode("latin-1"))
        shutil.rmtree(out, ignore_errors=True)
        temporary.rename(out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def main() -> None:
    """Read the arguments and write the twin."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--floor", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    write(arguments.out, arguments.rows, arguments.floor, arguments.seed, load("original"))


if __name__ == "__main__":
    errors.run(main)
