"""Fixtures shared by all tests."""

from __future__ import annotations

import gc
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from analysis.audit.claims import PaperClaim

ROOT = Path(__file__).resolve().parents[1]

# As in a build (see Snakefile): idle threads of small sums wait in a loop, beside another process of tests.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"
os.environ["VECLIB_MAXIMUM_THREADS"] = "1"

# Neither the machine's load nor chance decides whether a test passes: no deadline, and the same examples every time.
settings.register_profile(
    "house",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("house")


def pytest_collection_finish() -> None:
    """What is imported stays, so that it need not be looked through each time rubbish is collected (by statsmodels)."""
    gc.freeze()


OF_THE_SAMPLE = re.compile(
    r"tests/build/(test_untrusted|test_without_types|test_difference)\.py|tests/build/.*\[(.+-)?sample[-\]]"
)
"""Tests of builds that need no build of the twin."""
WHOLE = (
    "tests/twin/", "tests/explanation/", "tests/detector/", "tests/paper/test_", "tests/figures/test_finish.py",
    "tests/conditions/test_fit.py", "tests/conditions/test_graph.py",
)  # fmt: skip
"""Files whose tests share what is slow to make (flows, fits, a browser): one process has all tests of such a file.

They start early, so that no process waits for another at the end.
"""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests of builds run in two processes, because a build is made once in each that asks for it; others anywhere.

    By their path: the mark that ``--dist loadgroup`` looks for does not reach it with pytest 9. What has most tests
    starts first.
    """
    from xdist.scheduler import LoadScopeScheduling

    class TwoForBuilds(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            if nodeid.startswith("tests/build/"):
                return "builds of other flows" if OF_THE_SAMPLE.match(nodeid) else "builds of the twin"
            return nodeid.partition("::")[0] if nodeid.startswith(WHOLE) else nodeid

    return TwoForBuilds(config, log)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are named by their parameter, since what packs them may write the time into them.

    Every worker must collect the same tests, so no name depends on time, address or order.
    """
    return argname if isinstance(val, bytes) else None


def paper_claims() -> dict[str, PaperClaim]:
    """All claims of the paper."""
    from analysis.audit.claims import load_all
    from paper.chapters import assemble

    of_files = load_all(assemble(ROOT / "paper" / "paper.qmd").claims)
    return {name: claim for claims in of_files.values() for name, claim in claims.items()}


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's top folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real CICIDS2017 excerpts beside the checkout; tests that use it skip where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real rows are not at hand: there is no ../shared/data")
    return folder
