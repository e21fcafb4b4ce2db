"""A small file of flows in the form of the original release, made of random numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.release import load

LABELS = ("BENIGN", "DoS Hulk", "Web Attack \x96 XSS")


@pytest.fixture
def lines() -> list[str]:
    """Header and sixty rows, twenty of each label; column names with the leading spaces of the release."""
    release = load("original")
    random = np.random.default_rng(1)
    rows = [",".join([*(column.header for column in release.columns), " Label"])]
    for i in range(60):
        cells = [
            str(random.integers(0, 1000)) if c.type == "integer" else f"{random.random():.6f}" for c in release.columns
        ]
        rows.append(",".join([*cells, LABELS[i % 3]]))
    return rows


@pytest.fixture
def content(lines: list[str]) -> bytes:
    """The same as bytes, in the encoding of the release."""
    return ("\n".join(lines) + "\n").encode("latin-1")


@pytest.fixture
def flow_file() -> FlowFile:
    """A name for it."""
    return FlowFile("flows.csv", Path("flows.csv"))


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write bytes to a file and return its path."""

    def write_file(data: bytes, name: str = "flows.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write_file
