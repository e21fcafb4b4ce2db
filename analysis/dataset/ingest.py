"""Step: read every file of the input into one flow table (Parquet)."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import polars as pl

from analysis.dataset.reading import flows
from analysis.dataset.release import Release, load
from analysis.dataset.source import checksum, members
from analysis.errors import UserError, run
from analysis.record import Column, Record, read_json, write_atomically


def ingest(data: Path, release: Release) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
    """All flows of ``data`` in the order of its files, and a line about each file.

    A whole-number column that one file had to keep as Float64 (missing cells) is Float64 for all.
    """
    parts, files = [], []
    for member in members(data):
        content = member.read()
        part = flows(content, member, release)
        parts.append(part)
        attacks = int(part["is_attack"].sum())
        files.append({"file": member.name, "day": part["day"][0] or "unknown", "flows": part.height, "attacks": attacks,
                      "sha256": checksum(content)})  # fmt: skip
    return pl.concat(parts, how="vertical_relaxed"), files


def report(files: list[dict[str, Any]], data: str) -> Record:
    """Table ``input_files`` and the number of files."""
    record = Record("ingest", data)
    record.value("data.files", len(files), "integer", "CSV files read", unit="files")
    columns = [Column("file", "File", align="left"), Column("day", "Day", align="left"),
               Column("flows", "Flows", "integer"),
               Column("attacks", "Attacks", "integer"), Column("sha256", "SHA-256", align="left")]  # fmt: skip
    record.table("input_files", "Files read", columns, files)
    return record


def main() -> None:
    """Command line of the step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--about", type=Path, required=True)
    parser.add_argument("--flows", type=Path, required=True)
    parser.add_argument("--values", type=Path, required=True)
    parser.add_argument("--tables", type=Path, nargs="+", required=True)
    arguments = parser.parse_args()
    about = read_json(arguments.about)
    table, files = ingest(arguments.data, load(about["release"]))
    try:
        with write_atomically(arguments.flows) as temporary:
            table.write_parquet(temporary, compression="zstd", compression_level=1)
    except OSError as error:
        raise UserError(f"{arguments.flows}: cannot be written ({error.strerror}); make room or check rights") from None
    report(files, about["data"]).write(arguments.values, arguments.tables)


if __name__ == "__main__":
    run(main)
