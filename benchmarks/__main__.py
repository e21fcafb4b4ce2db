"""Peer and this project on the same flows: ``python -m benchmarks --size 0.02 --runs 3`` (``make bench SIZE= RUNS=``).

Each run is a whole process, the two in turn; what was measured before at other sizes stays in ``build/bench`` and is
shown with it. What ends is noted, so that the same command goes on where one was cut off. Nothing here is a test.
"""

from __future__ import annotations

import csv
import json
import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from analysis.command import run
from analysis.errors import UserError
from benchmarks.measure import Spent, spent
from benchmarks.report import write

RELEASE = 2_830_743
"""Flows of the whole release: size 1."""
PROJECT = Path(__file__).parents[1]
BENCH = Path("build/bench")
BEGUN = "begun.json"
"""What has been measured of runs that are not all at their end."""
FITTED = re.compile(r"^fitted (\S+) in ([\d.]+) s, ([\d.]+) s of CPU$", re.MULTILINE)
"""A line in the log of a step that fits: the model's id, its seconds and CPU seconds."""


def step(*, size: float = 0.02, runs: int = 3, cores: int = 2) -> None:
    """Measure both at a share of the release, and write table and figure of all sizes measured so far."""
    if not 0 < size <= 10:
        raise UserError(f"bench: SIZE={size:g} is not a share of the release between 0 and 10")
    if runs < 1:
        raise UserError(f"bench: RUNS={runs} is not a number of runs")
    rows = round(size * RELEASE)
    folder = PROJECT / BENCH / f"{rows}"
    folder.mkdir(parents=True, exist_ok=True)
    flows = folder / "flows"
    if not flows.is_dir():
        print(f"bench: writing {rows:,} flows of the twin")
        command = [sys.executable, "-m", "analysis.twin", "--flows", str(flows), "--rows", str(rows)]
        spent(command, PROJECT, folder / "twin.log")
    measured = measured_so_far(folder, runs, cores, {
        "notebook": lambda: _peer(flows, folder), "workflow": lambda: _ours(flows, folder, rows, cores)
    })  # fmt: skip
    found = {"rows": rows, "cores": cores, "machine": _machine(), "limits": _limits(flows), "runs": measured}
    (folder / "measured.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    (folder / BEGUN).unlink()
    print(f"bench: {write(PROJECT / BENCH)}")


def measured_so_far(
    folder: Path, runs: int, cores: int, measure: Mapping[str, Callable[[], dict[str, Any]]]
) -> list[dict[str, Any]]:
    """What each run measured of ``notebook`` and ``workflow``; what ended before on this machine is not run again."""
    begun, here = folder / BEGUN, {"processor": _processor(), "cores": cores}
    known = json.loads(begun.read_text(encoding="utf-8")) if begun.is_file() else {}
    done: list[dict[str, Any]] = known["runs"] if known.get("here") == here else []
    if done:
        print(f"bench: going on with what ended before; remove {BENCH / folder.name / BEGUN} to begin anew", flush=True)
    for number in range(runs):
        for what, name in (("notebook", "peer"), ("workflow", "ours")):
            if number < len(done) and name in done[number]:
                continue
            print(f"bench: run {number + 1} of {runs}: the {what}", flush=True)
            found = measure[what]()
            if name == "peer":
                done.append({})
            done[number][name] = found
            begun.write_text(json.dumps({"here": here, "runs": done}, indent=1), encoding="utf-8")
    return done[:runs]


def _peer(flows: Path, folder: Path) -> dict[str, Any]:
    out = folder / "notebook"
    shutil.rmtree(out, ignore_errors=True)
    whole = spent([sys.executable, "-m", "benchmarks.notebook", "--flows", str(flows), "--out", str(out)],
                  PROJECT, folder / "notebook.log")  # fmt: skip
    return _told(whole) | json.loads((out / "notebook.json").read_text(encoding="utf-8"))


def _ours(flows: Path, folder: Path, rows: int, cores: int) -> dict[str, Any]:
    """The study of the source to its paper, from nothing, with its stages from Snakemake's own benchmarks."""
    build = f"bench-{rows}"
    for place in ("build", "results"):
        shutil.rmtree(PROJECT / place / build, ignore_errors=True)
    config = [f"data={flows}", f"build={build}", "study=source"]
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores), "--config", *config]
    whole = spent(command, PROJECT, folder / "workflow.log")
    stages = {}
    for path in sorted((PROJECT / "build" / build / "benchmarks").rglob("*.tsv")):
        with path.open(encoding="utf-8") as file:
            (line,) = csv.DictReader(file, delimiter="\t")
        name = path.relative_to(PROJECT / "build" / build / "benchmarks").with_suffix("").as_posix()
        stages[name] = {"wall": float(line["s"]), "cpu": float(line["cpu_time"]), "memory": _number(line["max_rss"])}
    fits = {}
    for path in sorted((PROJECT / "build" / build / "logs").glob("fit_*.log")):
        for name, wall, cpu in FITTED.findall(path.read_text(encoding="utf-8")):
            fits[name] = {"wall": float(wall), "cpu": float(cpu)}
    values = json.loads((PROJECT / "results" / build / "values.json").read_text(encoding="utf-8"))["values"]
    models = ("random_forest", "gradient_boosting", "adaboost", "logistic_regression")
    f1 = {model: values[f"binary.{model}.f1"]["value"] for model in models}
    f1["types_macro"] = values["types.all_with_benign.macro_f1"]["value"]
    return _told(whole) | {"stages": stages, "fits": fits, "f1": f1}


def _limits(flows: Path) -> dict[str, float]:
    """Seconds that nobody can go below: reading the bytes, parsing them with the fastest reader, sorting a column."""
    paths = sorted(flows.glob("*.csv"))
    start = time.perf_counter()
    for path in paths:
        with path.open("rb") as file:
            while file.read(1 << 24):
                pass
    read = time.perf_counter()
    # A column is text in a file whose first rows hold 'Infinity', and a number in another.
    column = pl.concat(
        [pl.read_csv(path, encoding="utf8-lossy", infer_schema_length=10_000, ignore_errors=True) for path in paths],
        how="vertical_relaxed",
    )
    parsed = time.perf_counter()
    np.sort(column[:, 1].cast(pl.Float64).to_numpy())
    return {"read": read - start, "parse": parsed - read, "sort": time.perf_counter() - parsed}


def _machine() -> dict[str, Any]:
    return {"system": platform.platform(terse=True), "processor": _processor(), "cores": os.cpu_count(),
            "python": platform.python_version(), "day": time.strftime("%Y-%m-%d")}  # fmt: skip


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _told(whole: Spent) -> dict[str, float]:
    return asdict(whole)


def _number(text: str) -> float | None:
    """A number of Snakemake's benchmarks; none where the step was too short to be looked at."""
    try:
        return float(text)
    except ValueError:
        return None


if __name__ == "__main__":
    run(step)
