"""Where the flows of a figure come from, in one line that every figure carries in its margin and its metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CHECKSUM = 12
"""Digits of the checksum in the margin; the metadata hold all."""


@dataclass(frozen=True)
class Origin:
    """What the flows are: a sentence without a full stop, whether they are generated, and the input's SHA-256."""

    flows: str
    synthetic: bool
    sha256: str

    @classmethod
    def of(cls, values: Mapping[str, Mapping[str, Any]]) -> Origin:
        """From the values of the steps ``ingest`` and ``clean``: release, share and checksum of the input."""
        synthetic = values["data.synthetic"]["value"]
        flows = values["data.origin"]["text"]
        return cls(f"Synthetic: {flows}" if synthetic else flows, synthetic, values["data.checksum"]["value"])

    def line(self, digits: int | None = None) -> str:
        """The flows and the checksum, all of it or so many of its digits."""
        return f"{self.flows} · SHA-256 {self.sha256[:digits]}"
