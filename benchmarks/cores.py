"""What more cores would do for a finished build: ``python -m benchmarks.cores --build twin``.

The steps of the build are laid out on so many cores, each as long as it was measured, whatever waits for no other and
heads the longest way to the end first (list scheduling). Steps that use several cores become shorter with them. It is
an estimate: cores share memory and disk, and the first look at the flows is before all steps.
"""

from __future__ import annotations

import heapq
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis.command import run
from analysis.errors import UserError
from analysis.preflight import data_of
from analysis.progress import seconds
from benchmarks.report import heads, row_of

CORES = (2, 4, 8, 16)
DIVIDED = {"fit_types": 4, "ingest": 4}
"""Steps that use several cores, and the most that they do: trees of one forest, files that are read at once."""
NODE = re.compile(r'^\s*(\d+)\[label = "(.*?)",', re.MULTILINE)
EDGE = re.compile(r"^\s*(\d+) -> (\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Job:
    """A step of a build: its seconds of wall time, and the steps that it waits for."""

    name: str
    wall: float
    after: frozenset[str]


def jobs(dot: str, folder: Path, measured: int) -> dict[str, Job]:
    """The steps of a build by name, from the workflow's graph (as ``snakemake -F --dag`` prints it) and benchmarks.

    Of steps that use several cores the time is what one core would take, by the number that was ``measured`` on.
    """
    told = {number: [part.split(": ")[-1] for part in label.split(r"\n")] for number, label in NODE.findall(dot)}
    waits: dict[str, set[str]] = defaultdict(set)
    for before, after in EDGE.findall(dot):
        waits[after].add(before)
    names = {}
    for number, parts in told.items():
        # Wildcards that a step shares with one before it stand there alone.
        shared = ["_".join([*parts, *told[before][1:]]) for before in sorted(waits[number])]
        names[number] = next((name for name in shared if (folder / f"{name}.tsv").is_file()), "_".join(parts))
    unknown = sorted({name for name in names.values() if name != "all" and not (folder / f"{name}.tsv").is_file()})
    if unknown or len(set(names.values())) < len(names):
        steps = ", ".join(unknown[:5]) or "some step"
        raise UserError(
            f"cores: {folder} holds no time of {steps}; name the settings of that build with --settings, and "
            "build it to its end"
        )
    found = {}
    for number, name in names.items():
        took = seconds(folder / f"{name}.tsv") or 0.0
        before = frozenset(names[one] for one in waits[number])
        found[name] = Job(name, took * min(measured, DIVIDED.get(name, 1)), before)
    return found


def to_the_end(told: Mapping[str, Job], cores: int) -> dict[str, float]:
    """Seconds from the beginning of each step to the end of the build, by the longest way."""
    next_of = defaultdict(list)
    for job in told.values():
        for before in job.after:
            next_of[before].append(job.name)
    found: dict[str, float] = {}

    def way(name: str) -> float:
        if name not in found:
            found[name] = _wall(told[name], cores) + max(map(way, next_of[name]), default=0.0)
        return found[name]

    return {name: way(name) for name in told}


def finished(told: Mapping[str, Job], cores: int) -> float:
    """Seconds until all steps have ended on so many cores.

    >>> finished({"a": Job("a", 2.0, frozenset()), "b": Job("b", 2.0, frozenset()),
    ...           "c": Job("c", 1.0, frozenset({"a"}))}, 2)
    3.0
    """
    rank, waits = to_the_end(told, cores), {name: set(job.after) for name, job in told.items()}
    ready = [name for name in told if not waits[name]]
    running: list[tuple[float, str, int]] = []
    now, free = 0.0, cores
    while ready or running:
        for name in sorted(ready, key=lambda name: -rank[name]):
            if (used := min(cores, DIVIDED.get(name, 1))) <= free:
                ready.remove(name)
                free -= used
                heapq.heappush(running, (now + _wall(told[name], cores), name, used))
        now, ended, used = heapq.heappop(running)
        free += used
        ready += [name for name, before in waits.items() if before == {ended}]
        for before in waits.values():
            before.discard(ended)
    return now


def longest_way(told: Mapping[str, Job], cores: int) -> list[Job]:
    """The steps on the way that no number of cores beyond this makes shorter, from first to last."""
    rank = to_the_end(told, cores)
    way = [max(told, key=lambda name: rank[name])]
    while following := [name for name, job in told.items() if way[-1] in job.after]:
        way.append(max(following, key=lambda name: rank[name]))
    return [told[name] for name in way]


def table(told: Mapping[str, Job]) -> Iterator[str]:
    """A row of Markdown for each number of cores: seconds to the end, of the longest way, and its longest steps."""
    yield from heads("Cores", "Wall, s", "Longest way, s", "Its longest steps, s")
    for cores in CORES:
        way = longest_way(told, cores)
        longest = sorted(way, key=lambda job: -_wall(job, cores))[:4]
        named = ", ".join(f"{job.name} {_wall(job, cores):.0f}" for job in longest)
        yield row_of(f"{cores}", f"{finished(told, cores):.0f}", f"{sum(_wall(job, cores) for job in way):.0f}", named)


def _wall(job: Job, cores: int) -> float:
    return job.wall / min(cores, DIVIDED.get(job.name, 1))


def step(*, build: str = "twin", settings: Path | None = None, measured: int = 2) -> None:
    """Print the table for a finished build, whose steps that use several cores were ``measured`` on so many.

    ``settings`` is the file of settings that it was built with, where there was one.
    """
    folder = Path("build", build, "benchmarks")
    if not any(folder.glob("*.tsv")):
        raise UserError(f"cores: there is no build {build} here; build it first: make paper BUILD={build}")
    data = data_of(build)
    call = [sys.executable, "-m", "snakemake", "--forceall", "--dag"]
    call += [f"--configfile={settings}"] if settings else []
    call += ["--config", f"build={build}", *([f"data={data}"] if data else [])]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f"cores: the workflow's graph could not be read: {done.stderr.strip().splitlines()[-1]}")
    for line in table(jobs(done.stdout, folder, measured)):
        print(line)


if __name__ == "__main__":
    run(step)
