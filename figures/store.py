"""Figures that were drawn before: believed only where everything they depend on is the same.

The workflow removes a rule's outputs before it runs again. What is kept here is none of its outputs, so that the change
of one table draws the figures of that table and takes the others from here.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import UserError
from analysis.record import read_json, write_json
from analysis.record.files import copy


@dataclass(frozen=True)
class Store:
    """A folder for each figure, with its files and the key of all that they were made of."""

    folder: Path

    def get(self, name: str, key: str, targets: Sequence[Path]) -> bool:
        """Copy the files of a figure to ``targets``; False where there are none of this key, or one is damaged."""
        try:
            if read_json(self.folder / name / "key")["key"] != key:
                return False
            for target in targets:
                copy(self.folder / name / target.name, target)
        except (OSError, ValueError, KeyError, UserError):
            return False
        return True

    def put(self, name: str, key: str, files: Sequence[Path]) -> None:
        """Keep the files of a figure; the key comes last, so that a kill leaves none that is believed."""
        (self.folder / name / "key").unlink(missing_ok=True)
        for file in files:
            copy(file, self.folder / name / file.name)
        write_json(self.folder / name / "key", {"key": key})

    def forget_others(self, names: Iterable[str]) -> None:
        """Remove the figures that are asked for no more."""
        for path in set(self.folder.glob("*")) - {self.folder / name for name in names}:
            shutil.rmtree(path)
