"""A finished build as one file: ``python -m analysis.archive.crate twin`` writes ``results/twin.crate.zip``.

A Workflow Run RO-Crate (https://w3id.org/ro/wfrun/workflow): what was published, settings, locked versions, workflow
and code, and the run with its steps. Data are named by their checksums and are not in it. Unpacked, it is a checkout.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from analysis.archive import metadata, zipped
from analysis.archive.contents import contents
from analysis.audit.compare_builds import folder_of
from analysis.command import run


def write(results: Path, benchmarks: Path, output: Path) -> None:
    """Write the crate of the build that ``results`` publishes to ``output``; the same build gives the same bytes."""
    files = contents(results)
    zipped.write(output, files | {metadata.NAME: metadata.describe(files, results.name, benchmarks)})


def step(build: str, /, *, out: Path | None = None) -> None:
    """Write the crate of a finished build to ``out`` (default: beside its results), and say its checksum."""
    results = folder_of(build)
    output = out or results.with_name(f"{results.name}.crate.zip")
    write(results, results.parent.with_name("build") / results.name / "benchmarks", output)
    print(f"{output}\nsha256 {hashlib.sha256(output.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    run(step)
