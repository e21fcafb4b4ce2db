"""What a detector's folder says, that it is whole, and that nothing in it is believed unchecked."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: 'make test' installs it")

from analysis.detector.card import BASE_RATES, card
from analysis.detector.describe import clusters_of
from analysis.detector.load import Detector, load
from analysis.detector.make import demand_free, parity, write
from analysis.detector.refit import Refit
from analysis.detector.schema import checksum
from analysis.errors import UserError

from .conftest import CLUSTERS, FEATURES, fitted


def test_the_detector_answers_as_the_model_that_it_was_made_of(detector: Detector, forest: Refit) -> None:
    assert detector.features == FEATURES
    assert np.array_equal(detector.score(forest.unseen), forest.answered["score"].to_numpy())
    named = pl.DataFrame(forest.unseen, schema=FEATURES).select(reversed(FEATURES))
    assert np.array_equal(detector.score(named), forest.answered["score"].to_numpy()), "columns go by name"


def test_an_operating_point_says_what_the_threshold_did_in_the_test_part(detector: Detector, forest: Refit) -> None:
    point = detector.point(0.01)
    attack, score = forest.answered["is_attack"].to_numpy(), forest.answered["score"].to_numpy()
    called = score > point["threshold"]
    assert point["recall"] == pytest.approx(called[attack].mean())
    assert point["fpr"] == pytest.approx(called[~attack].mean())
    assert point["false"] == called[~attack].sum()
    assert point["fpr_low"] <= point["fpr"] <= point["fpr_high"]
    assert point["reason"] is None
    assert "fewer than" in detector.point(0.001)["reason"], "no rate of one in a thousand can be told of so few flows"
    with pytest.raises(UserError, match=r"FPR=0.5: this detector has thresholds for 0.01, 0.001"):
        detector.point(0.5)


def test_no_precision_is_told_of_a_point_that_finds_nothing(detector: Detector) -> None:
    idle = {**detector.point(0.01), "recall": 0.0, "recall_low": 0.0, "recall_high": 0.1}
    for point, undefined in ((detector.point(0.01), 0), (idle, len(BASE_RATES))):
        lines = card({**detector.told, "operating_points": [point]}).splitlines()
        (row,) = [line for line in lines if line.startswith("| 0.01 ")]
        assert row.count("not defined") == undefined


def test_who_is_missed_adds_up(detector: Detector, forest: Refit) -> None:
    rows = detector.told["missed"]
    assert sum(row["flows"] for row in rows) == forest.answered["is_attack"].sum()
    attack, score = forest.answered["is_attack"].to_numpy(), forest.answered["score"].to_numpy()
    hits = attack & (score > detector.point(0.01)["threshold"])
    assert sum(row["found"]["0.01"] for row in rows) == hits.sum()
    shares = [row["found"]["0.001"] / row["flows"] for row in rows]
    assert shares == sorted(shares)


def test_types_come_with_their_share_of_votes(detector: Detector, flows: pl.DataFrame) -> None:
    types = fitted(flows, "attack_types")
    told, confidence = detector.types(types.unseen)
    assert told == types.answered["predicted"].to_list()
    assert np.allclose(confidence, types.found.pipeline.predict_proba(types.unseen).max(axis=1))


def test_cells_beyond_the_training_flows_are_told(detector: Detector, forest: Refit) -> None:
    assert not detector.outside(forest.seen).any()
    beyond = forest.seen[:1].copy()
    beyond[0, 2] = forest.seen[:, 2].max() + 1
    assert detector.outside(beyond).tolist() == [[False, False, True, False, False]]


def test_features_are_grouped_as_the_build_found_them() -> None:
    together = [["Flow Duration", "Fwd IAT Std"], ["Bwd Packet Length Max"]]
    assert clusters_of(FEATURES, CLUSTERS) == [*together, ["Total Fwd Packets"], ["Destination Port"]]


def test_the_card_tells_what_the_numbers_are(contents: dict[str, Any]) -> None:
    text, told = contents["MODEL-CARD.md"], contents["detector.json"]
    assert text.startswith("> **Synthetic.**")
    assert f"| 0.01 | {told['operating_points'][0]['threshold']:.6g} |" in text
    for row in told["missed"]:
        assert f"| {row['label']} | {row['flows']:,} |" in text
    assert "What it must not be used for" in text
    assert "nan" not in text


def test_writing_it_again_gives_the_same_bytes(folder: Path, contents: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path / "again", contents)
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["MODEL-CARD.md", "detector.json", "model.onnx", "types.onnx"]
    assert all((folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes() for name in names)


def test_an_earlier_detector_is_replaced_as_a_whole(folder: Path, contents: dict[str, Any]) -> None:
    (folder / "types.onnx").unlink()
    (folder / "left.txt").write_text("of an earlier version")
    write(folder, contents)
    assert sorted(path.name for path in folder.iterdir()) == [
        "MODEL-CARD.md",
        "detector.json",
        "model.onnx",
        "types.onnx",
    ]
    assert not list(folder.parent.glob(".*"))


def test_a_model_that_answers_otherwise_is_refused(
    forest: Refit, contents: dict[str, Any], flows: pl.DataFrame
) -> None:
    other = fitted(flows.with_columns(pl.col("is_attack").shuffle(seed=1)), "binary")
    with pytest.raises(UserError, match="disagree on"):
        parity(other, None, {"model.onnx": contents["model.onnx"]})


def alter(name: str, old: str, new: str) -> Any:
    def change(folder: Path) -> None:
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1))

    return change


def flip(folder: Path) -> None:
    content = bytearray((folder / "model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "model.onnx").write_bytes(content)


def another_schema(folder: Path) -> None:
    told = json.loads((folder / "detector.json").read_text())
    told["schema"] = "flowpaper/detector/99"
    (folder / "detector.json").write_text(json.dumps({**told, "checksum": checksum(told)}))


def a_file_elsewhere(folder: Path) -> None:
    told = json.loads((folder / "detector.json").read_text())
    told["files"]["../other.onnx"] = told["files"]["model.onnx"]
    (folder / "detector.json").write_text(json.dumps({**told, "checksum": checksum(told)}))


def no_model(folder: Path) -> None:
    """A model that is none, with a checksum that says that it is meant."""
    (folder / "model.onnx").write_bytes(b"\x80\x04N.")
    told = json.loads((folder / "detector.json").read_text())
    told["files"]["model.onnx"] = hashlib.sha256(b"\x80\x04N.").hexdigest()
    (folder / "detector.json").write_text(json.dumps({**told, "checksum": checksum(told)}))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (flip, r"model.onnx: was altered, by its checksum"),
        (alter("detector.json", '"threshold": ', '"threshold": 1'), r"detector.json: was altered"),
        (alter("MODEL-CARD.md", "must not", "may"), r"MODEL-CARD.md: was altered, by its checksum"),
        (lambda folder: (folder / "types.onnx").unlink(), r"types.onnx: is missing"),
        (lambda folder: (folder / "detector.json").write_text("{}"), r"not what 'make detector' writes"),
        (lambda folder: (folder / "detector.json").write_text("no JSON"), r"not what 'make detector' writes"),
        (lambda folder: (folder / "detector.json").unlink(), r"no detector; make it with 'make detector BUILD=<name>'"),
        (another_schema, "is flowpaper/detector/99, and this version reads flowpaper/detector/1"),
        (a_file_elsewhere, r"names '../other.onnx', which is no file beside it"),
        (no_model, r"model.onnx: not a model that ONNX Runtime"),
    ],
)  # fmt: skip
def test_an_altered_detector_answers_nothing(folder: Path, change: Any, says: str) -> None:
    change(folder)
    with pytest.raises(UserError, match=says):
        load(folder).score(np.zeros((1, len(FEATURES))))


def test_other_folders_are_named_for_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no such folder"):
        load(tmp_path / "nowhere")
    (tmp_path / "build.json").write_text("{}")
    with pytest.raises(UserError, match="a build's results, whose detector is another folder"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("given", "says"),
    [({"Flow Duration": [1.0]}, "lack Total Fwd Packets"),
     ({name: [1.0, float("nan") if name == "Fwd IAT Std" else 1] for name in FEATURES}, "flow 2, column Fwd IAT Std"),
     ({name: [1.0] * (1 + (name == "Fwd IAT Std")) for name in FEATURES}, "the flows are no table: .*of one length"),
     ({name: [{"a": 1}] for name in FEATURES}, "the flows hold something else than numbers"),
     ({name: ["many"] for name in FEATURES}, "the flows hold something else than numbers")],
)  # fmt: skip
def test_columns_that_are_missing_and_cells_without_a_number_are_refused(
    detector: Detector, given: dict[str, list[float]], says: str
) -> None:
    with pytest.raises(UserError, match=says):
        detector.score(given)


def test_a_folder_of_something_else_is_not_replaced(detector: Detector, tmp_path: Path) -> None:
    demand_free(detector.folder)
    demand_free(tmp_path / "new")
    (tmp_path / "thesis.txt").write_text("mine")
    for folder, says in ((tmp_path, "holds something else"), (tmp_path / "thesis.txt", "this is a file")):
        with pytest.raises(UserError, match=says):
            demand_free(folder)
