"""Random streams: one master seed, one independent stream for each step, derived from its name."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, name: str) -> np.random.Generator:
    """A generator of its own for the step ``name``: adding a step does not change the numbers of another."""
    return np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(name.encode())]))


def stream_seed(seed: int, name: str) -> int:
    """A 31-bit seed derived the same way, for libraries that take an integer (scikit-learn's random_state)."""
    return int(stream(seed, name).integers(2**31))
