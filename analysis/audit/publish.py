"""Step: publish a finished build as one folder, which takes its place in one move, so that it is always whole."""

from __future__ import annotations

import datetime
import hashlib
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from analysis.audit.exchange import fresh_of, old_of, put_in_place
from analysis.citing.build_id import build_id, code_files, foundation
from analysis.citing.outputs import files
from analysis.command import In, Out, run
from analysis.errors import UserError
from analysis.record import Table, checksums, read_json, write_json
from analysis.record.files import BUILD, data_checksum

OF_THE_CHECKOUT = ("build.commit", "build.committed", "build.tree", "build.id", "build.cited", "build.reference")
"""Shown in the paper and kept in build.json alone, so that neither a commit nor an edit of a word changes a value."""


def publish(
    build: Path, results: Path, tables: Iterable[str], figures: Iterable[str], manifest: Mapping[str, Any],
    texts: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Collect papers, page for referees, values, tables and figures of ``build`` and ``texts``; replace ``results``.

    Each must be what its step wrote (UserError).
    """
    results.parent.mkdir(parents=True, exist_ok=True)
    fresh = fresh_of(results)
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        _collect(build, fresh, tables, figures)
        for name, text in (texts or {}).items():
            (fresh / name).write_text(text, encoding="utf-8")
        files = sorted(path for path in fresh.rglob("*") if path.is_file())
        digests = {path.relative_to(fresh).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
        write_json(fresh / "build.json", {**manifest, "files": digests}, noted=False)
        put_in_place(results)
    except OSError as error:
        raise UserError(
            f"{results}: cannot be written ({error.strerror}); make room or check its permissions"
        ) from None
    finally:
        for left in (fresh, old_of(results)):
            shutil.rmtree(left, ignore_errors=True)


def _collect(build: Path, fresh: Path, tables: Iterable[str], figures: Iterable[str]) -> None:
    for folder in ("tables", "figures"):
        (fresh / folder).mkdir(parents=True)
    for name in ("paper.html", "paper.pdf"):
        _copy(build / "paper" / name, fresh)
    values = read_json(build / "paper" / "record" / "values.json")
    values["values"] = {key: value for key, value in values["values"].items() if key not in OF_THE_CHECKOUT}
    write_json(fresh / "values.json", values, noted=False)
    for name in ("audit.html", "claims.json"):
        _copy(build / name, fresh)
    for name in ("defects", "ledger", *({"pitfalls"} & {*tables})):
        _copy(build / "data" / f"{name}.json", fresh)
    for name in tables:
        table = Table.from_json(read_json(build / "tables" / f"{name}.json"))
        for suffix, text in (("csv", table.to_csv()), ("md", table.to_markdown()), ("tex", table.to_latex())):
            (fresh / "tables" / f"{name}.{suffix}").write_text(text, encoding="utf-8")
    for name in figures:
        for suffix in ("svg", "pdf", "png"):
            _copy(build / "figures" / f"{name}.{suffix}", fresh / "figures")


def _copy(source: Path, folder: Path) -> None:
    (folder / source.name).write_bytes(checksums.read(source))


def step(
    *, build: Path, results: Path, tables: list[str], figures: list[str], settings: dict[str, Any],
    checkout: dict[str, Any], citation: In, marker: Out,
) -> None:  # fmt: skip
    """Publish a finished build as one folder, which takes its place in one move, so that it is always whole."""
    origin = read_json(build / "input.json")
    values = read_json(build / "paper" / "record" / "values.json")
    made_of = foundation(build, settings, checkout)
    manifest = {
        "schema": BUILD,
        "build": results.name,
        "id": build_id(made_of),
        "version": values["values"]["versions.flowpaper"]["text"],
        "commit": checkout["commit"],
        "clean": checkout["clean"],
        "reason": checkout["reason"],
        **made_of,
        "data": origin["data"],
        "synthetic": values["synthetic"],
        "input": origin["files"],
        "renderer": values["values"]["build.renderer"]["text"],
        "sources": code_files(),
        "versions": {k: v["text"] for k, v in values["values"].items() if k.startswith("versions.")},
        "published": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
    publish(build, results, tables, figures, manifest, files(values, results.name, manifest["id"], citation))
    digest = hashlib.sha256((results / "build.json").read_bytes()).hexdigest()
    noted = {"results": results.as_posix(), "identity": data_checksum(origin), "data": origin["data"]}
    write_json(marker, noted | {"manifest": digest})


if __name__ == "__main__":
    run(step)
