"""Sections on what the build is made of: data and decisions, classes, environment, times, and every value."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from analysis.record import Table
from paper.audit.answers import Found
from paper.audit.markup import Content, Node, cells, el, folded, said, searched, section, shown

PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
"""A pinned package of the lock."""


def data(tables: Mapping[str, Table]) -> Node:
    """Files, defects, and what cleaning decided."""
    parts: list[Node] = []
    for name, title in (("input_files", "Files"), ("cleaning", "Decisions"), ("defects", "Defects")):
        parts += [el("h2", title), shown(tables[name])]
    return section("data", "Data, defects, decisions", *parts)


def classes(tables: Mapping[str, Table]) -> Node:
    """Flows by class in either part; campaigns and target hosts, where this study counts them."""
    parts: list[Node | str] = [shown(tables["class_inventory"])]
    if "campaigns" in tables:
        parts += [el("h2", "Campaigns and target hosts"), shown(tables["campaigns"])]
    else:
        parts += [el("p", "Campaigns and target hosts are counted in the full study of labels that name types.")]
    return section("classes", "Support by class", *parts)


def environment(values: Found, lock: bytes) -> Node:
    """Versions and the lock."""
    pins = PIN.findall(lock.decode("utf-8"))
    versions = {key: value for key, value in values.items() if key.startswith("versions.")}
    return section(
        "environment", "Environment",
        el("ul", [el("li", f"{one['definition']}: {one['text']}") for one in versions.values()]),
        el("p", f"All {len(pins)} packages are pinned, with hashes, in requirements.txt, whose SHA-256 is ",
           el("code", hashlib.sha256(lock).hexdigest()), ". Checksums of the data: with the files above; of every file "
           "of this build, with its commit: ", el("code", "build.json"), "."),
        folded("Packages", el("p", ", ".join(f"{name} {version}" for name, version in pins))),
    )  # fmt: skip


def times(benchmarks: Mapping[str, str] | None = None) -> Node:
    """Seconds and peak memory of each step; ``benchmarks`` are Snakemake's files by step, None in what is published."""
    title = "Time and memory"
    if benchmarks is None:
        return section("times", title, el("p", "They are those of a machine and a day, and this page is the same "
                       "wherever the build is repeated. Who has the build runs ", el("code", "make audit BUILD=<name>"),
                       ", which writes this page with them."))  # fmt: skip
    rows = []
    for step, text in benchmarks.items():
        head, last = (line.split("\t") for line in text.splitlines()[:2])
        told = dict(zip(head, last, strict=True))
        rows.append((step, float(told["s"]), told["max_rss"]))
    rows.sort(key=lambda row: -row[1])
    listed = [(el("code", step), f"{seconds:.1f}", memory) for step, seconds, memory in rows]
    heads = ("Step", "Seconds", "Peak memory, MB")
    total = sum(seconds for _, seconds, _ in rows)
    words = f"On the machine that built it, in the last run of each of {len(rows)} steps; {total:,.0f} s in all."
    return section("times", title, el("p", words), searched("times", heads, listed))


def record(values: Found, steps: Mapping[str, str]) -> Node:
    """Every value with definition, exact value, interval, n and origin; each row has an address."""
    heads = ("Key", "Definition", "Value", "n", "Origin")
    rows = [cells(of_value(key, one, steps), heads, id=f"value-{key}") for key, one in values.items()]
    return section(
        "values", "All values",
        el("p", f"{len(rows):,} values, as in values.json: as printed, then exactly."),
        folded("Show them", searched("values", heads, rows), name="record"),
    )  # fmt: skip


def of_value(key: str, one: Mapping[str, Any], steps: Mapping[str, str]) -> Sequence[Content | Sequence[Content]]:
    """The cells of one value."""
    exact = "" if one["value"] is None or said(one["value"]) == one["text"] else f" = {said(one['value'])}"
    ends = f"; {one['low']} to {one['high']} ({one['interval']})" if one.get("interval") else ""
    unit = "" if one["value"] is None or one["unit"] in ("", "1", "text") else f" {one['unit']}"
    origin = one["origin"]
    table = f"; table {origin['table']}" if "table" in origin else ""
    cell = f", row {origin['row']}, column {origin['column']}" if "row" in origin else ""
    n = "" if one["n"] is None else f"{one['n']:,}"
    return (el("code", key), one["definition"], [el("strong", one["text"]), f"{exact}{unit}{ends}"], n,
            f"{steps.get(origin['step'], origin['step'])}{table}{cell}")  # fmt: skip
