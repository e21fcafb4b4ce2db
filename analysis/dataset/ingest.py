"""Step: read every file of the input into one flow table (Parquet), and report what the input is."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from analysis.dataset.input.inspection import inspect
from analysis.dataset.input.provenance import report
from analysis.dataset.input.source import flow_files, unread
from analysis.dataset.release import load
from analysis.errors import UserError, run
from analysis.record import checked, read_json, write_atomically, write_json


def refuse_other_flows(files: Iterable[Mapping[str, Any]], seen: Mapping[str, str]) -> None:
    """UserError where ``files``, as they were read, are not those ``seen`` before (name to SHA-256)."""
    read = {file["name"]: file["sha256"] for file in files}
    if changed := sorted(name for name, _ in read.items() ^ seen.items()):
        raise UserError(f"data: {changed[0]} changed while the study was made; build again when it is complete")


def main() -> None:
    """Command line of the step."""
    parser = argparse.ArgumentParser(description=__doc__)
    for path in ("data", "metadata", "source", "flows", "inspection", "values"):
        parser.add_argument(f"--{path}", type=Path, required=True)
    parser.add_argument("--tables", type=Path, nargs="+", required=True)
    parser.add_argument("--seen", type=Path, help="what the files were at the first look; they must be the same now")
    arguments = parser.parse_args()
    parts: list[pl.DataFrame] = []
    metadata, data = read_json(arguments.metadata), checked(arguments.data)
    inspection = inspect(flow_files(data), keep=parts.append, unread=unread(data), release=load(metadata["release"]))
    if arguments.seen:
        refuse_other_flows(inspection["files"], read_json(arguments.seen)["files"])
    # A whole-number column that one file had to keep as Float64 (missing cells) is Float64 for all; columns that only
    # some files have (addresses) are null in the others.
    table = pl.concat(parts, how="diagonal_relaxed")
    del parts
    with write_atomically(arguments.flows) as temporary:
        table.write_parquet(temporary, compression="zstd", compression_level=1)
    write_json(arguments.inspection, inspection)
    report(inspection, metadata, arguments.source).write(arguments.values, arguments.tables)


if __name__ == "__main__":
    run(main)
