"""Releases of CICIDS2017 by description: one YAML file each, no code of their own."""

from __future__ import annotations

import datetime
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

FOLDER = Path(__file__).parent / "releases"
# The dash of the web-attack labels is byte 0x96 of cp1252; mirrors turn it into a control character, an en dash, the
# replacement character, or one of these mis-decoded once more (as UTF-8 read as cp1252 or Latin-1).
DASHES = re.compile("â€“|â\x80\x93|ï¿½|Â\x96|[\x96\ufffd\u2010-\u2015\u2212-]")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReleaseColumn(_Part):
    """A numeric column: canonical (trimmed) name, exact header spelling, and whether it holds whole numbers."""

    name: str
    header: str
    type: Literal["integer", "float"]


class ReleaseFile(_Part):
    """A day file with its published size, checksum and label counts."""

    name: str
    day: str
    date: datetime.date
    rows: int
    bytes: int
    md5: str
    counts: dict[str, int]


class Release(_Part):
    """A release as described by its YAML file."""

    name: str
    title: str
    encoding: tuple[str, ...]
    label_column: str
    label_column_aliases: tuple[str, ...]
    benign: str
    columns: tuple[ReleaseColumn, ...]
    labels: dict[str, tuple[str, ...]]
    sentinels: dict[str, int]
    constant: tuple[str, ...]
    identical: tuple[tuple[str, str], ...]
    files: tuple[ReleaseFile, ...]
    published: dict[str, int] = {}

    @property
    def features(self) -> tuple[str, ...]:
        """Canonical names of the numeric columns, in file order."""
        return tuple(column.name for column in self.columns)

    @property
    def counts(self) -> dict[str, int]:
        """Published number of flows per label, in the order of ``labels``."""
        return {label: sum(file.counts.get(label, 0) for file in self.files) for label in self.labels}

    @property
    def attacks(self) -> tuple[str, ...]:
        """Canonical attack labels."""
        return tuple(label for label in self.labels if label != self.benign)

    def canonical_label(self, spelling: str) -> str | None:
        """Canonical label for a spelling found in a file, or None where it is none of this release's."""
        return _spellings(self).get(label_key(spelling))

    def __hash__(self) -> int:
        return hash(self.name)


def label_key(spelling: str) -> str:
    """What spellings of one label have in common: case, spaces and kinds of dash are set aside."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", DASHES.sub("-", spelling))).casefold()


@cache
def _spellings(release: Release) -> dict[str, str]:
    keys = {}
    for canonical, spellings in release.labels.items():
        for spelling in (canonical, *spellings):
            keys[label_key(spelling)] = canonical
    return keys


@cache
def load(name: str) -> Release:
    """The release described in ``releases/<name>.yaml``."""
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    return Release.model_validate(yaml.load(text, Loader=yaml.CSafeLoader), strict=False)
