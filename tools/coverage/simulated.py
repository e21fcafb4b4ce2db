"""Every kind simulated, each from a fixed seed of its own."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from tools.coverage import compared, explained, features, shares

RUNS, FIRST, SEED = 1000, 50, 20170703
KINDS = shares.KINDS | compared.KINDS | features.KINDS | explained.KINDS


def simulate(name: str, runs: int) -> list[bool]:
    """Whether the interval held the truth, sample by sample; fewer runs are the first of more."""
    generator = np.random.default_rng([SEED, zlib.crc32(name.encode())])
    return [bool(KINDS[name].holds(generator)) for _ in range(runs)]


def measured(name: str) -> dict[str, Any]:
    """What is kept of a kind: its coverage, and the hits of the first runs, which a test repeats."""
    hits = simulate(name, RUNS)
    kind = KINDS[name]
    told = {"flows": kind.flows, "sample": kind.sample, "meaning": kind.meaning, "promised": kind.promised}
    return told | {"coverage": sum(hits) / RUNS, "first": sum(hits[:FIRST])}
