"""Step: take out what the study does not use, and count every decision in rows and attacks."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from analysis.dataset.release import Release, load
from analysis.errors import UserError, run
from analysis.record import Column, Record, read_json, write_atomically

BESIDE = ("Label", "is_attack", "day", "source_file", "source_row")
"""Columns beside the features."""


@dataclass(frozen=True)
class Cleaned:
    """The cleaned table and what was counted on the way."""

    flows: pl.DataFrame
    stages: list[tuple[str, int, int]]
    duplicates: tuple[int, int]
    constant: list[tuple[str, float, bool]]
    sentinels: list[tuple[str, int, int]]
    non_finite: dict[str, int]


def clean(table: pl.DataFrame, release: Release, duplicates: str) -> Cleaned:
    """Drop rows with a non-finite feature, optionally repeated rows, and columns that do not vary; keep sentinels.

    A stage is (what, flows left, attacks left). Rows are duplicates when all features and the label are equal; the
    first is kept. A constant column is (name, its value, whether the release's description expects it).
    """
    stages = [("read", *_size(table))]
    features = [name for name in release.features if name in table.columns]
    floats = [name for name in features if table[name].dtype == pl.Float64]
    finite = table.select(pl.col(floats).is_finite())
    non_finite = {name: int((~finite[name]).sum()) for name in floats if not finite[name].all()}
    table = table.filter(finite.select(pl.all_horizontal(floats)).to_series()) if floats else table
    whole = [
        column.name
        for column in release.columns
        if column.type == "integer" and column.name in features and table[column.name].dtype == pl.Float64
    ]
    table = table.with_columns(
        pl.col([name for name in whole if (table[name] == table[name].round()).all()]).cast(pl.Int64)
    )
    stages.append(("finite", *_size(table)))
    row = pl.struct(*features, "Label")
    repeated = ~table.select(row.is_first_distinct()).to_series()
    counted = _size(table.filter(repeated))
    if duplicates == "drop":
        table = table.filter(~repeated)
    stages.append(("distinct", *_size(table)))
    constant = [
        (name, float(table[name][0]), name in release.constant)
        for name in features
        if table.height and table[name].n_unique() == 1
    ]
    sentinels = [
        (name, mark, int((table[name] == mark).sum()))
        for name, mark in release.sentinels.items()
        if name in table.columns
    ]
    table = table.drop([name for name, _, _ in constant])
    return Cleaned(table, stages, counted, constant, sentinels, non_finite)


def _size(table: pl.DataFrame) -> tuple[int, int]:
    return table.height, int(table["is_attack"].sum())


def report(cleaned: Cleaned, release: Release, synthetic: bool, data: str, duplicates: str) -> Record:
    """Values ``data.*`` and ``clean.*``; tables ``cleaning``, ``constant_columns`` and ``sentinels``."""
    record = Record("clean", data)
    (_, flows, attacks), (_, finite, finite_attacks), (_, left, left_attacks) = cleaned.stages
    record.value("data.flows", flows, "integer", "flows read, before cleaning", unit="flows")
    record.value("data.attacks", attacks, "integer", "flows read whose label is not BENIGN", unit="flows", n=flows)
    record.value("data.benign", flows - attacks, "integer", "flows read with the label BENIGN", unit="flows", n=flows)
    record.value("data.prevalence", attacks / flows, "percent:1", "share of attacks among the flows read",
                 unit="fraction", n=flows)  # fmt: skip
    record.value("data.release", release.title, "text", "release that the flows have the form of", unit="")
    record.value("data.synthetic", synthetic, "text", "whether the flows are generated", unit="")
    record.value("data.name", data, "text", "what the flows are", unit="")
    record.value("data.caption_marker", "Synthetic twin." if synthetic else "", "text", "ends every caption", unit="")
    subtitle = "Built on a synthetic twin: the numbers test the pipeline and say nothing about networks"
    record.value("paper.subtitle", subtitle if synthetic else f"Built on flows of the {release.title}", "text",
                 "subtitle of the paper", unit="")  # fmt: skip
    record.value("words.flows", "generated flows" if synthetic else "flows", "text", "what flows are called", unit="")
    record.value("clean.flows", left, "integer", "flows after cleaning", unit="flows")
    record.value("clean.attacks", left_attacks, "integer", "attacks after cleaning", unit="flows", n=left)
    record.value("clean.prevalence", left_attacks / left, "percent:1", "share of attacks after cleaning",
                 unit="fraction", n=left)  # fmt: skip
    record.value("clean.non_finite", flows - finite, "integer", "flows with a feature that is infinite or not a number",
                 unit="flows", n=flows, table="cleaning")  # fmt: skip
    record.value("clean.non_finite_columns", list(cleaned.non_finite), "list", "columns with such cells", unit="")
    repeated, repeated_attacks = cleaned.duplicates
    record.value("clean.duplicates", repeated, "integer",
                 "flows that repeat an earlier one in all features and the label", unit="flows", n=finite)  # fmt: skip
    record.value("clean.duplicates_share", repeated / finite if finite else 0.0, "percent:1",
                 "repeated flows as a share of the finite ones", unit="fraction", n=finite)  # fmt: skip
    record.value("clean.duplicates_kept", duplicates == "keep", "text", "whether repeated flows are kept", unit="")
    record.value("clean.constant", len(cleaned.constant), "integer", "columns that do not vary", unit="columns")
    record.value("clean.features", len(release.features) - len(cleaned.constant), "integer", "features that vary",
                 unit="columns")  # fmt: skip

    decision = "kept" if duplicates == "keep" else "dropped, the first of each kept"
    record.table(
        "cleaning",
        "Cleaning, decision by decision",
        [Column("what", "Step", align="left"), Column("decision", "Decision", align="left"),
         Column("flows", "Flows", "integer"), Column("attacks", "Attacks", "integer"),
         Column("left", "Flows left", "integer"), Column("left_attacks", "Attacks left", "integer")],
        [
            {"what": "Flows read", "decision": "", "flows": flows, "attacks": attacks, "left": flows,
             "left_attacks": attacks},
            {"what": "Infinite or not a number in any feature", "decision": "dropped", "flows": flows - finite,
             "attacks": attacks - finite_attacks, "left": finite, "left_attacks": finite_attacks},
            {"what": "Repeats of an earlier flow", "decision": decision, "flows": repeated,
             "attacks": repeated_attacks, "left": left, "left_attacks": left_attacks},
            *({"what": f"{name} = {mark}".replace("-", "\N{MINUS SIGN}"), "decision": "kept as a sentinel", "flows": n,
               "attacks": attacks_with(cleaned, name, mark), "left": left, "left_attacks": left_attacks}
              for name, mark, n in cleaned.sentinels),
        ],
        notes=["Repeats: all features and the label equal. Sentinels mark flows without a TCP window."],
    )  # fmt: skip
    record.table(
        "constant_columns",
        "Columns dropped because they do not vary",
        [Column("column", "Column", align="left"), Column("value", "Its only value", "significant:4"),
         Column("expected", "Constant in the complete release", align="left")],
        [{"column": name, "value": value, "expected": "yes" if expected else "no, only in these flows"}
         for name, value, expected in cleaned.constant],
    )  # fmt: skip
    return record


def attacks_with(cleaned: Cleaned, name: str, mark: int) -> int:
    """Attacks among the flows whose column ``name`` holds the sentinel ``mark``."""
    flows = cleaned.flows
    return int(flows.filter(pl.col(name) == mark)["is_attack"].sum()) if name in flows.columns else 0


def main() -> None:
    """Command line of the step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flows", type=Path, required=True)
    parser.add_argument("--about", type=Path, required=True)
    parser.add_argument("--duplicates", choices=("keep", "drop"), required=True)
    parser.add_argument("--clean", type=Path, required=True)
    parser.add_argument("--values", type=Path, required=True)
    parser.add_argument("--tables", type=Path, nargs="+", required=True)
    arguments = parser.parse_args()
    about = read_json(arguments.about)
    release = load(about["release"])
    cleaned = clean(pl.read_parquet(arguments.flows), release, arguments.duplicates)
    if not 0 < cleaned.flows["is_attack"].sum() < cleaned.flows.height:
        raise UserError("after cleaning only one of the two classes is left; the study needs benign and attack flows")
    record = report(cleaned, release, about["synthetic"], about["data"], arguments.duplicates)
    with write_atomically(arguments.clean) as temporary:
        cleaned.flows.write_parquet(temporary, compression="zstd", compression_level=1)
    record.write(arguments.values, arguments.tables)


if __name__ == "__main__":
    run(main)
