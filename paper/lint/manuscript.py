"""Reads a manuscript, and the sentences of its claims, into what the rules see."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from analysis.errors import UserError
from analysis.yaml_loader import SAFE
from paper import pandoc
from paper.chapters import Manuscript, source
from paper.lint.align import locate, words_of
from paper.lint.rules.set_asides import NEVER
from paper.lint.text import INVISIBLE, Document
from paper.lint.tree import Walker

# Entries of the front matter that a reader sees, at any depth, and what is no text in them.
SHOWN = re.compile(
    r"title|subtitle|abstract|keywords|subject|description|thanks|author|authors|affiliation|affiliations|institute"
    r"|institutes|license|copyright|funding|acknowledge?ments|summary|(?:.+-)?(?:title|prefix)|title-block-.+"
)
ADDRESSES = {"orcid", "email", "url", "id", "ref", "number"}
ENTRY = re.compile(r"[A-Za-z][\w-]*:")


def parse(manuscript: Manuscript) -> Document:
    """What the rules see of a manuscript and its claims. Raises UserError where Pandoc cannot read it."""
    text = INVISIBLE.sub("", manuscript.text)
    parsed = tree(text, manuscript.path)
    lines = text.split("\n")
    document = Document(manuscript)
    front = _front(lines)
    for top, whole in parsed["meta"].items():
        for key, entry in _shown(top, whole):
            walker = Walker((key if key in NEVER else "front matter",))
            _meta(walker, entry, key)
            first, last = _entry(lines, top)
            _take(document, walker, words_of(lines[first - 1 : last], first), first)
    walker = Walker()
    walker.blocks(parsed["blocks"])
    _take(document, walker, words_of(lines[front:], front + 1), front + 1)
    _add_sentences(document)
    return document


def _add_sentences(document: Document) -> None:
    """Add the sentences that claims would print instead; they are claimed, and checked like all text."""
    sentences: list[str] = []
    words: list[tuple[str, int]] = []
    for path, before in document.manuscript.claims.items():
        lines = source(path).split("\n")
        for node in _sentences_of(path):
            first, end = node.start_mark.line, node.end_mark.line + 1
            sentences.append(node.value)
            words += words_of(lines[first:end], before + first + 1)
    if sentences:
        # One reading for all: starting Pandoc takes longer than anything it does here.
        walker = Walker(("claims",), claimed=True)
        walker.blocks(tree("\n\n".join(sentences), document.manuscript.path)["blocks"])
        _take(document, walker, words)


def _sentences_of(path: Path) -> list[Any]:
    """The nodes of all sentences in a file of claims, with lines."""
    try:
        return _sentences(yaml.compose(source(path), Loader=SAFE))
    except yaml.YAMLError as error:
        raise UserError(f"{path}: {error}") from None
    except RecursionError:
        raise UserError(f"{path}: cannot be read: its brackets are nested too deeply") from None


def _sentences(node: Any) -> list[Any]:
    """The scalar nodes of all 'otherwise' entries."""
    found = []
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "otherwise" and isinstance(value, yaml.ScalarNode):
                found.append(value)
            else:
                found += _sentences(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            found += _sentences(item)
    return found


def _take(document: Document, walker: Walker, words: list[tuple[str, int]], first: int = 1) -> None:
    locate(walker.atoms, words, first)
    walker.place()
    document.passages += walker.passages
    document.set_asides += walker.set_asides
    document.misplaced += walker.misplaced
    document.keys += [(key, atom.line) for key, atom in walker.keys]


def _shown(key: str, entry: Any) -> Iterator[tuple[str, Any]]:
    """The entries that a reader sees in an entry of the front matter, itself among them."""
    if SHOWN.fullmatch(key):
        yield key, entry
    elif entry["t"] == "MetaMap":
        for name, inner in entry["c"].items():
            yield from _shown(name, inner)
    elif entry["t"] == "MetaList":
        for item in entry["c"]:
            yield from _shown("", item)


def _meta(walker: Walker, entry: Any, kind: str) -> None:
    match entry["t"]:
        case "MetaInlines":
            with walker.passage(kind):
                walker.inlines(entry["c"])
        case "MetaBlocks":
            walker.blocks(entry["c"], kind)
        case "MetaList":
            for item in entry["c"]:
                _meta(walker, item, kind)
        case "MetaMap":
            for name, item in entry["c"].items():
                if name not in ADDRESSES:
                    _meta(walker, item, kind)
        case "MetaString":
            with walker.passage(kind):
                walker.inlines([{"t": "Str", "c": entry["c"]}])


def _front(lines: list[str]) -> int:
    """Number of lines of the front matter."""
    if lines[0].rstrip() != "---":
        return 0
    return next((n for n, line in enumerate(lines[1:], 2) if line.rstrip() in {"---", "..."}), 0)


def _entry(lines: list[str], key: str) -> tuple[int, int]:
    """First and last line of an entry of the front matter."""
    first = next((n for n, line in enumerate(lines, 1) if line.startswith(f"{key}:")), 1)
    after = (n for n, line in enumerate(lines[first:], first) if ENTRY.match(line) or line.rstrip() in {"---", "..."})
    return first, next(after, len(lines))


def tree(text: str, path: Path) -> dict[str, Any]:
    """Pandoc's syntax tree of a ``text`` that stands in ``path``."""
    program = pandoc.demand()
    command = [str(program), "--from=markdown-auto_identifiers", "--to=json", *pandoc.runtime(program)]
    done = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        raise UserError(f"{path}: {pandoc.explain(done.stderr, 'Pandoc', done.returncode)}")
    return json.loads(done.stdout)
