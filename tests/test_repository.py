"""Files that hosts and readers of the repository look for: citation, changes, versions, templates, hooks, actions."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

# ------------------------------------------------------------------------------------------------------------ citation

TEXT = {"type": "string", "minLength": 1}
PERSON = {
    "type": "object",
    "additionalProperties": False,
    "properties": dict.fromkeys(("family-names", "given-names", "affiliation", "orcid"), TEXT),
}
ENTITY = {"type": "object", "additionalProperties": False, "properties": {"name": TEXT}, "required": ["name"]}
AUTHORS = {"type": "array", "minItems": 1, "items": {"anyOf": [PERSON, ENTITY]}}
DOI = {"type": "string", "pattern": r"^10\.\d{4,9}/[A-Za-z0-9:/_;.()-]+$"}
CFF: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["cff-version", "message", "title", "authors"],
    "properties": {
        "cff-version": {"const": "1.2.0"},
        **dict.fromkeys(("message", "title", "abstract", "version"), TEXT),
        "type": {"enum": ["software", "dataset"]},
        "authors": AUTHORS,
        "date-released": {"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[012])-(0[1-9]|[12]\d|3[01])$"},
        "license": {"const": "MIT"},
        "doi": DOI,
        "identifiers": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["type", "value"],
                "properties": {"type": {"const": "other"}, "value": TEXT, "description": TEXT},
            },
        },
        "repository-code": {"type": "string", "pattern": "^https://"},
        "keywords": {"type": "array", "minItems": 1, "uniqueItems": True, "items": TEXT},
        "references": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["type", "title", "authors"],
                "properties": {
                    "type": {"enum": ["conference-paper", "article", "data"]},
                    **dict.fromkeys(("title", "collection-title", "journal"), TEXT),
                    "authors": AUTHORS,
                    **{key: {"type": "integer"} for key in ("year", "start", "end")},
                    "doi": DOI,
                },
            },
        },
    },
}
"""What the Citation File Format 1.2.0 asks of the keys that are used here, and that there are no others."""


def citation(root: Path) -> dict[str, Any]:
    return yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))


def test_the_citation_is_of_its_format(root):
    jsonschema.validate(citation(root), CFF)


@pytest.mark.parametrize(
    ("key", "value"),
    [("authors", []), ("authors", [{"name": ""}]), ("date-released", "25.11.2026"), ("title", ""), ("autors", [])],
)
def test_a_citation_that_is_not_is_seen(root, key, value):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(citation(root) | {key: value}, CFF)


def test_the_citation_names_the_data_as_the_paper_does(root):
    entries = (root / "paper/references.bib").read_text(encoding="utf-8").split("\n@")
    for reference in citation(root)["references"]:
        (entry,) = (re.sub(r"[{}]", "", one) for one in entries if reference["doi"] in one)
        names = [f"{one['family-names']}, {one['given-names']}" for one in reference["authors"]]
        pages, year = f"{reference['start']}--{reference['end']}", str(reference["year"])
        for said in (reference["title"], " and ".join(names), reference["collection-title"], pages, year):
            assert said in entry, said


# ------------------------------------------------------------------------------------------------------------- version


def disagreements(folder: Path) -> list[str]:
    """What does not go by ``version`` in pyproject.toml: citation, changes, or a tag."""
    version = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    changes = (folder / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$", changes, re.MULTILINE)
    cited = citation(folder)
    found = []
    if not sections or sections[0][0] != version:
        found.append(f"CHANGELOG.md: its newest version is not {version}")
    if (cited["version"], cited["date-released"]) not in sections[:1]:
        found.append("CITATION.cff: not the newest version and date of CHANGELOG.md")
    for tag in tags(folder):
        if tag.removeprefix("v") not in dict(sections):
            found.append(f"tag {tag}: no section in CHANGELOG.md")
    for tag in tags(folder, "--points-at", "HEAD"):
        if tag != f"v{version}":
            found.append(f"tag {tag}: pyproject.toml says {version}")
    return found


def tags(folder: Path, *which: str) -> list[str]:
    done = subprocess.run(["git", "tag", "--list", "v*", *which], cwd=folder, capture_output=True, text=True)
    return done.stdout.split()


def test_one_version_is_everywhere(root):
    assert disagreements(root) == []


@pytest.fixture
def copy(root, tmp_path):
    for name in ("pyproject.toml", "CHANGELOG.md", "CITATION.cff"):
        shutil.copy(root / name, tmp_path)
    for command in ("init", "add .", "-c user.name=a -c user.email=a@b.c commit -m first"):
        subprocess.run(["git", "-c", "commit.gpgsign=false", *command.split()], cwd=tmp_path, check=True,
                       capture_output=True)  # fmt: skip
    return tmp_path


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("pyproject.toml", r'^version = ".+"', 'version = "9.9.9"', "CHANGELOG.md: its newest version is not 9.9.9"),
        ("CHANGELOG.md", r"^## \[\d.+\]", "## [9.9.9]", "CHANGELOG.md: its newest version is not"),
        ("CITATION.cff", r"^version: .+", "version: 9.9.9", "CITATION.cff: not the newest version and date"),
        ("CITATION.cff", r'^date-released: ".+"', 'date-released: "2020-01-01"', "CITATION.cff: not the newest"),
    ],
)
def test_a_version_or_date_that_differs_is_seen(copy, name, old, new, said):
    assert disagreements(copy) == []
    text, count = re.subn(old, new, (copy / name).read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    (copy / name).write_text(text, encoding="utf-8")
    assert count == 1
    assert disagreements(copy)[0].startswith(said)


def test_a_tag_follows_the_version(copy):
    version = citation(copy)["version"]
    subprocess.run(["git", "tag", f"v{version}"], cwd=copy, check=True)
    assert disagreements(copy) == []
    subprocess.run(["git", "tag", "v99.0.0"], cwd=copy, check=True)
    assert disagreements(copy) == ["tag v99.0.0: no section in CHANGELOG.md",
                                   f"tag v99.0.0: pyproject.toml says {version}"]  # fmt: skip


# --------------------------------------------------------------------------------------------- workflow and templates


def test_actions_are_pinned_by_hash_with_their_version_beside(root):
    for path in (root / ".github/workflows").glob("*.yml"):
        used = re.findall(r"uses: *(.+)", path.read_text(encoding="utf-8"))
        assert used
        for action in used:
            assert re.fullmatch(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), f"{path.name}: {action}"


def test_the_page_is_published_from_the_default_branch_alone_and_nothing_else_may_write(root):
    workflow = yaml.safe_load((root / ".github/workflows/paper.yml").read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    writing = {name for name, job in workflow["jobs"].items() if "write" in job.get("permissions", {}).values()}
    assert writing == {"pages"}
    assert "default_branch" in workflow["jobs"]["pages"]["if"]
    assert workflow["jobs"]["pages"]["needs"] == "paper"
    published = [step["run"] for step in workflow["jobs"]["paper"]["steps"] if "site" in step.get("run", "")]
    assert [sorted(re.findall(r"results/twin/(\S+)", run)) for run in published] == [["paper.html", "paper.pdf"]]


def test_hooks_are_the_quick_part_of_make_check(root):
    hooks = yaml.safe_load((root / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    (recipe,) = re.findall(r"^check:.*\n((?:\t.*\n)+)", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    checks = {line.strip().replace("$(PY)", ".venv/bin/python") for line in recipe.splitlines()}
    entries = {hook["entry"] for hook in hooks}
    assert entries < checks
    assert {check.split()[2] for check in checks - entries} == {"mypy", "tools.workflow_lint"}


@pytest.mark.parametrize("name", ["dependabot.yml", "ISSUE_TEMPLATE/config.yml", "ISSUE_TEMPLATE/fault.yml"])
def test_hosts_can_read_what_is_for_them(root, name):
    assert isinstance(yaml.safe_load((root / ".github" / name).read_text(encoding="utf-8")), dict)


def test_the_form_for_faults_has_what_its_host_asks(root):
    form = yaml.safe_load((root / ".github/ISSUE_TEMPLATE/fault.yml").read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= set(form)
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    names = [field["id"] for field in fields]
    assert len(set(names)) == len(names)
    for field in fields:
        assert field["type"] in ("input", "textarea", "dropdown", "checkboxes")
        assert field["attributes"]["label"]
        assert ("options" in field["attributes"]) == (field["type"] in ("dropdown", "checkboxes"))
