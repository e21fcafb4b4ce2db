"""Step: the traffic types of the cleaned flows in both parts of the source's split, and the cells that were filled."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from analysis.command import In, Ins, Out, Outs, run
from analysis.dataset.parts import parts
from analysis.dataset.release import Release, load
from analysis.record import Cell, Column, Record, Table, checked, read_json, snake


def report_filled(record: Record, filled: Sequence[Mapping[str, Any]]) -> None:
    """Table ``imputation`` and values ``split.filled*``, from what the split's file says of its fold."""
    record.table(
        "imputation",
        "Missing cells, and the training median that models see in their place",
        [Column("feature", "Feature", align="left"), Column("value", "Median", "significant:4"),
         Column("train", "Cells, training", "integer"), Column("test", "Cells, test", "integer")],
        filled,
        notes=["Median of the training flows that have a value (inverted CDF)."],
    )  # fmt: skip
    record.value("split.filled", bool(filled), "text", "whether missing cells were filled", unit="")
    record.value("split.filled_features", len(filled), "integer", "features with missing cells that were filled",
                 unit="features")  # fmt: skip
    record.value("split.filled_cells", sum(one["train"] + one["test"] for one in filled), "integer",
                 "missing cells that were filled, in both parts", unit="cells")  # fmt: skip


def report_classes(
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
    record = Record("classes", data)
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
    for label in (row["label"] for row in rows):
        named = partial(record.name, table="class_inventory", row=label, n=flows.height)
        named(f"classes.{snake(label)}.share", column="share", display="percent:1",
              definition=f"share of {label} after cleaning")  # fmt: skip
        named(f"classes.{snake(label)}.flows", column="flows", definition=f"cleaned flows labelled {label}")
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
                 "share of the three most frequent types among attacks", unit="fraction",
                 n=int(attacks.sum()))  # fmt: skip
    record.value("classes.smallest_attack", kinds[-1]["label"], "text", "least frequent attack type present", unit="")
    record.value(
        "classes.smallest_attack_flows",
        kinds[-1]["flows"],
        "integer",
        "flows of the least frequent attack type present",
        unit="flows",
    )
    what = f"types present with fewer than {min_support} test flows"
    record.value("classes.not_evaluable", few, "list", what, unit="")
    record.value("classes.any_not_evaluable", bool(few), "text", f"whether there are {what}", unit="")
    record.value("classes.absent", absent, "list", "types of the release without a flow here", unit="")
    record.value("classes.any_absent", bool(absent), "text", "whether types of the release have no flow here", unit="")
    record.value("split.test_fraction", float(test.mean()), "percent:1", "share of flows in the test part",
                 unit="fraction", n=flows.height)  # fmt: skip
    record.value("split.min_type", min_type, "integer", "types with fewer flows are pooled", unit="flows")
    record.value("split.min_support", min_support, "integer", "types with fewer test flows are counted, not scored",
                 unit="flows")  # fmt: skip
    return record


def step(
    flows: In, roles: In, split: In, metadata: In, twin: Ins, *, min_type: int, min_support: int, values: Out,
    tables: Outs,
) -> None:  # fmt: skip
    """The traffic types of the cleaned flows in both parts of the source's split, and the cells that were filled.

    ``twin`` are the values of the twin, where it drew the flows.
    """
    about = read_json(metadata)
    _, test = parts(flows, roles, split)
    labelled = pl.read_parquet(checked(flows), columns=["Label", "is_attack"])
    sketched = [label for path in twin for label in read_json(path)["twin.sketched"]["value"]]
    record = report_classes(labelled, test.rows, load(about["release"]), about["data"], min_type, min_support, sketched)
    (fold,) = read_json(split)["folds"]
    report_filled(record, fold["filled"])
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
