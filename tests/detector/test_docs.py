"""What docs/detector.md says in Python runs, and what it names is there."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import polars as pl
import pytest

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: 'make test' installs it")

from analysis.detector.load import Detector
from benchmarks.detector import measured


def test_the_example_runs(
    root: Path, folder: Path, detector: Detector, flows: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (root / "docs" / "detector.md").read_text(encoding="utf-8")
    (folder.parent / "results").mkdir()
    folder.rename(folder.parent / "results" / "twin.detector")
    monkeypatch.chdir(folder.parent)
    score = detector.score(flows)
    two = flows[[int(score.argmin()), int(score.argmax())]]
    example = doctest.DocTestParser().get_doctest(text, {"flows": two}, "detector.md", None, 0)
    assert len(example.examples) == 3
    assert doctest.DocTestRunner().run(example).failed == 0


def test_every_target_and_variable_that_is_named_exists(root: Path) -> None:
    text, makefile = ((root / name).read_text(encoding="utf-8") for name in ("docs/detector.md", "Makefile"))
    targets = set(re.findall(r"make (\w+)", text)) - {"fails"}
    assert {"detector", "detect", "calibrate"} <= targets
    assert all(re.search(rf"^{target}:", makefile, re.M) for target in targets)
    for variable in set(re.findall(r"\b([A-Z]+)=", text)) | set(re.findall(r"^\| `([A-Z]+)` \|", text, re.M)):
        assert re.search(rf"\$\(if \$\({variable}\)|\$\${variable}\b|\$\${{{variable}", makefile), variable


def test_a_run_is_timed(folder: Path, twin: Path) -> None:
    found, wall, cpu = measured(folder, twin, 0.999, 0)
    assert found.flows > 3000
    assert wall > 0
    assert cpu > 0
