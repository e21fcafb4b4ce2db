"""Claims in real builds: what a changed value does to the paper's words."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from analysis.record import checksums
from paper.chapters import assemble

from .conftest import QUICK, Project
from .test_outputs import html

BEST = "logistic_regression"


@pytest.fixture
def doctored(project: Project, twin: Path, tmp_path: Path) -> Path:
    """A copy of the twin's build whose values may be changed."""
    folder = tmp_path / "build"
    shutil.copytree(
        project.folder / "build" / twin.name,
        folder,
        ignore=shutil.ignore_patterns("*.parquet", "source", "models", checksums.FOLDER),
    )
    return folder


def paper_of(build: Path, changes: dict[str, Any], root: Path) -> tuple[str, str]:
    """HTML and messages of the paper after ``changes`` to the values and, as in a build, a look at the claims."""
    path = build / "values.json"
    entry = json.loads(path.read_text(encoding="utf-8"))
    for key, value in changes.items():
        entry["values"][key] |= {"value": value, "text": str(value).replace("_", " ")}
    path.write_text(json.dumps(entry), encoding="utf-8")
    said = ""
    files = [str(root / claims) for claims in assemble(root / "paper/paper.qmd").claims]
    claims = ["analysis.audit.claims", "--claims", *files, f"--values={path}", f"--results={build / 'claims.json'}"]
    (build / "paper" / "paper.html").unlink(missing_ok=True)
    for step in (claims, ["paper.render", f"--build={build}", "--renderer=pandoc"]):
        done = subprocess.run([sys.executable, "-m", *step], cwd=root, env=os.environ, capture_output=True, text=True)
        said += done.stderr
        if done.returncode:
            return "", said
    # Lines of the page break where they like.
    return " ".join((build / "paper" / "paper.html").read_text(encoding="utf-8").split()), said


def test_the_claims_are_published(results: Path) -> None:
    claims = json.loads((results / "claims.json").read_text(encoding="utf-8"))
    assert claims["highest-f1"]["holds"] is True
    assert all(f'data-claim="{name}"' in html(results) for name in ("highest-f1", "best-as-in-source"))


def test_another_best_model_flips_the_words(twin: Path, doctored: Path, root: Path) -> None:
    assert "is also the one that the source calls best" in " ".join(html(twin).split())
    changes = {f"binary.{BEST}.f1": 0.99, "binary.best.f1": 0.99, "binary.best_model": BEST, "binary.best_name": BEST,
               "overlap.f1_bound": 0.995, "overlap.f1_bound_gap": 0.005}  # fmt: skip
    after, said = paper_of(doctored, changes, root)
    assert not said
    assert "is also the one that the source calls best" not in after
    assert "is not the one that the source calls best" in after


def test_a_number_that_contradicts_the_words_stops_the_build(doctored: Path, root: Path) -> None:
    page, said = paper_of(doctored, {"binary.best.f1": 0.01}, root)
    assert not page
    assert "claim 'highest-f1' does not hold: 'the highest F1 on the" in said
    assert "needs binary.best.f1 >= max(source_comparison[].f1_here)" in said
    assert "binary.best.f1 = 0.01" in said
    assert "Traceback" not in said


def test_a_bad_claims_file_fails_the_build_and_leaves_the_results(trial: Project) -> None:
    claims, manifest = trial.folder / "paper/chapters/results.claims.yaml", trial.folder / "results/twin/build.json"
    before = manifest.read_bytes()
    claims.write_text(claims.read_text("utf-8") + "\nrogue: {holds: \"__import__('os')\", note: x}\n", "utf-8")
    done = trial.snakemake("--cores", "2", *QUICK, check=False)
    assert done.returncode != 0
    assert (
        "paper/chapters/results.claims.yaml: claim 'rogue': the condition '__import__('os')' calls __import__"
        in done.stdout + done.stderr
    )
    assert manifest.read_bytes() == before
