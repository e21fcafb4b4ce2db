"""Values where they do not show, values that the record holds twice, and values that nobody shows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from paper.lint.text import Document, Hit, Lines, is_name

SYNTAX = re.compile(r"`[^`]*`\s*\{[^}]*\.val[^}]*\}|\{\.val[^}]*\}")
# Elsewhere what is not understood is found by filters/checks.lua.
ATTRIBUTES = {"alt text", "title of a box", "attribute"}
SHORT = {"heading", "caption", "title", "subtitle", "keywords", "running-title"}


def not_rendered(document: Document) -> Iterator[Hit]:
    """A value that stays as it is typed, or one without a number where there is no room for its reason.

    The second needs a record. Alternative texts and titles in attributes are plain text: no value renders there.
    """
    for passage in document.passages:
        if passage.kind in ATTRIBUTES:
            for match in SYNTAX.finditer(passage.text):
                yield Hit(passage, match.start(), match.end())
        if passage.kind not in SHORT:
            continue
        position = 0
        for atom in passage.atoms:
            known = document.values is None or atom.text in document.values
            if atom.kind == "code" and is_name(atom.text) and document.values is not None and known:
                yield Hit(passage, position, position + 1, f"`{atom.text}` without {{.val}}")
            if atom.kind == "value" and document.values and known and document.values[atom.text]["value"] is None:
                reason = document.values[atom.text]["reason"]
                yield Hit(passage, position, position + 1, f"`{atom.text}` is missing: {reason}")
            position += len(atom.shown)


def repeated(document: Document) -> Iterator[Lines]:
    """Keys that the record holds more than once: the last one would win silently."""
    for key in document.repeated_keys:
        line = next((line for used, line in document.keys if used == key), 1)
        yield Lines(line, f"'{key}' stands more than once in values.json")


def unused(document: Document) -> Iterator[Lines]:
    """Values of the record that the manuscript never shows or asks."""
    used = {key for key, _ in document.keys}
    for key in sorted((document.values or {}).keys() - used):
        yield Lines(1, f"'{key}'")
