"""Draws a figure as the step does, and gives the files by their suffix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from analysis.record import Table
from figures.draw import draw
from figures.origin import Origin

SHA256 = "0123456789abcdef" * 4
SYNTHETIC = Origin("Synthetic: 1,000 generated flows in the form of the original release", True, SHA256)
Drawn = Callable[[str, Mapping[str, Table]], dict[str, Path]]


@pytest.fixture
def drawn(tmp_path: Path) -> Drawn:
    def make(name: str, tables: Mapping[str, Table], turn: str = "first", origin: Origin = SYNTHETIC):
        paths = {suffix: tmp_path / turn / f"{name}.{suffix}" for suffix in ("svg", "pdf", "png", "json")}
        draw(name, tables, origin, *paths.values())
        return paths

    return make
