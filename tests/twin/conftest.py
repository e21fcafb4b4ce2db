"""A twin that tests read."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analysis.dataset.input.reading import read
from analysis.dataset.input.source import flow_files
from analysis.twin import write as twin

ROWS, FLOOR, SEED = 6000, 20, 1


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("twin") / "source"
    twin.write(out, ROWS, FLOOR, SEED)
    return out


@pytest.fixture(scope="session")
def table(folder: Path) -> pl.DataFrame:
    """The twin as the project itself reads it."""
    return pl.concat([read(flow_file).flows for flow_file in flow_files(folder)])
