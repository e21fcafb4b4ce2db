from __future__ import annotations

import subprocess

import pytest

from analysis.checkout import NO_COMMIT, TOLD, checkout


@pytest.fixture
def project(tmp_path):
    (tmp_path / "analysis").mkdir()
    (tmp_path / "analysis/a.py").touch()
    for command in ("init -q", "add .", "-c user.name=a -c user.email=a@b -c commit.gpgsign=false commit -q -m a"):
        subprocess.run(["git", *command.split()], cwd=tmp_path, check=True)
    return tmp_path


def test_a_commit_and_a_clean_tree(project):
    found = checkout(project)
    assert len(found["commit"]) == 40
    assert found["clean"] is True
    (project / "flows.csv").touch()
    assert checkout(project)["clean"] is True, "what results do not depend on changes nothing"


@pytest.mark.parametrize("name", ["analysis/a.py", "analysis/new.py"])
def test_a_changed_or_new_file_of_ours_is_no_clean_tree(name, project):
    (project / name).write_text("1")
    assert checkout(project)["clean"] is False


def test_without_git_or_a_checkout_of_its_own_there_is_a_reason(project, monkeypatch):
    assert checkout(project / "analysis") == {"commit": None, "clean": None, "reason": NO_COMMIT}
    monkeypatch.setenv("PATH", "")
    assert checkout(project)["reason"] == "git is not installed"


def test_a_copy_is_told_of_what_commit_it_is_and_a_checkout_believes_git(project, tmp_path_factory):
    told = '{"commit": "abc", "clean": true}'
    copy = tmp_path_factory.mktemp("copy")
    (copy / TOLD).write_text(told)
    assert checkout(copy) == {"commit": "abc", "clean": True, "reason": None}
    (project / TOLD).write_text(told)
    assert len(checkout(project)["commit"]) == 40
