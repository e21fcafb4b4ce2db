"""Runs the rules over one manuscript."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from analysis.errors import UserError
from analysis.record import checksums
from analysis.record.address import Tables, resolve
from analysis.record.files import demand_version
from paper.chapters import Manuscript, Study, assemble
from paper.lint import early, exempt, filtered, manuscript
from paper.lint.rules import RULES, set_asides
from paper.lint.text import Document, Finding, Hit, Lines
from paper.stage import HERE

KNOWN_BY_RECORD = {"unknown-key", "unknown-table"}
"""Rules of which the record of an earlier build of the same study can say as much as that of this one."""


def lint(path: Path, record: Path | None, bibliography: Path, study: Study = "full") -> list[Finding]:
    """All findings of the manuscript at ``path``, by line; those that need values only where ``record`` is given."""
    whole = assemble(path, study)
    with ThreadPoolExecutor() as pool:
        if record:
            rest = pool.submit(filtered.findings, whole, record, bibliography)
        else:
            rest = pool.submit(early.findings, whole, bibliography)
        document = manuscript.parse(whole)
        if record:
            _read_record(document, record)
        found = check(document, exempt.read()) + rest.result()
    return sorted(set(found))


def check(document: Document, exemptions: list[exempt.Exemption]) -> list[Finding]:
    """Findings of the rules that read the tree."""
    found = []
    for rule in RULES.values():
        if rule.check and (document.values is not None or not rule.needs_record):
            for hit in rule.check(document):
                if isinstance(hit, Lines):
                    found.append(_finding(document, rule.id, hit))
                elif not _set_aside(rule.id, hit, exemptions):
                    found.append(_finding(document, rule.id, Lines(hit.atom.line, hit.quoted)))
    settable = [rule.id for rule in RULES.values() if rule.may_be_set_aside]
    found += [_finding(document, "set-aside", hit) for hit in set_asides.misused(document, settable)]
    return sorted(found)


def errors(findings: list[Finding]) -> list[Finding]:
    """Those that fail a build."""
    return [finding for finding in findings if RULES[finding.rule].severity == "error"]


def demand_sound() -> None:
    """UserError with every error of the paper's manuscript and claims that shows without a build."""
    path = HERE / "paper.qmd"
    early.demand_claims(assemble(path))
    _demand_none(errors(lint(path, None, HERE / "references.bib")))


def demand_known(whole: Manuscript, tables: Collection[str], build: Path, sources: Iterable[Path]) -> None:
    """UserError for each table that the manuscript names and that is not among those that the workflow may make.

    Where ``build`` holds a record that is younger than all ``sources`` of the analysis, it has the keys of values, and
    the columns and rows of tables, that this build will have; they are then compared with it as well.
    """
    found = early.unknown_tables(whole, tables)
    values = build / "values.json"
    if values.is_file() and all(path.stat().st_mtime_ns < values.stat().st_mtime_ns for path in sources):
        with suppress(UserError):  # a record that is damaged is made anew
            said = filtered.findings(whole, build, HERE / "references.bib")
            found += [one for one in said if one.rule in KNOWN_BY_RECORD]
    _demand_none(sorted(set(found)))


def _demand_none(wrong: list[Finding]) -> None:
    if wrong:
        lines = "\n".join(map(str, wrong))
        raise UserError(f"the manuscript is not ready, so nothing was run (rules: docs/lint/):\n{lines}")


def _finding(document: Document, rule: str, hit: Lines) -> Finding:
    path, line = document.manuscript.place(hit.line)
    return Finding(path.as_posix(), line, rule, RULES[rule].message, hit.text)


def _set_aside(rule: str, hit: Hit, exemptions: list[exempt.Exemption]) -> bool:
    if any(one.covers(rule, hit) for one in exemptions):
        return True
    for aside in hit.atom.aside:
        if aside.rule == rule and RULES[rule].may_be_set_aside:
            aside.used += 1
            return True
    return False


def _read_record(document: Document, record: Path) -> None:
    path = record / "values.json"
    if not path.is_file():
        raise UserError(f"{record} holds no values.json: name the folder of a build, as in --record build/twin")
    repeated: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                repeated.append(key)
            seen.add(key)
        return dict(pairs)

    entry = json.loads(checksums.read(path), object_pairs_hook=unique)
    demand_version(entry, path)
    cells, _ = resolve("\n".join(key for key, _ in document.keys), Tables(record / "tables"))
    document.values, document.repeated_keys = entry["values"] | cells, tuple(dict.fromkeys(repeated))
