"""Releases of CICIDS2017 by description: one YAML file each, no code of their own."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from analysis.yaml_loader import SAFE

FOLDER = Path(__file__).parent / "releases"
# The dash of the web-attack labels is byte 0x96 of cp1252; mirrors turn it into a control character, an en dash, the
# replacement character, or one of these mis-decoded once more (as UTF-8 read as cp1252 or Latin-1), or twice.
DASHES = re.compile("Ã¯Â¿Â½|Ã¢â‚¬â€œ|â€“|â€”|â\x80[\x93\x94]|ï¿½|Â\x96|[\x96\x97\ufffd\u2010-\u2015\u2212-]")
# Whatever stands between 'Web Attack' and its type: a mark, the leavings of one, or how a program writes it in ASCII.
AFTER_WEB = re.compile(
    r"(web\s*attack)s?(?:&#?\w+;|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|<[0-9a-f]+>|[^a-z0-9&\\<])*(?=[a-rt-z]|s[^\W])",
    re.IGNORECASE,
)
# Quotes that a program wrote as part of a label, and how Python writes bytes: 'DoS Hulk', "DoS Hulk", b'DoS Hulk'.
QUOTED = re.compile(r"\s*(b?)(['\"`])(.*)\2\s*", re.DOTALL | re.IGNORECASE)
ANY_ATTACK = "Attack"
"""The label of attacks whose type is not told."""
CODES = {"0": False, "0.0": False, "false": False, "1": True, "1.0": True, "true": True}
"""How labels say 'attack' or not without a word for either."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReleaseColumn(_Part):
    """A numeric column: canonical name (the original release's, where it has the column) and how it is spelled here.

    ``also`` are further spellings; an ``optional`` column may be absent without the copy being called altered.
    """

    name: str
    header: str
    type: Literal["integer", "float"]
    also: tuple[str, ...] = ()
    optional: bool = False


class Variant(_Part):
    """A day file that circulates with other labels: same name and rows, other counts."""

    title: str
    counts: dict[str, int]


class ReleaseFile(_Part):
    """A day file: flows, and as far as published its size, checksum, label counts, attempted attacks, blank rows."""

    name: str
    day: str
    date: datetime.date
    rows: int
    counts: dict[str, int]
    attempted: dict[str, int] = {}
    bytes: int | None = None
    md5: str | None = None
    blank: int = 0
    variants: tuple[Variant, ...] = ()


class Timestamp(_Part):
    """How times are written; ``twelve_hours_from``: a clock without AM or PM, on which earlier hours are afternoon."""

    formats: tuple[str, ...]
    twelve_hours_from: int | None = None


class Family(_Part):
    """A group of labels, and how a copy with grouped labels spells it."""

    labels: tuple[str, ...]
    spellings: tuple[str, ...]


class Sentinel(_Part):
    """A value that stands for 'does not apply', and what it says.

    Not ``decided``: a column that applies to so few flows that the value is its usual one, so that cleaning, which
    could drop the flows that hold it, leaves it alone.
    """

    value: int
    means: str
    decided: bool = True


