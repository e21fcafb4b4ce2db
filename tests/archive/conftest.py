"""A small project and a build of it, published and archived."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from analysis.archive import metadata, zipped
from analysis.archive.contents import contents
from analysis.citing.build_id import build_id, code_and_lock
from analysis.record.files import BUILD

PROJECT = {
    "Snakefile": 'rule all:\n    input: "x"\n\ninclude: "analysis/room.smk"\n',
    "analysis/room.smk": 'rule rank:\n    output: "x"\n    shell:\n        command("analysis.rank")\n',
    "analysis/rank.py": "step = 1\n",
    "config/study.yaml": "seed: 1\n",
    "requirements.txt": "numpy==1\n",
    "LICENSE": "MIT\n",
    "a name with spaces.txt": "a note, which is no part of it",
    "data/flows.csv": "flows, which are no part of it",
}
VALUES = {"paper.title": "A title", "paper.authors": "A. Author", "data.origin": "2 flows"}
RESULTS = {
    "values.json": json.dumps({"values": {key: {"text": text} for key, text in VALUES.items()}}),
    "paper.html": "<p>An F1 of 0.9</p>",
    "tables/a b.csv": "x\n1\n",
}
FLOWS = {"name": "flows.csv", "bytes": 30, "sha256": "ab" * 32}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def publish(results: Path, project: Path, **other: object) -> Path:
    """Note the checksums of all files of a build in its build.json."""
    files = {path.relative_to(results).as_posix(): path for path in results.rglob("*") if path.is_file()}
    manifest = {
        "schema": BUILD, "build": results.name, "version": "0.1.0",
        "identity": "cd" * 32, "tested": None, "input": [FLOWS],
        "settings": {"seed": 1, "paper": {"author": "Ä"}}, "versions": {"versions.snakemake": "9"}, "commit": None,
        "published": "2026-01-31T12:00:00+00:00", **code_and_lock(project), **other,
        "files": {n: hashlib.sha256(p.read_bytes()).hexdigest() for n, p in files.items() if n != "build.json"},
    }  # fmt: skip
    (results / "build.json").write_text(json.dumps({**manifest, "id": build_id(manifest)}), encoding="utf-8")
    return results


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(tmp_path / "project", PROJECT)


@pytest.fixture
def results(tmp_path: Path, project: Path) -> Path:
    return publish(write(tmp_path / "results" / "demo", RESULTS), project)


@pytest.fixture
def benchmarks(tmp_path: Path) -> Path:
    row = "s\th:m:s\tmax_rss\n4.40\t0:00:04\t145.46\n"
    return write(tmp_path / "benchmarks", {"rank.tsv": row, "rank_all.tsv": row, "none.tsv": row})


@pytest.fixture
def files(results: Path, project: Path, benchmarks: Path) -> dict[str, bytes]:
    """Everything that the crate of the build holds."""
    pytest.importorskip("rocrate", reason="rocrate is not installed: 'make test' installs it")
    found = contents(results, project)
    return found | {metadata.NAME: metadata.describe(found, results.name, benchmarks)}


@pytest.fixture
def crate(tmp_path: Path, files: dict[str, bytes]) -> Path:
    path = tmp_path / "demo.crate.zip"
    zipped.write(path, files)
    return path
