"""Conditions as reports read them: their own flows, and what is the same for all in memory once."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from analysis.detection.predictions import BASE, answers, load_fits
from analysis.record import write_atomically, write_json

FLOWS = pl.DataFrame({
    "fold": ["0", "0", "1"], "source_file": ["x.csv"] * 3, "source_row": [1, 2, 3], "label": ["Bot", "BENIGN", "Bot"],
    "is_attack": [True, False, True], "a/score": [0.9, 0.1, 0.2], "a/predicted": [True, False, False],
    "b/predicted": ["Bot", None, "BENIGN"], "c/predicted": [True, True, True],
})  # fmt: skip


def test_a_condition_has_its_own_answers_and_only_the_flows_that_it_answered_for(tmp_path: Path) -> None:
    path, told = tmp_path / "flows.parquet", tmp_path / "told.json"
    with write_atomically(path) as temporary:
        FLOWS.write_parquet(temporary)
    write_json(
        told, {one: {"id": one, "names": [["mine" if one != "c" else "others", f"name {one}"]]} for one in "abc"}
    )
    fits = load_fits([path], [told], "mine")
    assert fits.keys() == {"name a", "name b"}
    first, second = (fit.frame for fit in fits.values())
    assert first.columns == [*BASE, "score", "predicted"]
    assert first.rows() == FLOWS.select(*BASE, "a/score", "a/predicted").rows()
    assert second.rows() == FLOWS[[0, 2]].select(*BASE, "b/predicted").rows()
    assert answers(path, "b").equals(second)
