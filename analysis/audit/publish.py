"""Step: publish a finished build as one folder, put in place by renaming, so that what stands there is always whole."""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from analysis.errors import UserError, run
from analysis.record import Table, read_json, write_json


def publish(
    build: Path, results: Path, tables: Iterable[str], figures: Iterable[str], manifest: Mapping[str, Any]
) -> None:
    """Collect papers, values, tables and figures of ``build`` and replace ``results`` by them."""
    results.parent.mkdir(parents=True, exist_ok=True)
    fresh = results.with_name(f".{results.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        _collect(build, fresh, tables, figures)
        files = sorted(path for path in fresh.rglob("*") if path.is_file())
        digests = {path.relative_to(fresh).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
        write_json(fresh / "build.json", {**manifest, "files": digests})
        replace(fresh, results)
    except OSError as error:
        raise UserError(
            f"{results}: cannot be written ({error.strerror}); make room or check its permissions"
        ) from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _collect(build: Path, fresh: Path, tables: Iterable[str], figures: Iterable[str]) -> None:
    for folder in ("tables", "figures"):
        (fresh / folder).mkdir(parents=True)
    for name in ("paper.html", "paper.pdf"):
        shutil.copyfile(build / "paper" / name, fresh / name)
    shutil.copyfile(build / "paper" / "record" / "values.json", fresh / "values.json")
    shutil.copyfile(build / "claims.json", fresh / "claims.json")
    for name in ("defects.json", "ledger.json"):
        shutil.copyfile(build / "data" / name, fresh / name)
    for name in tables:
        table = Table.from_json(read_json(build / "tables" / f"{name}.json"))
        for suffix, text in (("csv", table.to_csv()), ("md", table.to_markdown()), ("tex", table.to_latex())):
            (fresh / "tables" / f"{name}.{suffix}").write_text(text, encoding="utf-8")
    for name in figures:
        for suffix in ("svg", "pdf", "png"):
            shutil.copyfile(build / "figures" / f"{name}.{suffix}", fresh / "figures" / f"{name}.{suffix}")


def replace(fresh: Path, results: Path) -> None:
    """Put the folder ``fresh`` in the place of ``results``; the old one comes back if that fails."""
    old = results.with_name(f".{results.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if results.exists():
        results.rename(old)
    try:
        fresh.rename(results)
    except OSError:
        if old.exists():
            old.rename(results)
        raise
    shutil.rmtree(old, ignore_errors=True)


def shown(data: str | None) -> str | None:
    """Where the data came from; of an address without user, password and query, which may be secrets."""
    return re.sub(r"(?<=://)[^/?#]*@|[?#].*", "", data) if data and "://" in data else data


def main() -> None:
    """Command line of the step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--tables", nargs="+", required=True)
    parser.add_argument("--figures", nargs="+", required=True)
    parser.add_argument("--settings", type=json.loads, required=True)
    parser.add_argument("--marker", type=Path, required=True)
    arguments = parser.parse_args()
    inspection = read_json(arguments.build / "input.json")
    values = read_json(arguments.build / "paper" / "record" / "values.json")
    manifest = {
        "schema": "flowpaper/build/1",
        "build": arguments.results.name,
        "identity": inspection["identity"],
        "data": shown(inspection["data"]),
        "synthetic": values["synthetic"],
        "input": inspection["files"],
        "settings": arguments.settings,
        "renderer": values["values"]["build.renderer"]["text"],
        "versions": {k: v["text"] for k, v in values["values"].items() if k.startswith("versions.")},
        "published": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
    publish(arguments.build, arguments.results, arguments.tables, arguments.figures, manifest)
    write_json(arguments.marker, {"results": arguments.results.as_posix(), "identity": inspection["identity"]})


if __name__ == "__main__":
    run(main)
