"""Step: decide about flows and cells that a study may not want to use, one decision at a time, and count each.

The order is fixed: attempted attacks, non-finite cells, numbers too large for arithmetic, impossible negatives,
sentinels, repeated flows, constant columns. A decision concerns what the earlier ones left. Columns are looked at one
by one and the result is written as a stream, so that the table is never in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.command import In, Out, Outs, run
from analysis.dataset.blocks import blocks, lazily, write
from analysis.dataset.cleaning.policy import Cleaned, Decision, Policy
from analysis.dataset.cleaning.report import report_cleaning
from analysis.dataset.defects.definitions import beyond_arithmetic
from analysis.dataset.identical_rows import first_identical
from analysis.dataset.release import Release, load
from analysis.errors import UserError
from analysis.record import checked, read_json, write_atomically

Mask = NDArray[np.bool_]


def clean(flows: pl.LazyFrame, release: Release, policy: Policy) -> Cleaned:
    """Apply ``policy`` to a flow table as ingested, or a part of one; the result's ``flows`` are lazy too."""
    work = _Work(flows, release, policy)
    decisions = [Decision("read", "", *work.size(), *work.size())]
    decisions.append(work.attempted())
    decisions.append(work.cells("non_finite", list(work.features)))
    decisions.append(work.cells("magnitude", list(work.features)))
    decisions.append(work.cells("negatives", list(work.features)))
    marked = np.zeros_like(work.keep)
    decisions += [work.cells("sentinels", [name], marked) for name in release.decided if name in work.features]
    work.whole_numbers()
    decisions.append(work.duplicates())
    constant, empty, missing = work.look_at_columns()
    work.features = {
        name: column
        for name, column in work.features.items()
        if name not in empty and not (policy.constant == "drop" and name in constant)
    }
    decisions.append(Decision("constant", policy.constant, 0, 0, *work.size()))
    return Cleaned(
        work.result(), policy, tuple(decisions), len(work.features), int(marked.sum()), constant, tuple(empty), missing
    )


def _is(kind: str, column: pl.Expr, sentinel: int | None) -> pl.Expr:
    """Whether a cell is of this kind: non-finite or missing, too large, an impossible negative, or the sentinel."""
    if kind == "non_finite":
        return ~column.is_finite().fill_null(False)
    if kind == "magnitude":
        return beyond_arithmetic(column).fill_null(False)
    if kind == "sentinels":
        return column.eq_missing(sentinel)
    negative = (column < 0).fill_null(False)
    return negative if sentinel is None else negative & (column != sentinel)


class _Work:
    """The state between decisions: which flows are kept, which are attacks, and what has become of each column."""

    def __init__(self, flows: pl.LazyFrame, release: Release, policy: Policy) -> None:
        names = flows.collect_schema().names()
        if "attempted" not in names:
            flows = flows.with_columns(pl.lit(False).alias("attempted"))
        self.flows, self.release, self.policy = flows, release, policy
        self.features = {name: pl.col(name) for name in release.features if name in names}
        self.tried = pl.col("attempted").fill_null(False)
        self.is_attack = pl.col("is_attack") & ~self.tried
        self.label = pl.col("Label")
        self.attack = self._column(self.is_attack).to_numpy()
        self.keep = np.ones(len(self.attack), dtype=bool)

    def _column(self, expression: pl.Expr) -> pl.Series:
        return self.flows.select(expression.alias("column")).collect()["column"]

    def size(self, among: Mask | bool = True) -> tuple[int, int]:
        """Flows and attacks that are kept, or those of them in ``among``."""
        flows = self.keep & among
        return int(flows.sum()), int((flows & self.attack).sum())

    def attempted(self) -> Decision:
        """Attempted attacks become benign flows or attacks, or are left out."""
        choice, tried = self.policy.attempted, self._column(self.tried).to_numpy()
        if choice == "attack":
            self.is_attack = pl.col("is_attack") | self.tried
            self.attack = self.attack | tried
        elif choice == "benign":
            self.label = pl.when(self.tried).then(pl.lit(self.release.benign)).otherwise(self.label).alias("Label")
        concerned = self.size(tried)
        if choice == "out":
            self.keep &= ~tried
        return Decision("attempted", choice, *concerned, *self.size())

    def cells(self, kind: str, names: Sequence[str], found: Mask | None = None) -> Decision:
        """Flows with a cell of this kind in one of the columns are kept, dropped, or lose the cell.

        These flows are added to ``found``, where it is given.
        """
        choice = getattr(self.policy, kind)
        concerned, counts = np.zeros_like(self.keep), dict.fromkeys(names, 0) if kind == "sentinels" else {}
        for name in names:
            bad = _is(kind, self.features[name], self.release.sentinel(name))
            here = self._column(bad).to_numpy() & self.keep
            if here.any():
                counts[name] = int(here.sum())
                concerned |= here
                if choice == "missing":
                    self.features[name] = pl.when(bad).then(None).otherwise(self.features[name])
        size = self.size(concerned)
        if found is not None:
            found |= concerned
        if choice == "drop":
            self.keep &= ~concerned
        return Decision(kind, choice, *size, *self.size(), cells=counts)

    def whole_numbers(self) -> None:
        """Columns that were read as floating point, for want of a number in some cell, hold whole numbers again."""
        schema = self.flows.collect_schema()
        for name in (column.name for column in self.release.columns if column.type == "integer"):
            if name in self.features and schema[name] == pl.Float64:
                values = self._column(self.features[name]).filter(self.keep)
                if bool((values == values.round()).all()):
                    # Not strictly: flows that are not kept may hold what is no whole number.
                    self.features[name] = self.features[name].cast(pl.Int64, strict=False)

    def duplicates(self) -> Decision:
        """Flows that repeat an earlier one in all features and the label are kept or dropped."""
        cells, rows = {**self.features, "Label": self.label}, np.flatnonzero(self.keep)
        first = first_identical(lambda name: self._column(cells[name]).filter(self.keep), list(cells), rows.size)
        repeated = np.zeros_like(self.keep)
        repeated[rows[first != np.arange(rows.size)]] = True
        size = self.size(repeated)
        if self.policy.duplicates == "drop":
            self.keep &= ~repeated
        return Decision("duplicates", self.policy.duplicates, *size, *self.size())

    def look_at_columns(self) -> tuple[dict[str, float], list[str], dict[str, int]]:
        """Columns with one value only and that value, those without a value in one class, and cells missing in others.

        A column that one of the classes has no value of can be compared by no statistic and filled by no median.
        """
        constant, empty, missing, attack = {}, [], {}, self.attack[self.keep]
        for name, column in self.features.items():
            values = self._column(column).filter(self.keep)
            present = values.is_not_null().to_numpy()
            if values.null_count() and not ((present & attack).any() and (present & ~attack).any()):
                empty.append(name)
                continue
            if values.null_count():
                missing[name] = values.null_count()
            if len(values) and values.min() == values.max():
                constant[name] = float(values.min()) + 0.0  # type: ignore[arg-type]
        return constant, empty, missing

    def result(self) -> pl.LazyFrame:
        """The flows that are kept, with the features that are and the columns beside them."""
        beside = [name for name in self.flows.collect_schema().names() if name not in self.release.features]
        changed = {"Label": self.label, "is_attack": self.is_attack}
        columns = [
            *(column.alias(name) for name, column in self.features.items()),
            *(changed.get(name, pl.col(name)) for name in beside),
        ]
        flows, keep = self.flows, self.keep

        def kept() -> Iterator[pl.DataFrame]:
            for place, block in blocks(flows):
                yield block.filter(keep[place]).select(columns)

        return lazily(kept, flows.select(columns).collect_schema())


