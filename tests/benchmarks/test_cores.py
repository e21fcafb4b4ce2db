"""Steps of a build laid out on more cores: none before what it waits for, no more at once than there are cores."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import UserError
from benchmarks.cores import Job, finished, jobs, longest_way, step, table

DOT = r"""digraph snakemake_dag {
    node[shape=box, style=rounded];
	0[label = "all", color = "0.00 0.6 0.85", style="rounded"];
	1[label = "ingest", color = "0.27 0.6 0.85", style="rounded"];
	2[label = "split\nsplit: random.r1", color = "0.56 0.6 0.85", style="rounded"];
	3[label = "select", color = "0.50 0.6 0.85", style="rounded"];
	4[label = "fit\nbatch: types", color = "0.21 0.6 0.85", style="rounded"];
	1 -> 2
	2 -> 3
	3 -> 4
	4 -> 0
}
"""


def job(name: str, wall: float, *after: str) -> Job:
    return Job(name, wall, frozenset(after))


def made(*told: Job) -> dict[str, Job]:
    return {one.name: one for one in told}


def test_steps_have_their_times_and_what_they_wait_for(tmp_path: Path) -> None:
    for name, took in {"ingest": 10, "split_random.r1": 2, "select_random.r1": 3, "fit_types": 20}.items():
        (tmp_path / f"{name}.tsv").write_text(f"s\th:m:s\n{took}\t0:00:{took:02}\n")
    found = jobs(DOT, tmp_path, measured=2)
    assert found == made(
        job("all", 0, "fit_types"), job("ingest", 20), job("split_random.r1", 2, "ingest"),
        job("select_random.r1", 3, "split_random.r1"), job("fit_types", 40, "select_random.r1"),
    )  # fmt: skip
    assert [finished(found, cores) for cores in (1, 2, 8)] == [65, 35, 20], "four at once at most"


def test_a_step_without_a_time_is_named_and_not_taken_for_none(tmp_path: Path) -> None:
    for name in ("ingest", "split_random.r1", "select_random.r1"):
        (tmp_path / f"{name}.tsv").write_text("s\th:m:s\n1\t0:00:01\n")
    with pytest.raises(UserError, match=r"no time of fit_types; name the settings of that build with --settings"):
        jobs(DOT, tmp_path, measured=2)


def test_the_longest_way_bounds_any_number_of_cores() -> None:
    told = made(job("a", 3), job("b", 4, "a"), job("c", 5), job("all", 1, "b", "c"))
    assert [finished(told, cores) for cores in (1, 2, 8)] == [13, 8, 8]
    assert [one.name for one in longest_way(told, 8)] == ["a", "b", "all"]
    assert list(table(told))[-1] == "| 16 | 8 | 8 | b 4, a 3, all 1 |"


def test_a_step_of_several_cores_waits_for_them_or_the_others_for_it() -> None:
    told = made(job("fit_types", 8), job("other", 3))
    assert [finished(told, cores) for cores in (2, 4, 5)] == [7, 5, 3]


@given(st.lists(st.tuples(st.integers(1, 9), st.sets(st.integers(0, 8))), min_size=1, max_size=9), st.integers(1, 5))
def test_no_core_is_idle_for_nothing(drawn: list[tuple[int, set[int]]], cores: int) -> None:
    told = made(*(job(f"{i}", wall, *(f"{j}" for j in before if j < i)) for i, (wall, before) in enumerate(drawn)))
    end, work = finished(told, cores), sum(one.wall for one in told.values())
    way = sum(one.wall for one in longest_way(told, cores))
    assert max(way, work / cores) <= end <= work / cores + way * (1 - 1 / cores) + 1e-9, "Graham 1969"


def test_a_build_that_is_not_there() -> None:
    with pytest.raises(UserError, match=r"there is no build none here; build it first: make paper BUILD=none"):
        step(build="none")
