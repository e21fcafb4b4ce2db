"""Step: one values.json from what all steps recorded, with the settings and versions, checked against its schema."""

from __future__ import annotations

import importlib.metadata
import platform
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema

from analysis.audit.title_block import title_block
from analysis.command import In, Ins, Out, file_of, run
from analysis.record import Record, Table, read_json, write_json
from analysis.record.files import VALUES
from analysis.settings import described
from analysis.statistics.coverage import of_coverage

SCHEMA = Path(__file__).parents[1] / "record" / "schemas" / "values-2.json"
OWN = ("analysis.settings", "analysis.statistics.coverage", "analysis.audit.title_block")
"""What records values in this step."""


def gather(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Join the values of all steps; a key recorded by two steps is an error."""
    values: dict[str, Any] = {}
    for part in parts:
        if twice := values.keys() & part.keys():
            raise ValueError(f"values recorded by two steps: {', '.join(sorted(twice))}")
        values |= part
    return dict(sorted(values.items()))


def demand_cells(values: Mapping[str, Any], tables: Mapping[str, Table]) -> None:
    """Each value that names a cell of a table is the number or text that stands there; else ValueError."""
    cells: dict[str, dict[str, Any]] = {}
    for name, table in tables.items():
        keys = [column.key for column in table.columns]
        ids = Counter(row.id for row in table.rows)
        cells[name] = {
            f"{row.id}/{key}": cell.value
            for row in table.rows
            if ids[row.id] == 1
            for key, cell in zip(keys, row.cells, strict=True)
        }
    for key, value in values.items():
        table, row, column = (value["origin"].get(part) for part in ("table", "row", "column"))
        if table is not None and table not in cells:
            raise ValueError(f"value {key} names the table {table}, which there is not")
        if row is None:
            continue  # it comes from the table as a whole
        cell = f"{row}/{column}"
        place = f"value {key} names table {table}, row {row}, column {column}"
        if cell not in cells[table]:
            raise ValueError(f"{place}, where there is no one cell")
        if cells[table][cell] not in (value["value"], value["text"]):
            raise ValueError(f"{place}, but is {value['value']!r} and there stands {cells[table][cell]!r}")


def files_of(modules: Iterable[str], values: Mapping[str, Any], tables: Iterable[Table]) -> dict[str, str]:
    """The source file of each step, by the step's name, which is the last word of its module.

    ValueError where the ``values`` or ``tables`` come from a step whose module is not given.
    """
    files = {module.rpartition(".")[2]: file_of(module).as_posix() for module in modules}
    used = {value["origin"]["step"] for value in values.values()} | {table.step for table in tables}
    if unknown := used - files.keys():
        raise ValueError(f"values or tables of a step whose module is not known: {', '.join(sorted(unknown))}")
    return {step: files[step] for step in sorted(used)}


def of_settings(settings: Mapping[str, Any], libraries: Sequence[str], data: str) -> Record:
    """Every setting as a value ``settings.<path>``, and the versions of the ``libraries`` that computed the results."""
    record = Record("settings", data)
    for path, value in _leaves(settings, "settings"):
        rule = "integer" if isinstance(value, int) and not isinstance(value, bool) else "text"
        if isinstance(value, float):
            rule = "significant:3"
        if path == "settings.seed":
            rule = "text"  # an identifier: no thousands separators
        unit = "fraction" if path.endswith(("confidence", "fraction")) else ""
        own = path.removeprefix("settings.")
        what = f"{words} (setting {own})" if (words := described(own)) else f"the setting {own}"
        record.value(path.lower(), value, rule, what, unit=unit, reason="not set" if value is None else None)
    fraction = settings["split"]["test_fraction"]
    record.value("settings.split.ratio", f"{round(100 * (1 - fraction))}:{round(100 * fraction)}", "text",
                 "training to test, in percent", unit="")  # fmt: skip
    record.value("study.full", settings["study"] == "full", "text", "whether the paper has all its chapters", unit="")
    record.value("seeds.run", settings["seeds"] > 0, "text", "whether split and fit are repeated over seeds", unit="")
    for package in (*libraries, "Snakemake"):
        key = package.lower().replace("-", "_")
        record.value(f"versions.{key}", importlib.metadata.version(package), "text", f"version of {package}", unit="")
    computing = [
        f"Python {platform.python_version()}",
        *(f"{name} {importlib.metadata.version(name)}" for name in libraries),
    ]
    record.value("versions.computing", computing, "list", "what computes and draws, with versions", unit="")
    record.value("versions.python", platform.python_version(), "text", "version of Python", unit="")
    record.value("versions.flowpaper", _own_version(), "text", "version of this project", unit="")
    return record


def _own_version() -> str:
    import tomllib

    return str(tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def _leaves(group: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in group.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}.{name}")
        else:
            yield f"{prefix}.{name}", value


def step(
    parts: Ins,
    tables: Ins,
    metadata: In,
    modules: list[str],
    libraries: list[str],
    settings: dict[str, Any],
    values: Out,
) -> None:
    """One values.json from what all steps recorded, with the settings and versions, checked against its schema."""
    about = read_json(metadata)
    own = {key: value.to_json() for key, value in of_settings(settings, libraries, about["data"]).values.items()}
    own |= {key: value.to_json() for key, value in of_coverage(about["data"]).values.items()}
    all_steps = gather([*(read_json(path) for path in parts), own])
    block = title_block(settings["paper"], all_steps, about["data"])
    found = gather([all_steps, {key: value.to_json() for key, value in block.values.items()}])
    known = {path.stem: Table.from_json(read_json(path)) for path in tables}
    demand_cells(found, known)
    entry = {
        "schema": VALUES,
        "synthetic": about["synthetic"],
        "data": about["data"],
        "steps": files_of([*modules, *OWN], found, known.values()),
        "values": found,
    }
    jsonschema.validate(entry, read_json(SCHEMA))
    write_json(values, entry)


if __name__ == "__main__":
    run(step)
