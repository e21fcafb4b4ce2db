from __future__ import annotations

import pytest

from analysis.environment import state
from analysis.errors import UserError
from analysis.locked import demand_locked

LOCK = """# a comment
numpy==2.4.1 \\
    --hash=sha256:00
colorama==0.4.6 ; sys_platform == 'nowhere' \\
    --hash=sha256:01
Snakemake==9.27.1
"""


@pytest.fixture
def lock(tmp_path, monkeypatch):
    path = tmp_path / "requirements.txt"
    path.write_text(LOCK)
    return path


def installed(monkeypatch, **versions):
    monkeypatch.setattr("analysis.locked._installed", lambda name: versions.get(name.lower()))


def test_the_locked_versions_pass_and_other_platforms_are_passed_over(lock, monkeypatch):
    installed(monkeypatch, numpy="2.4.1", snakemake="9.27.1")
    demand_locked(lock)


def test_another_version_is_named_with_both_and_what_to_do(lock, monkeypatch):
    installed(monkeypatch, numpy="2.3.0")
    with pytest.raises(UserError) as error:
        demand_locked(lock)
    assert "numpy is 2.3.0" in str(error.value)
    assert "has 2.4.1" in str(error.value)
    assert "Snakemake is not installed" in str(error.value)
    assert "'make'" in str(error.value)
    assert "\n" not in str(error.value)


def test_this_environment_is_the_locked_one(root):
    demand_locked(root / "requirements.txt")


def test_how_far_pip_is():
    said = "Collecting a==1\nCollecting b==1\n"
    assert state(said, set()) == "2 libraries fetched"
    found = said + "Installing collected packages: a, ruamel_yaml.B\n"
    assert state(found, {"a", "there-before"}) == "1 of 2 libraries installed"
    assert state(found, {"a", "ruamel-yaml-b", "there-before"}) == "2 of 2 libraries installed"
