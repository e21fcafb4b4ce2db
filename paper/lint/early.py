"""What can be said of the manuscript before anything is computed: in its source, without the record of a build.

It runs before every build, so that a typing mistake shows before the models are fitted. What a build decides (values,
columns and rows, passages that stand only sometimes) is left to the filters.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Set
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from analysis.audit import claims as conditions
from analysis.audit.condition import Condition, ConditionError
from analysis.errors import UserError
from figures.catalogue import catalogue
from paper.chapters import STUDIES, Manuscript, assemble, source
from paper.lint import manuscript as read
from paper.lint.rules import RULES
from paper.lint.text import Finding, is_name

KINDS = {"fig": "figure", "tbl": "table", "sec": "section", "eq": "equation"}
ENTRY = re.compile(r"@[A-Za-z]+\s*\{\s*([^\s,{}]+)\s*,")
FULL = "study.full"
"""The condition under which a sentence may speak of what only the full study has."""
EQUATION = re.compile(r"\{#(eq-[^\s}]+)\}?")


def demand_claims(manuscript: Manuscript) -> None:
    """UserError for claims that cannot be read, for one that is given twice, and for each condition that is none."""
    wrong = []
    for path, claims in conditions.load_all(manuscript.claims).items():
        for name, claim in claims.items():
            for condition in filter(None, (claim.holds, claim.when)):
                try:
                    Condition(condition)
                except ConditionError as error:
                    wrong.append(f"{path.as_posix()}: claim '{name}': the condition '{condition}' {error}")
    if wrong:
        raise UserError("\n  ".join(wrong))


def findings(manuscript: Manuscript, bibliography: Path) -> list[Finding]:
    """Ids given twice, references, citations, figures and claims that are nowhere, and keys that can be none.

    Chapters that a smaller study leaves out are not referred to from those that it has.
    """
    cited = set(ENTRY.findall(bibliography.read_text(encoding="utf-8"))) if bibliography.is_file() else set()
    found = _Look(manuscript, cited).found
    for study in STUDIES[: STUDIES.index("full")]:
        part = assemble(manuscript.path, study) if manuscript.chapters[1:] else manuscript
        if part.left_out:
            found += _Look(part, cited, study).found
    return found


class _Look:
    """One look at the source of a manuscript, and what was found in it."""

    def __init__(self, manuscript: Manuscript, cited: set[str], study: str = "") -> None:
        self.manuscript, self.cited, self.study = manuscript, cited, study
        self.found = list[Finding]()
        self.drawn = {f"figures/{name}" for name in catalogue()}
        tree = read.tree(manuscript.text, manuscript.path)
        elements = list(_elements([*tree["blocks"], *tree["meta"].values()]))
        self.ids = self._ids(elements)
        claimed = {name for claims in conditions.load_all(manuscript.claims).values() for name in claims}
        for element, conditional in elements:
            match element["t"]:
                case "Cite":
                    for citation in element["c"][0]:
                        if FULL not in conditional:
                            self.refer(citation["citationId"])
                case "Image":
                    self.picture(element["c"][2][0])
                case "Code" if "val" in element["c"][0][1] and not is_name(element["c"][1]):
                    message = (
                        f"'{element['c'][1]}' can be no key (words joined by '.') "
                        "and no address of a cell (table[column=value].column)"
                    )
                    self.add("unknown-key", element["c"][1], message)
            for name in _attribute(element, "when"):
                key = name.removeprefix("not ").strip()
                if not is_name(key):
                    self.add("unknown-key", f'when="{name}"', f"'{name}' is not a value's key, or 'not' and a key")
            for name in _attribute(element, "claim"):
                if name not in claimed and FULL not in conditional:
                    message = f"there is no claim '{name}' in the chapters' .claims.yaml"
                    self.add("claim", f'claim="{name}"', message + self._owner(name, claims=True))

    def add(self, rule: str, text: str, message: str, skip: int = 0) -> None:
        self.found.append(_located(self.manuscript, rule, text, message, skip))

    def refer(self, name: str) -> None:
        """A cross-reference must lead to an id, a citation to an entry of the bibliography."""
        kind = KINDS.get(name.partition("-")[0]) if "-" in name else None
        if kind and name not in self.ids:
            self.add("unresolved-reference", f"@{name}", f"there is no {kind} '{name}'" + self._owner(name))
        elif not kind and name not in self.cited:
            self.add("unresolved-citation", f"@{name}", f"citation '{name}' is not in the bibliography")

    def _owner(self, name: str, *, claims: bool = False) -> str:
        """Which chapter that is left out has the id or claim ``name``, and what to do about it."""
        wanted = re.compile(rf"^{re.escape(name)}:" if claims else rf"#{re.escape(name)}(?![\w-])", re.MULTILINE)
        for one in self.manuscript.left_out:
            path = one.claims if claims else one.path
            if path.is_file() and wanted.search(source(path)):
                return (
                    f" in the study '{self.study}': it stands in {path.as_posix()}, of the study '{one.header.study}' "
                    f'only; move the sentence there, or into [...]{{when="{FULL}"}}'
                )
        return ""

    def picture(self, target: str) -> None:
        """A picture must be one that is drawn, or a file beside the manuscript."""
        if target.rpartition(".")[0] not in self.drawn and not (self.manuscript.path.parent / target).is_file():
            self.add("missing-picture", target, f"picture {target} is none of those that figures/ draws")

    def _ids(self, elements: list[tuple[dict[str, Any], Set[str]]]) -> set[str]:
        """All ids; those given twice where both would stand in every paper are found."""
        ids, always = set(), set()
        for element, conditional in elements:
            names = [attributes[0]] if (attributes := _attributes(element)) and attributes[0] else []
            names += EQUATION.findall(element["c"]) if element["t"] == "Str" else []
            for name in names:
                if name in always and not conditional:
                    self.add("duplicate-id", f"#{name}", f"the id '{name}' is given twice", skip=1)
                ids.add(name)
                if not conditional:
                    always.add(name)
        return ids


def unknown_tables(manuscript: Manuscript, known: Collection[str]) -> list[Finding]:
    """Tables that the manuscript names and no step of the workflow makes; ``known`` are those that one may make."""
    found = []
    for element, _ in _elements(read.tree(manuscript.text, manuscript.path)["blocks"]):
        for name in _attribute(element, "from"):
            if name not in known:
                near = ", ".join(get_close_matches(name, known, 3)) or "none"
                message = f"no step makes a table '{name}'; nearest: {near}"
                found.append(_located(manuscript, "unknown-table", f'from="{name}"', message))
    return found


def _located(manuscript: Manuscript, rule: str, text: str, message: str, skip: int = 0) -> Finding:
    """A finding on the line where ``text`` stands, the first ``skip`` such lines passed over."""
    lines = [number for number, line in enumerate(manuscript.text.split("\n"), 1) if text in line] or [1]
    path, line = manuscript.place(lines[min(skip, len(lines) - 1)])
    return Finding(path.as_posix(), line, rule, RULES[rule].message, message)


def _elements(node: Any, conditional: Set[str] = frozenset()) -> Iterator[tuple[dict[str, Any], Set[str]]]:
    """Elements of Pandoc's tree in order, each with the conditions under which alone it stands in the paper."""
    if isinstance(node, list):
        for item in node:
            yield from _elements(item, conditional)
    elif isinstance(node, dict):
        if "t" in node and "c" in node:
            yield node, conditional
            conditional = conditional | {*_attribute(node, "when")}
        for item in node.values():
            yield from _elements(item, conditional)


def _attributes(element: dict[str, Any]) -> Any:
    """Id, classes and further attributes of an element that has such."""
    content = element["c"]
    match element["t"]:
        case "Header":
            return content[1]
        case "Div" | "Span" | "Figure" | "Image" | "Table" | "Code" | "CodeBlock" | "Link":
            return content[0]
    return None


def _attribute(element: dict[str, Any], name: str) -> list[str]:
    attributes = _attributes(element)
    return [text for key, text in attributes[2] if key == name] if attributes else []
