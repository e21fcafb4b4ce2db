"""Step: split the cleaned flows into training and test part, stratified by traffic type, and list the classes.

Cells that cleaning left missing are filled here, with medians of the training part alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl

from analysis.dataset.cleaning.policy import NO_FEATURES
from analysis.dataset.release import Release, load
from analysis.errors import run
from analysis.record import Cell, Column, Record, Table, checked, read_json, snake, write_atomically
from analysis.streams import stream


def split(labels: pl.Series, test_fraction: float, seed: int, min_type: int) -> np.ndarray:
    """Mask (n,) of the test flows: in each stratum the given share, rounded to the nearest flow, drawn at random.

    A stratum is a traffic type; types with fewer than ``min_type`` flows are pooled into one. A stratum of two flows
    or more has at least one on each side.
    """
    counts = dict(labels.value_counts().rows())
    strata = np.array([label if counts[label] >= min_type else "" for label in labels.to_list()])
    order = stream(seed, "split").permutation(len(labels))
    test = np.zeros(len(labels), dtype=bool)
    for name in sorted(set(strata.tolist())):
        members = order[strata[order] == name]
        size = round(test_fraction * len(members))
        if len(members) >= 2:
            size = min(max(size, 1), len(members) - 1)
        test[members[:size]] = True
    return test


@dataclass(frozen=True)
class Filled:
    """A feature with missing cells: what fills them, and how many there are in the training and the test part."""

    feature: str
    value: float
    train: int
    test: int


def fill(train: pl.DataFrame, test: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, list[Filled]]:
    """Both parts with each missing cell filled with its column's median in the training part.

    The median is the smallest value with at least half of the training flows that have one at or below it (inverted
    CDF), so that whole numbers stay whole; a feature of which the training part has no value at all is filled with 0.
    """
    filled = []
    for name, kind in train.schema.items():
        missing = train[name].null_count(), test[name].null_count()
        if kind.is_numeric() and name not in NO_FEATURES and any(missing):
            median = train[name].quantile(0.5, "lower") or 0.0
            filled.append(Filled(name, median, *missing))
    values = [pl.col(one.feature).fill_null(pl.lit(one.value).cast(train.schema[one.feature])) for one in filled]
    return train.with_columns(values), test.with_columns(values), filled


def report_filled(record: Record, filled: Sequence[Filled]) -> None:
    """Table ``imputation`` and values ``split.filled*``."""
    record.table(
        "imputation",
        "Missing cells, and the training median that models see in their place",
        [Column("feature", "Feature", align="left"), Column("value", "Median", "significant:4"),
         Column("train", "Cells, training", "integer"), Column("test", "Cells, test", "integer")],
        [asdict(one) for one in filled],
        notes=["Median of the training flows that have a value (inverted CDF)."],
    )  # fmt: skip
    record.value("split.filled", bool(filled), "text", "whether missing cells were filled", unit="")
    record.value("split.filled_features", len(filled), "integer", "features with missing cells that were filled",
                 unit="features")  # fmt: skip
    record.value("split.filled_cells", sum(one.train + one.test for one in filled), "integer",
                 "missing cells that were filled, in both parts", unit="cells")  # fmt: skip


def report(
    flows: pl.DataFrame,
    test: np.ndarray,
    release: Release,
    data: str,
    min_type: int,
    min_support: int,
    sketched: Collection[str] = (),
) -> Record:
    """Values ``split.*`` and ``classes.*``; table ``class_inventory``, most frequent type first.

    A type is evaluable that has at least ``min_support`` test flows, and of which the synthetic twin does not hold but
    a sketch.
    """
    record = Record("split", data)
    present = flows.with_columns(pl.Series("test", test)).group_by("Label").agg(pl.len(), pl.col("test").sum())
    counts = {label: (n, in_test) for label, n, in_test in present.rows()}
    types = release.types(counts)
    few = [label for label in types if label in counts and counts[label][1] < min_support]
    absent = [label for label in types if label not in counts]
    rows = []
    for label in sorted(counts, key=lambda label: (-counts[label][0], label)):
        n, in_test = counts[label]
        rows.append({
            "label": label, "is_attack": label != release.benign, "flows": n, "share": n / flows.height,
            "train": n - in_test, "test": in_test,
            "evaluable": Cell(False, "sketched") if label in sketched else in_test >= min_support,
            "published": Table.cell(release.published_count(label), "integer", reason="not published"),
        })  # fmt: skip
        record.value(f"classes.{snake(label)}.share", n / flows.height, "percent:1", f"share of {label} after cleaning",
                     unit="fraction", n=flows.height, table="class_inventory", cell=f"{label}/share")  # fmt: skip
        record.value(f"classes.{snake(label)}.flows", n, "integer", f"cleaned flows labelled {label}", unit="flows",
                     n=flows.height, table="class_inventory", cell=f"{label}/flows")  # fmt: skip
    record.table(
        "class_inventory",
        "Traffic types after cleaning",
        [Column("label", "Type", align="left"), Column("flows", "Flows", "integer"),
         Column("share", "Share", "percent:2"),
         Column("train", "Training", "integer"), Column("test", "Test", "integer"),
         Column("published", "Complete release", "integer"), Column("is_attack", "Attack"),
         Column("evaluable", "Evaluable")],
        rows,
        notes=[f"Not evaluable: types with fewer than {min_support} test flows."] if few else [],
    )  # fmt: skip
    attacks = flows["is_attack"].to_numpy()
    for part, mask in (("train", ~test), ("test", test)):
        n = int(mask.sum())
        name = {"train": "training", "test": "test"}[part]
        record.value(f"split.{part}.flows", n, "integer", f"flows of the {name} part", unit="flows")
        record.value(f"split.{part}.attacks", int(attacks[mask].sum()), "integer", f"attacks in the {name} part",
                     unit="flows", n=n)  # fmt: skip
        record.value(f"split.{part}.prevalence", float(attacks[mask].mean()), "percent:2",
                     f"share of attacks in the {name} part", unit="fraction", n=n)  # fmt: skip
    kinds = [row for row in rows if row["is_attack"]]
    record.value("classes.attack_types", len(kinds), "integer", "attack types with a flow after cleaning", unit="types")
    record.value("classes.largest_attack", kinds[0]["label"], "text", "most frequent attack type", unit="")
    record.value("classes.largest_attack_share", kinds[0]["flows"] / int(attacks.sum()), "percent:1",
                 "share of the most frequent type among attacks", unit="fraction", n=int(attacks.sum()))  # fmt: skip
    three = sum(row["flows"] for row in kinds[:3])
    record.value(
        "classes.largest_three", [row["label"] for row in kinds[:3]], "list", "three most frequent types", unit=""
    )
    record.value("classes.largest_three_share", three / int(attacks.sum()), "percent:1",
                 "share of these three among attacks", unit="fraction", n=int(attacks.sum()))  # fmt: skip
    record.value("classes.smallest_attack", kinds[-1]["label"], "text", "least frequent attack type present", unit="")
    record.value("classes.smallest_attack_flows", kinds[-1]["flows"], "integer", "its flows", unit="flows")
    what = f"types present with fewer than {min_support} test flows"
    record.value("classes.not_evaluable", few, "list", what, unit="")
    record.value("classes.any_not_evaluable", bool(few), "text", "whether there are such types", unit="")
    record.value("classes.absent", absent, "list", "types of the release without a flow here", unit="")
    record.value("classes.any_absent", bool(absent), "text", "whether there are such types", unit="")
    record.value("split.test_fraction", float(test.mean()), "percent:1", "share of flows in the test part",
                 unit="fraction", n=flows.height)  # fmt: skip
    record.value("split.min_type", min_type, "integer", "types with fewer flows are pooled", unit="flows")
    record.value("split.min_support", min_support, "integer", "types with fewer test flows are counted, not scored",
                 unit="flows")  # fmt: skip
    return record


def main() -> None:
    """Command line of the step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clean", type=Path, required=True)
    parser.add_argument("--metadata", type=Path, required=True)
    parser.add_argument("--test-fraction", type=float, required=True)
    parser.add_argument("--min-type", type=int, required=True)
    parser.add_argument("--min-support", type=int, required=True)
    parser.add_argument("--twin", type=Path, nargs="*", default=[], help="values of the twin, where it drew the flows")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--values", type=Path, required=True)
    parser.add_argument("--tables", type=Path, nargs="+", required=True)
    arguments = parser.parse_args()
    metadata = read_json(arguments.metadata)
    flows = pl.read_parquet(checked(arguments.clean))
    test = split(flows["Label"], arguments.test_fraction, arguments.seed, arguments.min_type)
    *parts, filled = fill(flows.filter(pl.Series(~test)), flows.filter(pl.Series(test)))
    for path, part in zip((arguments.train, arguments.test), parts, strict=True):
        with write_atomically(path) as temporary:
            part.write_parquet(temporary, compression="zstd", compression_level=1)
    sketched = [label for path in arguments.twin for label in read_json(path)["twin.sketched"]["value"]]
    record = report(
        flows, test, load(metadata["release"]), metadata["data"], arguments.min_type, arguments.min_support, sketched
    )
    report_filled(record, filled)
    record.write(arguments.values, arguments.tables)


if __name__ == "__main__":
    run(main)
