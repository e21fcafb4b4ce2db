"""Step: what the synthetic twin knows of each class, from its parameter file."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.command import In, Out, Outs, run
from analysis.record import Column, Record, read_json
from analysis.twin.behaviours import LEAST_ROWS, ClassSource
from analysis.twin.write import classes


def report_classes(known: Sequence[ClassSource], data: str) -> Record:
    """Table ``twin_classes`` and how many classes are calibrated or sketched."""
    record = Record("twin_classes", data)
    sketched = [source.label for source in known if source.sketched]
    record.value(
        "twin.sketched", sketched, "list", "classes with too few rows to calibrate more than a sketch", unit=""
    )
    record.value("twin.least_rows", LEAST_ROWS, "integer", "real rows behind a stored value, at least", unit="rows")
    record.value("twin.calibrated_count", len(known) - len(sketched), "integer", "calibrated classes", unit="classes")
    record.value("twin.rows", sum(source.rows for source in known), "integer", "real rows behind the statistics",
                 unit="flows")  # fmt: skip
    record.table(
        "twin_classes",
        "What the twin was calibrated on",
        [
            Column("label", "Type", align="left"),
            Column("rows", "Real rows", "integer"),
            Column("clusters", "Behaviours", "integer", unit="clusters"),
            Column("kind", "Kind", align="left"),
            Column("source", "Rows from", align="left"),
        ],
        [
            {"label": s.label, "rows": s.rows, "clusters": s.clusters,
             "kind": "sketched" if s.sketched else "calibrated", "source": s.source.partition(" (")[0]}
            for s in known
        ],
        notes=[f"{kind[0].upper() + kind[1:]}: {how.rstrip(')')}."
               for kind, _, how in sorted({s.source.partition(" (") for s in known}) if how],
    )  # fmt: skip
    return record


def step(metadata: In, values: Out, tables: Outs) -> None:
    """What the synthetic twin knows of each class, from its parameter file."""
    report_classes(classes(), read_json(metadata)["data"]).write(values, tables)


if __name__ == "__main__":
    run(step)
