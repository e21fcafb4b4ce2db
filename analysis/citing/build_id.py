"""The id of a build: a short checksum over all that its numbers follow from: data, settings, locked versions and code.

Two builds with the same id have the same numbers, on the same kind of processor to the last byte. Neither clock, folder
nor commit is part of it, nor what sets the paper; what `config/` holds of settings counts where it changes them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.errors import UserError
from analysis.record import read_json
from analysis.record.files import data_checksum

PROJECT = Path(__file__).parents[2]
LENGTH = 12
"""Hexadecimal digits; among a million builds two share an id with a chance of 1 in 560."""
PARTS = ("identity", "tested", "settings", "lock", "code")
"""What of build.json the id is made of: checksum of the data (as ``identity``, which ids that were published rest on),
that of the build tested on, settings, locked versions, code."""
LOCK = "requirements.txt"
FOLDERS = ("analysis", "figures", "paper", "studies")
FILES = (
    "Snakefile", "CITATION.cff", "pyproject.toml",
    *(f"config/{name}.yaml" for name in ("frozen", "pitfalls", "source-study")),
)  # fmt: skip
KINDS = frozenset(
    (".bib", ".cff", ".css", ".html", ".js", ".json", ".lua", ".npz", ".py", ".qmd", ".smk", ".typ", ".yaml", ".yml")
)
"""Suffixes of what the workflow reads; what else lies in its folders, such as notes, is no part of it."""


def build_id(manifest: Mapping[str, Any]) -> str:
    """The id of the build that a build.json, or what :func:`foundation` returns, describes: 12 hexadecimal digits."""
    if missing := [part for part in PARTS if part not in manifest]:
        raise UserError(
            f"build.json lacks {', '.join(missing)}, so the build has no id; build it anew with 'make paper'"
        )
    text = json.dumps({part: manifest[part] for part in PARTS}, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


def foundation(build: Path, settings: Mapping[str, Any], about: Mapping[str, str]) -> dict[str, Any]:
    """The parts of the id of the build whose cache is ``build``; ``about`` is what :func:`code_and_lock` returns."""
    other = settings.get("test")
    return {
        "identity": data_checksum(read_json(build / "input.json")),
        "tested": data_checksum(read_json(build.parent / other / "input.json")) if other else None,
        "settings": settings,
        "lock": about["lock"],
        "code": about["code"],
    }


def code_and_lock(project: Path = PROJECT) -> dict[str, str]:
    """SHA-256 of the locked versions, and of all files that a build is made by, over names and checksums."""
    return {"lock": _sha256(project / LOCK), "code": code_sum(code_files(project))}


def code_files(project: Path = PROJECT) -> dict[str, str]:
    """SHA-256 of each file that a build is made by, in the order of their names."""
    paths = [project / name for name in FILES]
    paths += [path for folder in FOLDERS for path in (project / folder).rglob("*") if path.suffix in KINDS]
    named = {path.relative_to(project).as_posix(): path for path in paths if path.is_file()}
    return {name: _sha256(named[name]) for name in sorted(named) if is_code(name)}


def is_code(name: str) -> bool:
    """Whether a build is made by the file of this name in the project."""
    *folders, last = Path(name).parts
    if last.startswith(".") or any(part.startswith((".", "__")) for part in folders):
        return False
    return name in FILES or (bool(folders) and folders[0] in FOLDERS and Path(last).suffix in KINDS)


def code_sum(digests: Mapping[str, str]) -> str:
    """SHA-256 over names and checksums of all files that a build is made by."""
    return hashlib.sha256("\n".join(f"{name} {digests[name]}" for name in sorted(digests)).encode()).hexdigest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
