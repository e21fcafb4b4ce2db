"""Forms that the twin can be written in: files and labels of a release, and how flows are spelled there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.dataset.meter import Flows
from analysis.dataset.release import Release, load
from analysis.twin import corrected, printing
from analysis.twin.apportionment import Inventory

FORMS = ("original", "corrected")

Spell = Callable[[Flows, NDArray[np.str_], str, int, np.random.Generator], pl.DataFrame]
"""Flows, their labels, file, number of the first of them in it, random stream -> rows as the release has them."""


@dataclass(frozen=True)
class Form:
    """A release to write in: published flows per file and label, the class that each label behaves like, spelling.

    ``days`` says by which day's rules the numbers of a file are rounded.
    """

    name: str
    release: Release
    inventory: Inventory
    behaves: Mapping[str, str]
    days: Mapping[str, str]
    defective: bool
    encoding: str
    bytes_a_row: int
    spell: Spell


def form(name: str) -> Form:
    """The form ``name``, one of FORMS."""
    release = load(name)
    if name == "original":
        spelling = {label: spellings[0] for label, spellings in release.labels.items()}
        # The dash of the web-attack labels is one byte of cp1252 in the release.
        return Form(
            name, release, {file.name: file.counts for file in release.files}, {label: label for label in spelling},
            {file.name: file.day for file in release.files}, True, "latin-1", 330, _Original(release, spelling),
        )  # fmt: skip
    inventory = corrected.inventory(release)
    behaves = {label: corrected.behaves(label, release) for labels in inventory.values() for label in labels}
    days = dict.fromkeys(inventory, printing.UNROUNDED_DAY)
    return Form(name, release, inventory, behaves, days, False, "utf-8", 620, corrected.Spelling(release))


@dataclass(frozen=True)
class _Original:
    """Spells flows in the layout of the original release."""

    release: Release
    spelling: Mapping[str, str]

    def __call__(
        self, flows: Flows, labels: NDArray[np.str_], file: str, first: int, random: np.random.Generator
    ) -> pl.DataFrame:
        return printing.table(flows, labels, self.release, self.spelling)
