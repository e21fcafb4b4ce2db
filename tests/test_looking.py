from __future__ import annotations

import pytest

from analysis.looking import only_looks

LOOKS = ("-n", "-np", "--dryrun --cores 2", "--lint", "--dag", "--rulegraph dot", "--summary", "-S", "-D", "--list",
         "--list-changes code")  # fmt: skip


@pytest.mark.parametrize("call", LOOKS)
def test_these_only_look(call):
    assert only_looks(call.split())


@pytest.mark.parametrize("call", ["", "--cores 1", "--config data=-n build=--lint", "-j1 --quiet rules", "--forceall"])
def test_these_run(call):
    assert not only_looks(call.split())