class Release(_Part):
    """A release as described by its YAML file.

    ``users`` are those whose behaviour was simulated in its network, None where their number is not published.
    ``first_packet`` says how often its flow meter adds the length of a flow's first packet, where that is known;
    ``sometimes`` are roles of ``identifiers`` that only some of its files have, ``recorded`` its first and last day
    where there is no inventory of ``files``.
    """

    name: str
    title: str
    short: str
    collection: str = "CICIDS2017"
    users: int | None = 25
    encoding: tuple[str, ...]
    label_column: str
    label_column_aliases: tuple[str, ...] = ()
    benign: str
    columns: tuple[ReleaseColumn, ...]
    identifiers: dict[str, tuple[str, ...]] = {}
    sometimes: tuple[str, ...] = ()
    recorded: tuple[datetime.date, datetime.date] | None = None
    ignored: tuple[str, ...] = ()
    timestamp: Timestamp | None = None
    attempted: str | None = None
    first_packet: Literal["once", "twice"] | None = None
    blank_rows: bool = False
    repeated_headers: bool = False
    labels: dict[str, tuple[str, ...]]
    families: dict[str, Family] = {}
    grouped: tuple[str, ...] = ()
    sentinels: dict[str, Sentinel] = {}
    constant: tuple[str, ...] = ()
    identical: tuple[tuple[str, str], ...] = ()
    rows: int | None = None
    totals: dict[str, int] = {}
    files: tuple[ReleaseFile, ...] = ()
    published: dict[str, int] = {}

    @property
    def features(self) -> tuple[str, ...]:
        """Canonical names of the numeric columns, in file order."""
        return tuple(column.name for column in self.columns)

    def sentinel(self, name: str) -> int | None:
        """The sentinel of a column, where it has one."""
        return self.sentinels[name].value if name in self.sentinels else None

    @property
    def decided(self) -> tuple[str, ...]:
        """Columns with a sentinel that cleaning decides about."""
        return tuple(name for name, sentinel in self.sentinels.items() if sentinel.decided)

    @property
    def counts(self) -> dict[str, int]:
        """Published number of flows per label, attempted ones left out; empty where no inventory is known."""
        if not self.files:
            return dict(self.totals)
        return {label: sum(file.counts.get(label, 0) for file in self.files) for label in self.labels}

    @property
    def attempted_counts(self) -> dict[str, int]:
        """Published number of attempted attacks per type."""
        found = {label: sum(file.attempted.get(label, 0) for file in self.files) for label in self.labels}
        return {label: n for label, n in found.items() if n}

    @property
    def flows(self) -> int | None:
        """Published number of flows, where there is one."""
        return self.rows or sum(self.counts.values()) + sum(self.attempted_counts.values()) or None

    @property
    def attacks(self) -> tuple[str, ...]:
        """Canonical attack labels."""
        return tuple(label for label in self.labels if label != self.benign)

    def published_count(self, label: str) -> int | None:
        """Published number of flows of a label, or of all labels of a family."""
        if label in self.counts:
            return self.counts[label]
        members = self.families[label].labels if label in self.families else ()
        return sum(self.counts[member] for member in members if member in self.counts) or None

    def types(self, present: Iterable[str]) -> list[str]:
        """The labels of a copy that has those ``present``: the release's, with a group in place of its members."""
        others = set(present) - set(self.labels)
        groups = [name for name in self.families if name in others]
        members = {label for name in groups for label in self.families[name].labels}
        return [label for label in self.labels if label not in members] + groups

    def has_day(self, day: str) -> bool:
        """Whether flows of this day, a name of the inventory or a date, may be of the release."""
        if self.recorded:
            return str(self.recorded[0]) <= day <= str(self.recorded[1])
        return not self.files or day in {file.day for file in self.files}

    @property
    def binary(self) -> Family:
        """All attacks as one group, for copies whose labels tell attacks from benign flows and no more."""
        spellings = ("Attack", "Attacks", "Malicious", "Malign", "Malware", "Anomaly", "Anomalous", "Intrusion")
        return Family(labels=self.attacks, spellings=spellings)

    def canonical_label(self, spelling: str) -> str | None:
        """Canonical label, or family, for a spelling found in a file; None where it is none of this release's."""
        found = self.read_label(spelling)
        return found[0] if found else None

    def read_label(self, spelling: str) -> tuple[str, bool] | None:
        """Canonical label for a spelling, and whether it says that the attack was only attempted."""
        if (attack := code(spelling)) is not None:
            return (ANY_ATTACK if attack else self.benign), False
        key, known = label_key(spelling), _spellings(self)
        suffix = label_key(self.attempted) if self.attempted else None
        if key in known:
            return known[key], False
        if suffix and key.endswith(suffix) and key.removesuffix(suffix) in known:
            return known[key.removesuffix(suffix)], True
        return None

    def __hash__(self) -> int:
        return hash(self.name)


def unquoted(spelling: str) -> str:
    """A label without quotes that were written as part of it."""
    found = QUOTED.fullmatch(spelling)
    return found[3] if found else spelling


def code(spelling: str) -> bool | None:
    """Whether a label that is a code says 'attack'; None for one that is none."""
    return CODES.get(unquoted(spelling).strip().casefold())


def label_key(spelling: str) -> str:
    """What spellings of one label have in common: case, spaces, dashes and what follows 'Web Attack' are set aside."""
    spelling = AFTER_WEB.sub(r"\1", DASHES.sub("-", unquoted(spelling)))
    return re.sub(r"[\s_-]+", "", unicodedata.normalize("NFKC", spelling)).casefold()


@cache
def _spellings(release: Release) -> dict[str, str]:
    keys = dict.fromkeys(map(label_key, ("BENIGN", "Normal", "Normal Traffic")), release.benign)
    groups = {family: entry.spellings for family, entry in release.families.items() if family not in release.labels}
    for canonical, spellings in (groups | release.labels).items():
        for spelling in (canonical, *spellings):
            keys[label_key(spelling)] = canonical
    return keys


def names() -> list[str]:
    """Names of all described releases, the original first."""
    found = sorted(path.stem for path in FOLDER.glob("*.yaml"))
    return sorted(found, key=lambda name: name != "original")


@cache
def load(name: str) -> Release:
    """The release described in ``releases/<name>.yaml``."""
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    release = Release.model_validate(yaml.load(text, Loader=SAFE), strict=False)
    if ANY_ATTACK in release.labels:
        return release
    return release.model_copy(update={"families": {**release.families, ANY_ATTACK: release.binary}})


def tells_types(labels: Iterable[str], benign: str) -> bool:
    """Whether labels tell types of attack apart: not where they name none, nor where all attacks are of one.

    >>> tells_types(["BENIGN", "DDoS", "Bot"], "BENIGN"), tells_types(["BENIGN", "DDoS"], "BENIGN")
    (True, False)
    """
    attacks = {*labels} - {benign}
    return len(attacks) > 1 and ANY_ATTACK not in attacks
