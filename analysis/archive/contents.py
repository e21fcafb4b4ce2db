"""What a crate holds: the published files, and the project's own that make them again; data never."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from analysis.audit.compare_builds import demand_intact
from analysis.audit.reproduce import own_files
from analysis.citing.build_id import LOCK, build_id, code_and_lock
from analysis.errors import UserError
from analysis.record import read_json

PROJECT = Path(__file__).parents[2]
WORKFLOW = "Snakefile"
SETTINGS = "settings.yaml"
"""All settings of the build, as the workflow reads them."""
PARTS = frozenset(
    (WORKFLOW, LOCK, "requirements-archive.txt", "requirements-detector.txt", "analysis", "config", "figures", "paper",
     "profiles", "studies", "tools", "Makefile", "pyproject.toml", "environment.yml", "README.md", "CHANGELOG.md",
     "CITATION.cff", "LICENSE")
)  # fmt: skip
"""Files and folders of the project that go into a crate: with them it is a checkout that builds."""


def contents(results: Path, project: Path = PROJECT) -> dict[str, bytes]:
    """Every file of the crate of the build that ``results`` publishes, by its name there, without the metadata.

    UserError where a published file was altered, or where the project's files are not those of the build.
    """
    demand_intact(results)
    manifest = read_json(results / "build.json")
    _demand_code(manifest, project)
    published = ["build.json", *manifest["files"]]
    found = {f"results/{results.name}/{name}": (results / name).read_bytes() for name in published}
    for name in own_files(project):
        parts = Path(name).parts
        if parts[0] in PARTS and not any(part.startswith(".") for part in parts) and (project / name).is_file():
            found[name] = (project / name).read_bytes()
    return found | {SETTINGS: settings(manifest).encode()}


def settings(manifest: dict[str, Any]) -> str:
    """The settings of a build as a file that ``--configfile`` takes."""
    return yaml.safe_dump(manifest["settings"], sort_keys=True, allow_unicode=True)


def _demand_code(manifest: dict[str, Any], project: Path) -> None:
    """UserError where the project's files are not those of the build."""
    build_id(manifest)  # a build without an id does not say by what it was made
    now = code_and_lock(project)
    if other := [part for part in ("code", "lock") if now[part] != manifest[part]]:
        raise UserError(
            f"build {manifest['build']} was made by another {' and another '.join(other)} than there is here, so that "
            "it cannot be archived with that; run 'make paper' again, and then archive"
        )
