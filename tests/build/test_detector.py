"""A detector of a real build: made of what was published, beside it, the same each time, and used from the shell."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: 'make test' installs it")


def run(folder: Path, *arguments: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, input=given, timeout=600)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_detector_of_the_twin_is_made_beside_its_results(project, twin, tmp_path):
    done = run(project.folder, "analysis.detector.make", "twin")
    assert done.returncode == 0, done.stderr
    first = contents(twin.with_name("twin.detector"))
    assert set(first) == {"model.onnx", "types.onnx", "detector.json", "MODEL-CARD.md", "zeek-conn.sigma.yml"}
    again = tmp_path / "again"
    assert run(project.folder, "analysis.detector.make", "twin", "--out", str(again)).returncode == 0
    assert contents(again) == first, "the same build, the same bytes"
    told = json.loads(first["detector.json"])
    assert told["build_id"] == json.loads((twin / "build.json").read_text())["id"]
    parity = told["parity"]["model"]
    assert (parity["score"], set(parity["decisions"].values()), told["parity"]["types"]["types"]) == (0, {0}, 0)
    assert parity["flows"] > 300
    assert run(project.folder, "analysis.archive.verify", "--build", "twin").returncode == 0, (
        "the results are as before"
    )


@pytest.mark.parametrize(
    ("model", "features"),
    [("gradient_boosting", "selected"), ("adaboost", "selected"), ("logistic_regression", "selected"),
     ("random_forest", "without_shortcuts")],
)  # fmt: skip
def test_every_model_with_thresholds_can_be_one(project, twin, tmp_path, model, features):
    out = tmp_path / "detector"
    done = run(project.folder, "analysis.detector.make", "twin", "--model", model, "--features", features, "--out",
               str(out))  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads((out / "detector.json").read_text())
    assert told["parity"]["model"]["score"] == max(told["parity"]["model"]["decisions"].values()) == 0


def test_what_there_is_not_is_said(project, twin):
    done = run(project.folder, "analysis.detector.make", "twin", "--model", "random_forest", "--features", "nothing")
    assert done.returncode == 2
    assert b"there: MODEL=adaboost FEATURES=selected" in done.stderr
    done = run(project.folder, "analysis.detector.make", "nowhere")
    assert done.returncode == 2
    assert b"neither a folder of results" in done.stderr


def test_it_is_used_on_flows_that_it_did_not_learn_from(project, twin, tmp_path):
    assert run(project.folder, "analysis.detector.make", "twin", "--out", str(tmp_path / "detector")).returncode == 0
    flows = tmp_path / "flows"
    done = run(
        project.folder, "analysis.twin", "--flows", str(flows), "--rows", "3000", "--seed", "9", "--form", "corrected"
    )
    assert done.returncode == 0, done.stderr
    out = tmp_path / "alerts.ndjson"
    done = run(
        project.folder, "analysis.detector.detect", "--out", str(out), "--", str(tmp_path / "detector"), str(flows)
    )
    assert done.returncode == 1, done.stderr
    assert len(out.read_text().splitlines()) > 100
    day = next(flows.glob("*riday*.csv")).read_bytes()
    done = run(
        project.folder, "analysis.detector.detect", "--out", "-", "--", str(tmp_path / "detector"), "-", given=day
    )
    assert done.returncode == 1, done.stderr
    assert all(json.loads(line)["event"]["kind"] == "alert" for line in done.stdout.splitlines())
