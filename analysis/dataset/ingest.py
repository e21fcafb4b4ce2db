"""Step: read every file of the input into one flow table (Parquet), and report what the input is."""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

from analysis.dataset.input.inspection import inspect
from analysis.dataset.input.provenance import report
from analysis.dataset.input.source import members, unread
from analysis.dataset.release import load
from analysis.errors import run
from analysis.record import read_json, write_atomically, write_json


def main() -> None:
    """Command line of the step."""
    parser = argparse.ArgumentParser(description=__doc__)
    for path in ("data", "about", "source", "flows", "inspection", "values"):
        parser.add_argument(f"--{path}", type=Path, required=True)
    parser.add_argument("--tables", type=Path, nargs="+", required=True)
    arguments = parser.parse_args()
    parts: list[pl.DataFrame] = []
    about = read_json(arguments.about)
    inspection = inspect(
        members(arguments.data), keep=parts.append, unread=unread(arguments.data), release=load(about["release"])
    )
    # A whole-number column that one file had to keep as Float64 (missing cells) is Float64 for all; columns that only
    # some files have (addresses) are null in the others.
    table = pl.concat(parts, how="diagonal_relaxed")
    del parts
    with write_atomically(arguments.flows) as temporary:
        table.write_parquet(temporary, compression="zstd", compression_level=1)
    write_json(arguments.inspection, inspection)
    report(inspection, about, arguments.source).write(arguments.values, arguments.tables)


if __name__ == "__main__":
    run(main)
