"""A small published build, as the workflow leaves it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis.citing import builds
from analysis.citing.build_id import build_id
from analysis.record.files import BUILD, VALUES
from tests.citing.test_sentence import F1, record, value

Make = Callable[..., Path]


def whole(synthetic: bool = False, **entries: dict[str, Any]) -> dict[str, Any]:
    """What a values.json holds that can be cited from."""
    known = record(synthetic, **{"f1": F1, "gone": value("a.gone", None, reason="no days")} | entries)
    for key, found in (("is_wtmc2021", False), ("is_corrected", False)):
        known["values"][f"release.{key}"] = value(f"release.{key}", found)
    known["values"] |= {
        "paper.title": value("paper.title", "A Study"),
        "paper.authors": value("paper.authors", ["Ada Lovelace", "Wernher van den Berg"], "list"),
        "paper.date": value("paper.date", "2026-11-22"),
    }
    return {"schema": VALUES, "data": "original release"} | known


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Publish a build of a name with what its values.json holds; builds are then looked for there."""
    monkeypatch.setattr(builds, "RESULTS", tmp_path / "results")

    def make(name: str, content: dict[str, Any] | None = None, seed: int = 1, page: str = "<p>A page.</p>") -> Path:
        folder = tmp_path / "results" / name
        (folder / "tables").mkdir(parents=True)
        (folder / "values.json").write_text(json.dumps(content or whole()), encoding="utf-8")
        (folder / "paper.html").write_text(page, encoding="utf-8")
        (folder / "tables/t.csv").write_text("a\n1\n", encoding="utf-8")
        manifest = {"schema": BUILD, "identity": "d" * 64, "tested": None, "settings": {"seed": seed}, "lock": "l",
                    "code": "c", "data": "original release", "version": "0.1.0"}  # fmt: skip
        files = {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
                 for path in folder.rglob("*") if path.is_file()}  # fmt: skip
        entry = manifest | {"id": build_id(manifest), "files": files}
        (folder / "build.json").write_text(json.dumps(entry), encoding="utf-8")
        return folder

    return make
