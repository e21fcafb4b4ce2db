"""Step: numbers that others published of this dataset, with those of this build that come nearest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from analysis.command import In, Ins, Out, Outs, run
from analysis.record import Column, Record, Table, read_json
from analysis.record.address import ADDRESS, Address, AddressError, Tables

ABSENT = "this build has no such condition"


class Published(BaseModel):
    """A number as printed, where, and which of ours comes nearest: the key of a value or the address of a cell."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    setting: str
    study: str
    measure: str
    printed: float
    decimals: int
    ours: str | None = None
    away: str | None = None


def load(path: Path) -> list[Published]:
    """The numbers in the order of the file."""
    return [Published.model_validate(entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))]


def nearest(one: Published, values: Mapping[str, Any], tables: Tables) -> Mapping[str, Any]:
    """Our value as values.json holds it; with a reason where this build has none."""
    absent = {"value": None, "reason": ABSENT}
    if not one.ours:
        return absent
    if not ADDRESS.fullmatch(one.ours):
        found: Mapping[str, Any] = values.get(one.ours, absent)
        return found
    try:
        return Address.parse(one.ours).entry(tables)
    except AddressError:
        return absent  # this build has no such part: no Friday, or no days at all


def report_published(numbers: Sequence[Published], values: Mapping[str, Any], tables: Tables, data: str) -> Record:
    """Table ``published`` and values ``published.*``."""
    record = Record("published", data)
    rows: list[dict[str, Any]] = []
    for number, one in enumerate(numbers, 1):
        ours, display = nearest(one, values, tables), f"fixed:{max(one.decimals, 3)}"
        known = ours["value"] is not None
        why = None if known else ours["reason"]
        without = why or "no interval"
        ends = {end: Table.cell(ours.get(end) if known else None, display, reason=None if ours.get(end) is not None
                                and known else without) for end in ("low", "high")}  # fmt: skip
        rows.append({
            "id": str(number), "setting": one.setting, "study": one.study, "measure": one.measure,
            "printed": Table.cell(one.printed, f"fixed:{one.decimals}"),
            "ours": Table.cell(ours["value"], display, reason=why), **ends,
            "away": (one.away or "not in the setting") if known else "there is none",
        })  # fmt: skip
    columns = [
        Column("id", "Number", align="left", definition="number of the row"),
        Column("setting", "Setting", align="left", definition="what was trained and tested on what"),
        Column("study", "Study", align="left", definition="where it was published"),
        Column("measure", "Measure", align="left", definition="what was measured, of which model"),
        Column("printed", "Published", "fixed:3", definition="the number as published"),
        Column("ours", "Here", "fixed:3", definition="our number that comes nearest"),
        Column("low", "95% low", "fixed:3", definition="lower end of its interval"),
        Column("high", "95% high", "fixed:3", definition="upper end of its interval"),
        Column("away", "Ours differs", align="left", definition="in what ours was measured otherwise"),
    ]
    record.table("published", "Published numbers beside ours", columns, rows, id="id")
    beside = sum(nearest(one, values, tables)["value"] is not None for one in numbers)
    record.value("published.numbers", len(rows), "integer", "published numbers that are looked at", unit="numbers")
    record.value("published.beside", beside, "integer", "of them, those beside which this build sets its own",
                 unit="numbers", n=len(rows))  # fmt: skip
    return record


def step(parts: Ins, conditions: In, published: In, metadata: In, values: Out, tables: Outs) -> None:
    """Numbers that others published, with those of this build that come nearest."""
    found: dict[str, Any] = {}
    for part in parts:
        found |= read_json(part)
    about = read_json(metadata)
    report_published(load(published), found, Tables(conditions.parent), about["data"]).write(values, tables)


if __name__ == "__main__":
    run(step)
