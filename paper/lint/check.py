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
from paper.lint import early, exempt, filtered, manuscript
from paper.lint.rules import RULES, asides
from paper.lint.text import Document, Finding, Hit, Lines
from paper.stage import HERE

KNOWN_BY_RECORD = {"unknown-key", "unknown-table"}
"""Rules of which the record of an earlier build of the same study can say as much as that of this one."""


def lint(path: Path, record: Path | None, bibliography: Path, claims: Path | None = None) -> list[Finding]:
    """All findings of the manuscript at ``path``, by line; those that need values only where ``record`` is given."""
    with ThreadPoolExecutor() as pool:
        if record:
            rest = pool.submit(filtered.findings, path, record, bibliography, claims)
        else:
            rest = pool.submit(early.findings, path, bibliography, claims)
        document = manuscript.read(path)
        if claims and claims.is_file():
            manuscript.add_sentences(document, claims)
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
                    found.append(_finding(document.path, rule.id, hit))
                elif not _set_aside(rule.id, hit, exemptions):
                    path = hit.passage.path or document.path
                    found.append(_finding(path, rule.id, Lines(hit.atom.line, hit.quoted)))
    settable = [rule.id for rule in RULES.values() if rule.may_be_set_aside]
    found += [_finding(document.path, "set-aside", hit) for hit in asides.misused(document, settable)]
    return sorted(found)


def errors(findings: list[Finding]) -> list[Finding]:
    """Those that fail a build."""
    return [finding for finding in findings if RULES[finding.rule].severity == "error"]


def demand_sound() -> None:
    """UserError with every error of the paper's manuscript and claims that shows without a build."""
    here = _here()
    early.demand_claims(here / "claims.yaml")
    _demand_none(errors(lint(here / "paper.qmd", None, here / "references.bib", here / "claims.yaml")))


def demand_known(tables: Collection[str], build: Path, sources: Iterable[Path]) -> None:
    """UserError for each table that the manuscript names and that is not among those that the workflow may make.

    Where ``build`` holds a record that is younger than all ``sources`` of the analysis, it has the keys of values, and
    the columns and rows of tables, that this build will have; they are then compared with it as well.
    """
    here = _here()
    found = early.unknown_tables(here / "paper.qmd", tables)
    values = build / "values.json"
    if values.is_file() and all(path.stat().st_mtime_ns < values.stat().st_mtime_ns for path in sources):
        with suppress(UserError):  # a record that is damaged is made anew
            said = filtered.findings(here / "paper.qmd", build, here / "references.bib", here / "claims.yaml")
            found += [one for one in said if one.rule in KNOWN_BY_RECORD]
    _demand_none(sorted(set(found)))


def _demand_none(wrong: list[Finding]) -> None:
    if wrong:
        lines = "\n".join(map(str, wrong))
        raise UserError(f"the manuscript is not ready, so nothing was run (rules: docs/lint/):\n{lines}")


def _here() -> Path:
    return HERE.relative_to(Path.cwd()) if HERE.is_relative_to(Path.cwd()) else HERE


def _finding(path: Path, rule: str, hit: Lines) -> Finding:
    return Finding(path.as_posix(), hit.line, rule, RULES[rule].message, hit.text)


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
    document.values, document.repeated_keys = entry["values"], tuple(dict.fromkeys(repeated))