def refuse_too_little(cleaned: Cleaned, min_attacks: int) -> None:
    """UserError where only one class or fewer than ``min_attacks`` attacks are left; it names the setting to blame."""
    left = cleaned.decisions[-1]
    if left.left_attacks >= min_attacks and left.left_benign:
        return
    attacks = left.left_attacks < min_attacks
    lost: dict[str, int] = {}
    for before, after in pairwise(cleaned.decisions):
        cost = before.left_attacks - after.left_attacks if attacks else before.left_benign - after.left_benign
        if attacks and after.kind == "attempted" and after.choice != "attack":
            cost = after.flows
        lost[after.kind] = lost.get(after.kind, 0) + cost
    # Of equals the later one, which is less often what a user left as it was.
    worst = max(reversed(lost), key=lambda kind: lost[kind])
    rest = (
        f"left after cleaning: {f'{left.left_attacks} attack flows' if attacks else 'no benign flow'}; the study needs "
    )
    rest += f"at least {min_attacks} attacks (min_attacks)" if attacks else "both classes"
    if not lost[worst]:
        raise UserError(f"data: {rest}; give more data")
    taken = f"{lost[worst]:,} of the {'attacks' if attacks else 'benign flows'}"
    raise UserError(
        f"cleaning.{worst}: {getattr(cleaned.policy, worst)} takes {taken}; {rest}: choose otherwise there, or give "
        "more data"
    )


def step(
    read: In, metadata: In, inspection: In, *, policy: dict[str, Any], min_attacks: int, flows: Out, values: Out,
    tables: Outs,
) -> None:  # fmt: skip
    """Decide about flows and cells that a study may not want to use, one decision at a time, and count each.

    ``policy`` is the group cleaning of the settings; the inspection knows the blank rows left out on reading.
    """
    about, decided = read_json(metadata), Policy(**policy)
    blank_rows = read_json(inspection)["blank_rows"]
    if blank_rows and decided.blank_rows == "refuse":
        raise UserError(
            f"cleaning.blank_rows: the input holds {blank_rows:,} blank rows, and the settings refuse them; "
            "remove the rows, or set cleaning.blank_rows to drop"
        )
    release = load(about["release"])
    cleaned = clean(pl.scan_parquet(checked(read)), release, decided)
    refuse_too_little(cleaned, min_attacks)
    with write_atomically(flows) as temporary:
        write(cleaned.flows, temporary)
    report_cleaning(cleaned, release, about["synthetic"], about["data"], blank_rows).write(values, tables)


if __name__ == "__main__":
    run(step)
