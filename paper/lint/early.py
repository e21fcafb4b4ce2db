"""What can be said of the manuscript before anything is computed: in its source, without the record of a build.

It runs before every build, so that a slip of the pen does not wait for the last model. What a build decides (values,
columns and rows, passages that stand only sometimes) is left to the filters.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from analysis.audit import claims as conditions
from analysis.audit.condition import Condition, ConditionError
from analysis.errors import UserError
from figures.catalogue import catalogue
from paper.lint import manuscript
from paper.lint.rules import RULES
from paper.lint.text import Finding

KEY = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)+")
KINDS = {"fig": "figure", "tbl": "table", "sec": "section", "eq": "equation"}
ENTRY = re.compile(r"@[A-Za-z]+\s*\{\s*([^\s,{}]+)\s*,")
EQUATION = re.compile(r"\{#(eq-[^\s}]+)\}?")


def demand_claims(path: Path) -> None:
    """UserError for a claims file that cannot be read, and for each condition in it that is none."""
    wrong = []
    for name, claim in conditions.load(path).items():
        for condition in filter(None, (claim.holds, claim.when)):
            try:
                Condition(condition)
            except ConditionError as error:
                wrong.append(f"claim '{name}': the condition '{condition}' {error}")
    if wrong:
        raise UserError(f"{path}: " + "\n  ".join(wrong))


def findings(path: Path, bibliography: Path, claims: Path | None) -> list[Finding]:
    """Ids given twice, references, citations, figures and claims that are nowhere, and keys that can be none."""
    text = manuscript.source(path)
    source, tree = Source(path, text), manuscript.tree(text, path)
    elements = list(_elements([*tree["blocks"], *tree["meta"].values()]))
    ids = _ids(elements, source)
    cited = set(ENTRY.findall(bibliography.read_text(encoding="utf-8"))) if bibliography.is_file() else set()
    claimed = conditions.load(claims).keys() if claims and claims.is_file() else None
    for element, _ in elements:
        match element["t"]:
            case "Cite":
                for citation in element["c"][0]:
                    source.refer(citation["citationId"], ids, cited)
            case "Image":
                source.picture(element["c"][2][0])
            case "Code" if "val" in element["c"][0][1] and not KEY.fullmatch(element["c"][1]):
                source.add("unknown-key", element["c"][1], f"'{element['c'][1]}' can be no key: words joined by '.'")
        for name in _attribute(element, "when"):
            key = name.removeprefix("not ").strip()
            if not KEY.fullmatch(key):
                source.add("unknown-key", f'when="{name}"', f"'{name}' is not a value's key, or 'not' and a key")
        for name in _attribute(element, "claim"):
            if claimed is not None and name not in claimed:
                source.add("claim", f'claim="{name}"', f"there is no claim '{name}' in {claims}")
    return source.found


def unknown_tables(path: Path, known: Collection[str]) -> list[Finding]:
    """Tables that the manuscript names and no step of the workflow makes; ``known`` are those that one may make."""
    text = manuscript.source(path)
    source = Source(path, text)
    for element, _ in _elements(manuscript.tree(text, path)["blocks"]):
        for name in _attribute(element, "from"):
            if name not in known:
                near = ", ".join(get_close_matches(name, known, 3)) or "none"
                source.add("unknown-table", f'from="{name}"', f"no step makes a table '{name}'; nearest: {near}")
    return source.found


class Source:
    """The manuscript's lines, and what was found in them."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.lines, self.found = path, text.split("\n"), list[Finding]()
        self.drawn = {f"figures/{name}" for name in catalogue()}

    def add(self, rule: str, text: str, message: str, skip: int = 0) -> None:
        """A finding on the line where ``text`` stands, the first ``skip`` such lines passed over."""
        lines = [number for number, line in enumerate(self.lines, 1) if text in line] or [1]
        line = lines[min(skip, len(lines) - 1)]
        self.found.append(Finding(self.path.as_posix(), line, rule, RULES[rule].message, message))

    def refer(self, name: str, ids: set[str], cited: set[str]) -> None:
        """A cross-reference must lead to an id, a citation to an entry of the bibliography."""
        kind = KINDS.get(name.partition("-")[0]) if "-" in name else None
        if kind and name not in ids:
            self.add("unresolved-reference", f"@{name}", f"there is no {kind} '{name}'")
        elif not kind and name not in cited:
            self.add("unresolved-citation", f"@{name}", f"citation '{name}' is not in the bibliography")

    def picture(self, target: str) -> None:
        """A picture must be one that is drawn, or a file beside the manuscript."""
        if target.rpartition(".")[0] not in self.drawn and not (self.path.parent / target).is_file():
            self.add("missing-picture", target, f"picture {target} is none of those that figures/ draws")


def _ids(elements: list[tuple[dict[str, Any], bool]], source: Source) -> set[str]:
    """All ids; those given twice where both would stand in every paper are found."""
    ids, always = set(), set()
    for element, sometimes in elements:
        names = [attributes[0]] if (attributes := _attributes(element)) and attributes[0] else []
        names += EQUATION.findall(element["c"]) if element["t"] == "Str" else []
        for name in names:
            if name in always and not sometimes:
                source.add("duplicate-id", f"#{name}", f"the id '{name}' is given twice", skip=1)
            ids.add(name)
            if not sometimes:
                always.add(name)
    return ids


def _elements(node: Any, sometimes: bool = False) -> Iterator[tuple[dict[str, Any], bool]]:
    """Elements of Pandoc's tree in order, each with whether it stands in the paper only under a condition."""
    if isinstance(node, list):
        for item in node:
            yield from _elements(item, sometimes)
    elif isinstance(node, dict):
        if "t" in node and "c" in node:
            yield node, sometimes
            sometimes = sometimes or bool(_attribute(node, "when"))
        for item in node.values():
            yield from _elements(item, sometimes)


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
