"""The generator of the twin: blocks of flows, each from random streams of its own, so that any can be made anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from analysis.dataset.meter import Flows
from analysis.errors import UserError
from analysis.streams import stream
from analysis.twin import copies, defects
from analysis.twin.apportionment import part, share_out
from analysis.twin.avoidance import Avoidance
from analysis.twin.behaviours import Drawer, Integers
from analysis.twin.constraints import FREE, complete
from analysis.twin.copies import Copies, Repeats
from analysis.twin.defects import Kinds
from analysis.twin.forms import Form
from analysis.twin.printing import printed

BLOCK = 65_536
"""Flows drawn at a time: bounds the memory and is part of the result (each block has random streams of its own)."""
DRAWS = 200
"""How often a flow that the avoidance map refuses is drawn again before the parameters are called unusable."""
SAME_BEHAVIOUR = 50
"""So often it is drawn again from the same behaviour, so that behaviours keep their shares; then from any."""

# Flags that fewer than ten flows of the calibration sample raise, all of them benign: RST in 18 of the 59,993 flows of
# the day files' heads; Fwd URG, too rare in any excerpt to measure, at a nominal rate so that it is not constant.
RARE_FLAGS = {"RST Flag Count": 18 / 59_993, "Fwd URG Flags": 1e-4}


@dataclass(frozen=True)
class Generator:
    """What flows are drawn from: one drawer a class, the flows that must not come out, how often a class repeats."""

    drawers: Mapping[str, Drawer]
    avoid: Avoidance
    repeats: Mapping[str, Repeats]
    benign: str
    constant: tuple[str, ...]
    columns: tuple[str, ...]

    def flows(self, label: str, kinds: Kinds, day: str, random: np.random.Generator) -> Flows:
        """One complete flow of the class for each of ``kinds``, drawn again where it falls on the avoidance map."""
        drawer = self.drawers[label]
        behaviour = drawer.choose(len(kinds), random)
        flows = self._draw(label, behaviour, kinds, day, random)
        for turn in range(DRAWS):
            again = np.flatnonzero(self.avoid.refused(flows))
            if not len(again):
                return flows
            if turn > SAME_BEHAVIOUR:
                behaviour[again] = drawer.choose(len(again), random)
            other = self._draw(label, behaviour[again], kinds[again], day, random)
            for name, column in flows.items():
                column[again] = other[name]
        raise UserError(f"twin: the parameters of {label} give real flows again and again; calibrate them anew")

    def _draw(self, label: str, behaviour: Integers, kinds: Kinds, day: str, random: np.random.Generator) -> Flows:
        n = len(kinds)
        quantities = dict(zip(FREE, self.drawers[label].draw(behaviour, random).T, strict=True))
        if label == self.benign:
            for flag, rate in RARE_FLAGS.items():
                quantities[flag][random.random(n) < rate] = 1
        defective = bool(kinds.any())
        if defective:
            defects.prepare(quantities, kinds)
        flows = complete(quantities) | dict.fromkeys(self.constant, np.zeros(n))
        if defective:
            flows = {name: column.copy() for name, column in flows.items()}
            defects.spoil(flows, kinds, random)
        return {name: printed(name, flows[name], day) for name in self.columns}


@dataclass(frozen=True)
class Twin:
    """A twin of a certain size: how many flows of which label, kind and origin each block of each file holds."""

    generator: Generator
    form: Form
    rows: int
    floor: int
    seed: int

    @cached_property
    def counts(self) -> dict[str, dict[str, int]]:
        """Flows per file and label."""
        return share_out(self.form.inventory, self.rows, self.floor)

    @cached_property
    def copies(self) -> Copies:
        """Copied flows per file and label."""
        if not self.form.defective:
            return copies.none(self.counts)
        return copies.plan(self.counts, self.generator.repeats, self.generator.benign)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """File names in order."""
        return tuple(self.counts)

    def blocks(self, file: str) -> int:
        """Number of blocks of a file."""
        return -(-sum(self.counts[file].values()) // BLOCK)

    def jobs(self) -> Iterator[tuple[str, int]]:
        """File and number of every block, in order."""
        for file in self.files:
            yield from ((file, number) for number in range(self.blocks(file)))

    def block(self, file: str, number: int) -> pl.DataFrame:
        """Block ``number`` of a file, spelled as the form has it."""
        random = stream(self.seed, f"twin.{file}.{number}")
        parts: list[Flows] = []
        labels: list[str] = []
        for label, count in self.counts[file].items():
            rows = part(count, number, self.blocks(file))
            if len(rows):
                parts += self._label(file, number, label, len(rows), random)
                labels += [label] * (sum(len(flows["Flow Duration"]) for flows in parts) - len(labels))
        order = random.permutation(len(labels))
        flows = {name: np.concatenate([each[name] for each in parts])[order] for name in self.generator.columns}
        first = sum(part(count, number, self.blocks(file)).start for count in self.counts[file].values())
        return self.form.spell(flows, np.array(labels)[order], file, first, random)

    def _label(self, file: str, number: int, label: str, n: int, random: np.random.Generator) -> list[Flows]:
        """``n`` flows of a label: copies from the file before, flows that the next file copies, drawn ones, copies."""
        behaves, blocks = self.form.behaves[label], self.blocks(file)
        benign = behaves == self.generator.benign
        parts = self._borrowed(file, part(self.copies.across[file], number, blocks)) if benign else []
        if benign and self._lends(file):
            parts.append(self._lent(file, number))
        rest = n - sum(len(flows["Flow Duration"]) for flows in parts)
        copied = min(len(part(self.copies.within[file][label], number, blocks)), max(rest - 1, 0))
        kinds = self._kinds(file, number, label, rest - copied)
        flows = self.generator.flows(behaves, kinds, self.form.days[file], random)
        parts.append(flows)
        if copied:
            # Defective flows are not copied where there are others: their numbers are published.
            sound = np.flatnonzero(kinds == 0) if (kinds == 0).any() else np.arange(len(kinds))
            chosen = random.choice(sound, copied, replace=copied > len(sound))
            parts.append({name: column[chosen] for name, column in flows.items()})
        return parts

    def _kinds(self, file: str, number: int, label: str, n: int) -> Kinds:
        """Kinds of ``n`` flows of a block: the published numbers, spread evenly over all flows of the label."""
        kinds = np.zeros(n, dtype=np.int8)
        published = defects.PUBLISHED.get(label, {}) if self.form.defective else {}
        whole = sum(labels.get(label, 0) for labels in self.form.inventory.values())
        total = sum(labels.get(label, 0) for labels in self.counts.values())
        earlier = self.files[: self.files.index(file)]
        before = sum(self.counts[other].get(label, 0) for other in earlier)
        rows = part(self.counts[file][label], number, self.blocks(file))
        at = 0
        for kind, count in published.items():
            wanted = round(count * total / whole)
            some = wanted * (before + rows.stop) // total - wanted * (before + rows.start) // total
            kinds[at : at + some] = kind
            at += some
        return kinds

    def _lends(self, file: str) -> bool:
        later = self.files[self.files.index(file) + 1 :]
        return bool(later) and self.copies.across[later[0]] > 0

    def _lent(self, file: str, number: int) -> Flows:
        """The benign flows of a block that the next file copies: from a stream of their own."""
        borrower = self.files[self.files.index(file) + 1]
        n = len(part(self.copies.across[borrower], number, self.blocks(file)))
        random = stream(self.seed, f"twin.{file}.{number}.lent")
        return self.generator.flows(self.generator.benign, np.zeros(n, dtype=np.int8), self.form.days[file], random)

    def _borrowed(self, file: str, wanted: range) -> list[Flows]:
        """The flows ``wanted`` among those that the file before lends, made anew from their streams."""
        found: list[Flows] = []
        if not len(wanted):
            return found
        lender = self.files[self.files.index(file) - 1]
        for number in range(self.blocks(lender)):
            here = part(self.copies.across[file], number, self.blocks(lender))
            first, last = max(wanted.start, here.start), min(wanted.stop, here.stop)
            if first < last:
                flows = self._lent(lender, number)
                rows = slice(first - here.start, last - here.start)
                found.append({name: column[rows] for name, column in flows.items()})
        return found
