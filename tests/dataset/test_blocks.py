"""Tables in blocks: what is read, asked and written is what the whole table gives."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analysis.dataset.blocks import blocks, height, lazily, write

TABLE = pl.DataFrame({"a": range(10), "b": [f"{i % 3}" for i in range(10)]})


@pytest.mark.parametrize("size", [1, 3, 10, 11])
def test_blocks_are_the_table_in_its_order(size: int) -> None:
    found = list(blocks(TABLE.lazy(), size))
    assert_frame_equal(pl.concat(block for _, block in found), TABLE)
    assert all(TABLE[place].equals(block) for place, block in found)
    assert [block.height for _, block in blocks(TABLE.lazy().head(0), size)] == [0]


def test_a_table_that_is_given_in_blocks_answers_as_the_table_does(tmp_path: Path) -> None:
    asked = 0

    def frames():
        nonlocal asked
        for _, block in blocks(TABLE.lazy(), 4):
            asked += 1
            yield block

    given = lazily(frames, TABLE.schema)
    for ask in (
        lambda flows: flows,
        lambda flows: flows.select("b"),
        lambda flows: flows.filter(pl.col("a") > 5).select("b"),
        lambda flows: flows.head(5),
        lambda flows: flows.filter(pl.col("b") == "1").head(2).select("a"),
        lambda flows: flows.select(pl.col("a").sum()),
    ):
        assert_frame_equal(ask(given).collect(), ask(TABLE.lazy()).collect())
    assert height(given) == TABLE.height
    before = asked
    given.head(3).collect()
    assert asked == before + 1, "no more blocks than are wanted are made"
    write(given, tmp_path / "table.parquet")
    assert_frame_equal(pl.read_parquet(tmp_path / "table.parquet"), TABLE)
