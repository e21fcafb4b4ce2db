"""Step: evaluate the attack-type forest in its four variants; its tables and values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
import yaml

from analysis.command import In, Ins, Out, Outs, run
from analysis.dataset.release import load
from analysis.detection.evaluation import WILSON, Confusion, wilson
from analysis.detection.names import BENIGN, VARIANT_NAMES, VARIANT_NAMES_SHORT, variant_parts
from analysis.detection.nearest import record_nearest
from analysis.detection.predictions import frames, load_fits, types
from analysis.detection.web_attacks import record_web
from analysis.record import Cell, Column, Record, Table, read_json, snake
from analysis.streams import stream


@dataclass(frozen=True)
class TypeResult:
    """One type in one variant. ``reason`` says why it has no scores; precision alone may also be undefined.

    ``right`` flows of the ``support`` in the test part are given the type, ``called`` are given it in all. A type with
    ``few`` of them is printed as these counts, and like one of which the synthetic twin holds but a sketch it enters
    nothing else.
    """

    train: int
    support: int
    reason: str | None
    right: int = 0
    called: int = 0
    few: bool = False
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    low: float | None = None
    high: float | None = None
    wrong: str | None = None
    sketched: bool = False
    count: Confusion | None = None

    @property
    def interpreted(self) -> bool:
        """Whether its F1 enters means and comparisons."""
        return self.f1 is not None and not self.sketched and not self.few

    def counted(self, field: str) -> str | None:
        """How a share of few flows reads: '3 of 4'; None where it reads as a number."""
        if not self.few or getattr(self, field) is None or field not in ("f1", "precision", "recall"):
            return None
        return f"{self.right} of {self.called if field == 'precision' else self.support}"

    def cell(self, field: str) -> Cell:
        """A score as a cell of a table."""
        cell = Table.cell(getattr(self, field), "fixed:3", reason=self.why(field))
        return replace(cell, text=self.counted(field) or cell.text)

    def why(self, field: str) -> str | None:
        """Reason for a field that is None."""
        if getattr(self, field) is not None:
            return None
        return self.reason or {"precision": "not defined: no flow is called this type"}.get(field, "no wrong answer")


@dataclass(frozen=True)
class Variant:
    """One variant evaluated: results by type (all types of the release that the variant knows), and overall."""

    name: str
    types: Mapping[str, TypeResult]
    confusion: Mapping[tuple[str, str], int]
    flows: int
    accuracy: float
    macro_f1: float | None


def evaluate(
    name: str,
    predictions: pl.DataFrame,
    train: Mapping[str, int],
    labels: Sequence[str],
    min_support: int,
    sketched: Collection[str] = (),
) -> Variant:
    """Evaluate one variant.

    ``train`` counts the flows fitted on by label, ``labels`` are the release's, and ``sketched`` are types of which the
    synthetic twin holds but a sketch. Macro F1 is the mean over the types that are not sketched and have at least
    ``min_support`` test flows.
    """
    pairs = predictions.group_by("label", "predicted").len().sort("label", "predicted")
    confusion = {(label, answer): n for label, answer, n in pairs.iter_rows()}
    types = {}
    for label in labels:
        if label == BENIGN and not variant_parts(name)[1]:
            continue
        count = Confusion.of(*((predictions[column] == label).to_numpy() for column in ("label", "predicted")))
        support = count.tp + count.fn
        reason = _absent(train.get(label, 0), support)
        if reason:
            types[label] = TypeResult(train.get(label, 0), support, reason)
            continue
        low, high = wilson(count.tp, support)
        answers = {answer: n for (true, answer), n in confusion.items() if true == label and answer != label}
        # The most frequent; ties by the order of the release's labels.
        wrong = max(answers, key=lambda answer: (answers[answer], -labels.index(answer)), default=None)
        types[label] = TypeResult(
            train[label], support, None, count.tp, count.tp + count.fp, support < min_support, count.precision,
            count.recall, count.f1, low, high, wrong, label in sketched, count,
        )  # fmt: skip
    scores = [result.f1 for result in types.values() if result.f1 is not None and result.interpreted]
    right = sum(n for (label, answer), n in confusion.items() if label == answer)
    macro_f1 = float(np.mean(scores)) if scores else None
    return Variant(name, types, confusion, predictions.height, right / predictions.height, macro_f1)


def _absent(train: int, support: int) -> str | None:
    if not train and not support:
        return "no flow of this type in the data"
    if not support:
        return "no flow of this type in the test part"
    return None if train else "no flow of this type in the training part"


def record_variant(record: Record, variant: Variant) -> None:
    """Values of one variant, and its confusion table."""
    key, words = f"types.{variant.name}", VARIANT_NAMES[variant.name]
    scored = [label for label, result in variant.types.items() if result.interpreted]
    right = sum(n for (label, answer), n in variant.confusion.items() if label == answer)
    low, high = wilson(right, variant.flows)
    record.value(f"{key}.accuracy", variant.accuracy, "fixed:3", f"share of test flows given their type; {words}",
                 unit="fraction", n=variant.flows, low=low, high=high,
                 interval=WILSON)  # fmt: skip
    definition = f"mean F1 over the {len(scored)} evaluable types; {words}"
    record.value(f"{key}.macro_f1", variant.macro_f1, "fixed:3", definition, n=len(scored),
                 reason=None if scored else "no type is evaluable")  # fmt: skip
    record.value(f"{key}.n", variant.flows, "integer", f"test flows; {words}", unit="flows")
    record.value(f"{key}.evaluated", len(scored), "integer", f"types that enter macro F1; {words}", unit="types")
    definitions = {
        "f1": "F1, one type against the rest",
        "precision": "share of flows called this type that are of it",
        "recall": "share of flows of this type called so",
        "low": "lower end of the 95% Wilson interval of recall",
        "high": "upper end of the 95% Wilson interval of recall",
    }
    names = {"low": "recall_low", "high": "recall_high"}
    for label, result in variant.types.items():
        type_ = snake(label)
        for field, definition in definitions.items():
            ends = result.count.interval(field) if result.count else {}
            record.value(f"{key}.{names.get(field, field)}.{type_}", getattr(result, field), "fixed:3",
                         f"{definition}; {label}; {words}", unit="fraction", n=result.support, reason=result.why(field),
                         table="types_detail", cell=f"{variant.name}.{type_}/{field}", words=result.counted(field),
                         **ends)  # fmt: skip
        record.value(f"{key}.support.{type_}", result.support, "integer", f"test flows labelled {label}; {words}",
                     unit="flows", n=variant.flows)  # fmt: skip
        record.value(f"{key}.wrong.{type_}", result.wrong, "text", f"most frequent wrong answer for {label}; {words}",
                     unit="", n=result.support, reason=result.why("wrong"))  # fmt: skip
    present = [label for label, result in variant.types.items() if result.train or result.support]
    record.table(
        f"types_confusion_{variant.name}",
        f"Flows of the test part by type (rows) and by the forest's answer (columns); {words}",
        [
            Column("label", "Type", align="left"),
            *(Column(snake(label), label, "integer") for label in present),
        ],
        [{"label": a, **{snake(b): variant.confusion.get((a, b), 0) for b in present}} for a in present],
    )


def record_f1(
    record: Record,
    variants: Sequence[Variant],
    labels: Sequence[str],
    flows: Mapping[str, int],
    printed: Mapping[str, float],
    min_support: int,
) -> None:
    """The table of F1 by type and variant, beside what the source study printed."""
    rows = []
    for label in labels:
        results = {variant.name: variant.types.get(label) for variant in variants}
        support = max((result.support for result in results.values() if result), default=0)
        row: dict[str, Any] = {"id": snake(label), "label": label, "flows": flows.get(label, 0), "support": support}
        for name, result in results.items():
            apart = Table.cell(None, "fixed:3", reason="BENIGN is not part of this variant")
            row[name] = result.cell("f1") if result else apart
        missing = None if label in printed else "the source study prints no number"
        row["source"] = Table.cell(printed.get(label), "fixed:2", reason=missing)
        sketch = any(result and result.sketched for result in results.values())
        known = any(result and result.interpreted for result in results.values())
        row["evaluable"] = Table.cell("sketched" if sketch else known, "text")
        rows.append(row)
    sketched = any(result.sketched for variant in variants for result in variant.types.values())
    aside = " and types of which the generator holds but a sketch" if sketched else ""
    record.table(
        "types_f1",
        "F1 of the attack-type forest by type, in the four variants",
        [
            Column("label", "Type", align="left"),
            Column("flows", "Flows", "integer"),
            Column("support", "Test", "integer"),
            *(Column(name, words, "fixed:3") for name, words in VARIANT_NAMES_SHORT.items()),
            Column("source", "Source study", "fixed:2"),
            Column("evaluable", "Evaluable"),
        ],
        rows,
        notes=[
            f"Types with fewer than {min_support} test flows are not evaluable: 'n of m' counts the flows given their "
            f"type among those of the type. They{aside} are left out of macro F1."
        ],
        id="id",
    )


def record_detail(record: Record, variants: Sequence[Variant]) -> None:
    """Everything by variant and type, for the appendix."""
    fields = {"precision": "Precision", "recall": "Recall", "low": "95% low", "high": "95% high", "f1": "F1"}
    rows = []
    for variant in variants:
        for label, result in variant.types.items():
            row: dict[str, Any] = {
                "id": f"{variant.name}.{snake(label)}",
                "variant": VARIANT_NAMES_SHORT[variant.name],
                "label": label,
                "train": result.train,
                "support": result.support,
                "wrong": Table.cell(result.wrong, "text", reason=result.why("wrong")),
            }
            rows.append(row | {f: result.cell(f) for f in fields})
    columns = [
        Column("variant", "Variant", align="left"),
        Column("label", "Type", align="left"),
        Column("train", "Training", "integer"),
        Column("support", "Test", "integer"),
        *(Column(field, title, "fixed:3") for field, title in fields.items()),
        Column("wrong", "Most frequent wrong answer", align="left"),
    ]
    notes = [
        "95% low and high: Wilson interval of recall. 'n of m': where a type has too few test flows for a share, those "
        "given their type among those of the type (precision: among those called it)."
    ]
    record.table("types_detail", "The attack-type forest by variant and type", columns, rows, notes=notes, id="id")


def report_types(
    predictions: Mapping[str, pl.DataFrame],
    descriptions: Mapping[str, Mapping[str, Any]],
    inventory: Sequence[Mapping[str, Any]],
    labels: Sequence[str],
    source: Mapping[str, Any],
    data: str,
    min_support: int,
    sketched: Collection[str] = (),
    resamples: int = 1000,
    seed: int = 0,
) -> Record:
    """All tables and values of the attack-type forest; predictions and descriptions by variant."""
    record = Record("types_report", data)
    flows = {row["label"]: row["flows"] for row in inventory}
    variants = [
        evaluate(name, predictions[name], descriptions[name]["train"], labels, min_support, sketched)
        for name in VARIANT_NAMES
    ]
    for variant in variants:
        record_variant(record, variant)
        trained, whole = descriptions[variant.name]["n_train"], descriptions[variant.name]["n_train_all"]
        words = VARIANT_NAMES[variant.name]
        record.value(
            f"types.{variant.name}.train_rows", trained, "integer", f"flows fitted on; {words}", unit="flows", n=whole
        )
    record_f1(record, variants, labels, flows, source["f1"], min_support)
    record_detail(record, variants)
    record_nearest(
        record,
        {name: predictions[name] for name in VARIANT_NAMES},
        {variant.name: (variant.accuracy, variant.macro_f1) for variant in variants},
        source,
        [t for t in source["f1"] if all(t in r.types and r.types[t].interpreted for r in variants)],
        resamples,
        stream(seed, "types.nearest"),
    )
    record_web(record, {variant.name: variant.confusion for variant in variants}, labels, min_support, sketched)
    return record


def step(
    predictions: Ins, descriptions: Ins, inventory: In, metadata: In, source: In, twin: Ins, *, min_support: int,
    resamples: int, seed: int, values: Out, tables: Outs,
) -> None:  # fmt: skip
    """Evaluate the attack-type forest in its four variants; its tables and values.

    ``twin`` are the values of the twin, where it drew the flows.
    """
    about = read_json(metadata)
    listed = Table.from_json(read_json(inventory)).records()
    fits = types(load_fits(predictions, descriptions, "source"))
    record = report_types(
        frames(fits),
        {variant: fit.description for variant, fit in fits.items()},
        listed,
        load(about["release"]).types(row["label"] for row in listed),
        yaml.safe_load(source.read_text(encoding="utf-8"))["types"],
        about["data"],
        min_support,
        [label for path in twin for label in read_json(path)["twin.sketched"]["value"]],
        resamples,
        seed,
    )
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
