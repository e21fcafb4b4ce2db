"""A finished build with the cache that it was published from: what a detector is made of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.audit.compare_builds import demand_intact, folder_of
from analysis.citing.build_id import build_id
from analysis.dataset.parts import Fold, folds
from analysis.errors import UserError
from analysis.record import read_json

SPLIT = "random"
"""The split whose models can become detectors: its training part is of all days and types."""


@dataclass(frozen=True)
class Built:
    """The results of a build, its build.json and the folder of its cache."""

    results: Path
    manifest: dict[str, Any]
    cache: Path

    @classmethod
    def find(cls, build: str) -> Built:
        """The build of that name or folder; UserError where it was altered, or its cache is not that of the results."""
        results = folder_of(build)
        demand_intact(results)
        cache = results.parent.with_name("build") / results.name
        marker = cache / "published.json"
        if not marker.is_file():
            raise UserError(f"{cache}: the build's cache is not there, and models are fitted on its flows; run 'make "
                            f"paper' for the build {results.name} again")  # fmt: skip
        if read_json(marker)["manifest"] != hashlib.sha256((results / "build.json").read_bytes()).hexdigest():
            raise UserError(f"{cache}: not the cache that {results} was published from; run 'make paper' again")
        return cls(results, read_json(results / "build.json"), cache)

    @property
    def id(self) -> str:
        """The id of the build."""
        return build_id(self.manifest)

    @property
    def settings(self) -> dict[str, Any]:
        """All settings of the build."""
        found: dict[str, Any] = self.manifest["settings"]
        return found

    def entries(self) -> Iterator[tuple[dict[str, Any], Path]]:
        """Each condition that was fitted on the split at random, and the file of its predictions."""
        for descriptions in sorted((self.cache / "models").glob("*.json")):
            predictions = self.cache / "predictions" / f"{descriptions.stem}.parquet"
            for entry in read_json(descriptions).values():
                if entry["group"][0] == SPLIT:
                    yield entry, predictions

    def fold(self) -> Fold:
        """The training and the test part of the split at random."""
        of_split = self.cache / "splits" / SPLIT
        (fold,) = folds(self.cache / "data" / "clean.parquet", of_split / "roles.parquet", of_split / "split.json")
        return fold

    def about(self) -> dict[str, Any]:
        """What the flows are: release, whether they are synthetic, whether they weigh as in the release."""
        found: dict[str, Any] = read_json(self.cache / "data" / "metadata.json")
        return found
