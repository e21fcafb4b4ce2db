"""The same study in another folder with other --cores is the same, byte by byte, also where it was killed and resumed.

And nothing that a build keeps can run code.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickletools
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analysis.audit.identical import differences, files_of
from analysis.audit.reproduce import report_differences
from tests.build.conftest import QUICK, Project

PICKLED = {".pkl", ".pickle", ".joblib", ".sav", ".dill"}


@pytest.fixture(scope="module")
def killed(copy_project) -> Project:
    """The quick study of the twin in another folder, with one core instead of two, killed as models were fitted.

    Its steps are started as a user's are, those of other builds here by a Python that is warm (``warm.py``).
    """
    project = Project(copy_project().folder, warm={})
    command = project.command("--cores", "1", *QUICK)
    with subprocess.Popen(
        **command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as run:
        while not list((project.folder / "build/twin/models").glob("*.json")) and run.poll() is None:
            time.sleep(0.1)
        os.killpg(run.pid, signal.SIGKILL)
    assert run.returncode == -signal.SIGKILL, "it ended before it was killed"
    return project


@pytest.fixture(scope="module")
def again(killed) -> Project:
    """The same, resumed."""
    assert not (killed.folder / "results/twin").exists()
    planned = killed.planned(*QUICK)
    assert "render" in planned
    assert not planned.keys() & {"twin", "ingest", "clean"}, "what was finished is kept"
    killed.snakemake("--cores", "1", *QUICK)
    return killed


def test_two_builds_in_two_folders_with_other_cores_are_identical_though_one_was_killed_and_resumed(
    project, twin, again
):
    first, second = files_of(project.folder, "twin"), files_of(again.folder, "twin")
    kinds = {path.suffix for path in first.values()}
    assert {".html", ".pdf", ".svg", ".png", ".csv", ".parquet", ".json"} <= kinds
    found = differences(first, second)
    assert not found, report_differences(found, len(first))


def test_the_comparison_agrees_and_sees_a_changed_number(twin, again, root, tmp_path):
    other = again.folder / "results/twin"

    def compare(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "analysis.audit.compare_builds", str(twin), str(other), *arguments]
        return subprocess.run(command, cwd=root, capture_output=True, text=True)

    assert compare("--tolerance", "0").returncode == 0
    path = other / "values.json"
    before = path.read_text(encoding="utf-8")
    record = json.loads(before)
    record["values"]["binary.random_forest.f1"]["value"] -= 0.1
    path.write_text(json.dumps(record), encoding="utf-8")
    altered = compare()
    # As if the build had been published with it.
    manifest = other / "build.json"
    published = manifest.read_text(encoding="utf-8")
    old, new = (hashlib.sha256(text).hexdigest() for text in (before.encode(), path.read_bytes()))
    manifest.write_text(published.replace(old, new), encoding="utf-8")
    done = compare()
    path.write_text(before, encoding="utf-8")
    manifest.write_text(published, encoding="utf-8")
    assert altered.returncode == 2
    assert "values.json was altered after the build was published" in altered.stderr
    assert done.returncode == 1
    assert "binary.random_forest.f1.value" in done.stdout


def is_pickle(content: bytes) -> bool:
    """Whether the whole of ``content`` is one pickle of protocol 2 or later: it can run code when it is read."""
    if content[:1] != b"\x80" or content[-1:] != b".":
        return False
    try:
        return sum(1 for _ in pickletools.genops(content)) > 1
    except Exception:
        return False


def pickles(path: Path) -> list[str]:
    """Pickles in a file, or among the members of a zip file."""
    if path.suffix in PICKLED or is_pickle(path.read_bytes()):
        return [path.name]
    if not zipfile.is_zipfile(path):
        return []
    with zipfile.ZipFile(path) as archive:
        return [f"{path.name}: {name}" for name in archive.namelist()
                if Path(name).suffix in PICKLED or is_pickle(archive.read(name))]  # fmt: skip


def test_no_file_of_a_build_is_a_pickle(results):
    files = files_of(results.parents[1], results.name)
    assert len(files) > 200
    assert [found for path in files.values() for found in pickles(path)] == []


def test_a_pickle_would_be_seen(tmp_path):
    import pickle

    (tmp_path / "model.json").write_bytes(pickle.dumps({"a": np.arange(3)}))
    with zipfile.ZipFile(tmp_path / "model.zip", "w") as archive:
        archive.writestr("data", pickle.dumps([1]))
    (tmp_path / "plain.json").write_text("{}")
    assert [len(pickles(path)) for path in sorted(tmp_path.iterdir())] == [1, 1, 0]


def test_models_are_kept_as_description_and_predictions(results):
    build = results.parents[1] / "build" / results.name
    groups = sorted((build / "models").glob("*.json"))
    assert len(groups) >= 4
    for path in groups:
        told = json.loads(path.read_text(encoding="utf-8"))
        for id, entry in told.items():
            assert {"estimator", "parameters", "factors", "streams"} <= entry.keys(), id
            for fold in entry["folds"]:
                assert fold["reason"] or {"features", "parameters", "n_train"} <= fold.keys(), id
        predictions = pl.read_parquet(build / "predictions" / f"{path.stem}.parquet")
        columns = {"fold", "source_file", "source_row", "label", *(f"{id}/predicted" for id in told)}
        assert columns <= set(predictions.columns), path.name
