"""Step: read every file of the input into one flow table (Parquet)."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import polars as pl

from analysis.dataset.reading import read
from analysis.dataset.source import members
from analysis.errors import UserError, run
from analysis.record import Column, Record, read_json, write_atomically


def ingest(data: Path) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
    """All flows of ``data`` in the order of its files, and a line about each file.

    A whole-number column that one file had to keep as Float64 (missing cells) is Float64 for all; columns that only
    some files have (addresses) are null in the others.
    """
    parts, files = [], []
    for member in members(data):
        part = read(member)
        flows, facts = part.flows, part.facts
        parts.append(flows)
        days = flows["day"].drop_nulls().unique().sort().to_list()
        files.append({"file": member.name, "day": ", ".join(days) or "unknown", "flows": flows.height,
                      "attacks": int(flows["is_attack"].sum()), "sha256": facts["sha256"],
                      "blank_rows": facts["blank_rows"]})  # fmt: skip
    return pl.concat(parts, how="diagonal_relaxed"), files


def report(files: list[dict[str, Any]], data: str) -> Record:
    """Table ``input_files`` and the number of files."""
    record = Record("ingest", data)
    record.value("data.files", len(files), "integer", "files read", unit="files")
    record.value("data.blank_rows", sum(file["blank_rows"] for file in files), "integer",
                 "rows in which nothing stands, left out", unit="rows")  # fmt: skip
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
    table, files = ingest(arguments.data)
    try:
        with write_atomically(arguments.flows) as temporary:
            table.write_parquet(temporary, compression="zstd", compression_level=1)
    except OSError as error:
        raise UserError(f"{arguments.flows}: cannot be written ({error.strerror}); make room or check rights") from None
    report(files, about["data"]).write(arguments.values, arguments.tables)


if __name__ == "__main__":
    run(main)
