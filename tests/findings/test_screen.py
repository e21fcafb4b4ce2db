"""Columns are chosen on the training part alone, greedily, and as counted by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.conditions.added import CLOSED, columns, level
from analysis.conditions.features import SHORTCUTS, chosen
from analysis.conditions.screen import f1, greedy, paths, step
from analysis.record import write_json

WORTH = {"a": 0.3, "b": 0.1, "Destination Port": 0.5, "c": 0.05, "d": 0.0}


def score(names: Sequence[str]) -> float:
    return sum(WORTH[name] for name in names)


def selection(selected: list[str], identical: Sequence[Sequence[str]] = ()) -> dict[str, Any]:
    return {"selected": selected, "count": len(selected), "all": list(WORTH), "identical": list(identical)}


def test_both_paths_by_hand() -> None:
    found = paths(selection(["a"]), score, 0.1, 4)
    assert found["any"]["steps"] == [{"feature": "Destination Port", "f1": 0.8}, {"feature": "b", "f1": 0.9}]
    assert (found["any"]["start"], found["any"]["limit"]) == (0.3, pytest.approx(0.95))
    assert [one["feature"] for one in found["plain"]["steps"]] == ["b"]
    assert found["plain"]["limit"] == pytest.approx(0.45)
    assert list(found["single"]) == ["b", "Destination Port", "c", "d"]


def test_a_shortcut_among_the_ranked_features_is_taken_out_of_the_plain_path() -> None:
    found = paths(selection(["Destination Port", "c"]), score, 0.01, 1)
    assert found["plain"]["base"] == ["c"]
    assert [one["feature"] for one in found["plain"]["steps"]] == ["a"]
    only = paths(selection(["Destination Port"]), score, 0.01, 1)["plain"]
    assert (only["reason"], only["steps"]) == ("all ranked features are shortcuts", [])


def test_a_column_that_repeats_another_is_not_tried() -> None:
    found = paths(selection(["a"], [("c", "Destination Port")]), score, 0, 4)
    assert "Destination Port" not in found["single"]
    assert [one["feature"] for one in found["any"]["steps"]] == ["b", "c"]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0, 0.5), st.integers(1, 8))
def test_each_step_raises_the_score_and_none_follows_a_match(worth: list[float], margin: float, most: int) -> None:
    names = [str(i) for i in range(len(worth))]
    steps = greedy([], names, sum(worth), margin, most, lambda seen: sum(worth[int(name)] for name in seen))
    values = [0.0, *(one["f1"] for one in steps)]
    assert len(steps) <= most
    assert all(a < b for a, b in pairwise(values))
    assert all(value < sum(worth) - margin for value in values[:-1])
    assert len({one["feature"] for one in steps}) == len(steps)


def test_a_level_gives_the_columns_of_its_path() -> None:
    found = paths(selection(["a"]), score, 0.1, 4)
    assert columns("added:1", found) == (["a", "Destination Port"], None)
    assert columns(level("any", 2), found) == (["a", "Destination Port", "b"], None)
    assert columns(level("plain", 1), found) == (["a", "b"], None)
    assert columns("added:3", found) == ([], CLOSED)
    assert columns("added:0.plain", found) == ([], "no ranked feature is a shortcut")
    assert columns("added:x", found)[1] == "give a number of columns, such as added:1 or added:1.plain"
    assert columns("added:1", None)[1] == "the columns were not screened"
    assert chosen("added:1", selection(["a"]) | {"added": found}) == (["a", "Destination Port"], None)


def test_f1_by_hand() -> None:
    assert f1(np.array([True, True, False]), np.array([True, False, True])) == 0.5
    assert f1(np.array([False]), np.array([False])) == 0


NAMES = ("useless", "Destination Port", "helpful", "ranked")


def screened(folder: Path, labels: Sequence[bool], **changes: Any) -> dict[str, Any]:
    """What the step finds on 400 flows, of which the last 100 are the test part."""
    folder.mkdir()
    generator = np.random.default_rng(5)
    attack = np.array(labels)
    train = np.arange(400) < 300
    values = {name: generator.normal(size=400) for name in NAMES}
    # The helpful column tells the training part's classes, whatever the test part's are.
    values["helpful"] = values["helpful"] + 6 * (attack & train)
    values["ranked"] = values["ranked"] + 1 * (attack & train)
    frame = pl.DataFrame(values).with_columns(
        Label=np.where(attack, "Bot", "BENIGN"), is_attack=attack, source_file=pl.lit("a"), source_row=pl.int_range(400)
    )
    frame.write_parquet(folder / "flows.parquet")
    pl.DataFrame({"0": np.where(train, 1, 2).astype(np.uint8)}).write_parquet(folder / "roles.parquet")
    told = {"name": "random", "reason": None, "filled": []}
    write_json(folder / "split.json", {"split": "random", "folds": [told]})
    chosen = {"selected": ["ranked"], "count": 1, "all": list(NAMES), "identical": []} | changes
    write_json(folder / "features.json", {"folds": [chosen]})
    step(
        rows=200, most=2, margin=0.01, min_type=5, stream="screen.random", seed=1, threads=1,
        flows=folder / "flows.parquet", roles=folder / "roles.parquet", split=folder / "split.json",
        features=folder / "features.json", added=folder / "added.json",
    )  # fmt: skip
    found: dict[str, Any] = json.loads((folder / "added.json").read_text())["folds"][0]
    return found


def test_the_path_never_sees_the_test_part(tmp_path: Path) -> None:
    labels = np.random.default_rng(4).random(400) < 0.3
    found = screened(tmp_path / "a", labels)
    other = labels.copy()
    other[300:] = ~other[300:]
    assert screened(tmp_path / "b", other) == found
    assert found["any"]["steps"][0]["feature"] == "helpful"
    assert (found["n_train"], found["n_validation"]) == (200, 60)
    # Seen that it would tell: other labels of the training part change it.
    other = labels.copy()
    other[:300] = ~other[:300]
    assert screened(tmp_path / "c", other) != found


def test_what_cannot_be_screened_says_why(tmp_path: Path) -> None:
    labels = np.random.default_rng(4).random(400) < 0.3
    none = screened(tmp_path / "a", labels, selected=["ranked"], count=2)
    assert none["any"]["reason"] == "too few features vary in the training part"
    one = labels & (np.arange(400) >= 300)
    assert "too few attacks" in screened(tmp_path / "b", one)["plain"]["reason"]


def test_without_shortcuts_among_the_flows_there_is_one_path() -> None:
    names = [name for name in WORTH if name not in SHORTCUTS]
    found = paths(selection(["a"]) | {"all": names}, score, 0.1, 4)
    assert found["plain"]["reason"] == "the flows have none of the shortcuts"
    assert found["any"]["reason"] is None
