"""pyproject.toml, requirements.txt and environment.yml agree, and name no registry."""

from __future__ import annotations

import re
import subprocess
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

EXTRAS = ("archive", "detector", "slurm")
LOCKS = ("requirements.txt", *(f"requirements-{extra}.txt" for extra in EXTRAS), "requirements-axe.txt")


def locked(root, lock="requirements.txt"):
    text = (root / lock).read_text(encoding="utf-8")
    return {canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==([\w.]+)", text, re.M)}


def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_every_direct_dependency_is_locked_at_a_version_it_allows(root):
    versions = locked(root)
    wanted = project(root)["dependencies"] + project(root)["optional-dependencies"]["dev"]
    for requirement in map(Requirement, wanted):
        assert versions[canonicalize_name(requirement.name)] in requirement.specifier, requirement


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_lock_of_an_extra_holds_its_libraries_and_no_other_version_of_the_rest(root, extra):
    versions, others = locked(root, f"requirements-{extra}.txt"), locked(root)
    groups = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    for requirement in map(Requirement, groups[extra]):
        assert versions[canonicalize_name(requirement.name)] in requirement.specifier, requirement
    assert len(versions.keys() & others.keys()) > 5
    assert {name: others[name] for name in versions.keys() & others.keys()}.items() <= versions.items()


def test_the_lock_of_axe_has_no_driver_of_browsers(root):
    groups = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    (requirement,) = map(Requirement, groups["axe"])
    ((name, version),) = locked(root, "requirements-axe.txt").items()
    assert (name, version in requirement.specifier) == (canonicalize_name(requirement.name), True)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_version_has_hashes_and_no_address(root, lock):
    text = (root / lock).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.M).strip())
    assert all("--hash=sha256:" in block for block in blocks)
    assert not re.search(r"https?:|index-url|file:", text)


def test_the_conda_environment_takes_the_same_versions(root):
    environment = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    python, quarto, pip, rest = environment["dependencies"]
    assert (quarto, pip, rest) == ("quarto", "pip", {"pip": ["-r requirements.txt"]})
    assert python.removeprefix("python") == project(root)["requires-python"]


def test_no_file_names_a_machine_s_path_or_a_registry(root):
    listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True).stdout.split()
    for name in listed:
        data = (root / name).read_bytes()
        for pattern in (rb"/(work|root|home)/\w", rb"pypi\.org/simple", rb"files\.pythonhosted"):
            assert name == "tests/test_environment.py" or not re.search(pattern, data), f"{name}: {pattern!r}"
