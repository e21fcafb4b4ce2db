"""What was fitted on what: a drawing of the steps up to the fit, and a list of all that was fitted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from analysis.conditions.condition import LEVELS
from paper.audit.markup import Node, el, folded, section

EDGE = re.compile(r"^ +(\w+) --> (\w+)$", re.MULTILINE)
"""An arrow of the workflow's drawing in Mermaid."""
FIT, SPLIT = "fit", "split"
WIDE, HIGH, GAP, STEP, NOTE = 130, 26, 16, 54, 340
"""Sizes of the drawing, in pixels: of a box, between boxes, from one row to the next, and of what stands beside it."""


def before(edges: Iterable[tuple[str, str]], last: str = FIT) -> dict[str, set[str]]:
    """Every step that ``last`` needs, at any distance, with those that it needs itself.

    >>> before([("a", "b"), ("b", "fit"), ("fit", "c")])
    {'fit': {'b'}, 'b': {'a'}, 'a': set()}
    """
    needs: dict[str, set[str]] = {}
    for one, other in edges:
        needs.setdefault(other, set()).add(one)
    found: dict[str, set[str]] = {}
    waiting = [last]
    while waiting:
        step = waiting.pop(0)
        if step not in found:
            found[step] = needs.get(step, set())
            waiting += sorted(found[step])
    return found


def rows_of(needs: Mapping[str, set[str]]) -> list[list[str]]:
    """The steps by row: each below all that it needs."""
    depth: dict[str, int] = {}

    def deep(step: str) -> int:
        if step not in depth:
            depth[step] = max((deep(one) + 1 for one in needs[step]), default=0)
        return depth[step]

    for step in sorted(needs):
        deep(step)
    return [sorted(step for step in depth if depth[step] == row) for row in range(max(depth.values()) + 1)]


def sees(steps: Sequence[str], needs: Mapping[str, set[str]]) -> str:
    """Which flows the steps of a row are given: what needs the split, at any distance, the training part alone.

    >>> sees(["rank"], {"rank": {"split"}, "split": set()})
    'training flows alone'
    """
    if FIT in steps:
        return "fits on training flows, answers for test flows"
    if SPLIT in steps:
        return "says which flows train and which test"
    return "training flows alone" if all(SPLIT in before_all(step, needs) for step in steps) else "all flows"


def before_all(step: str, needs: Mapping[str, set[str]]) -> set[str]:
    """All that a step needs, at any distance."""
    return needs[step].union(*(before_all(one, needs) for one in needs[step]))


def drawing(needs: Mapping[str, set[str]]) -> Node:
    """An SVG of the steps; the list of steps below it says the same in words."""
    rows = rows_of(needs)
    width = max(len(row) for row in rows) * (WIDE + GAP)
    places = {
        step: ((width - len(row) * (WIDE + GAP)) / 2 + i * (WIDE + GAP) + GAP / 2, 4 + y * STEP)
        for y, row in enumerate(rows) for i, step in enumerate(row)
    }  # fmt: skip
    lines = [
        el("path", d=f"M{places[one][0] + WIDE / 2:g} {places[one][1] + HIGH:g}"
                     f"L{places[step][0] + WIDE / 2:g} {places[step][1]:g}")
        for step in sorted(needs) for one in sorted(needs[step])
    ]  # fmt: skip
    boxes = [
        el("g", el("rect", x=f"{x:g}", y=f"{y:g}", width=str(WIDE), height=str(HIGH), rx="3"),
           el("text", step, x=f"{x + WIDE / 2:g}", y=f"{y + 17:g}"))
        for step, (x, y) in sorted(places.items())
    ]  # fmt: skip
    notes = [
        el("text", sees(row, needs), x=f"{width + GAP}", y=f"{places[row[0]][1] + 17:g}", cls="note") for row in rows
    ]
    width += NOTE
    words = f"Steps from the flows to the fitted models: {', then '.join(' and '.join(row) for row in rows)}."
    return el("svg", lines, boxes, notes, viewBox=f"0 0 {width} {len(rows) * STEP - STEP + HIGH + 8}", role="img",
              aria_label=words, cls="steps", style=f"max-width:{width}px")  # fmt: skip


def fitted(models: Iterable[Mapping[str, Any]]) -> Node:
    """All that was fitted, by split: on how many of which flows, with which features, tested on how many."""
    by_split: dict[str, list[Mapping[str, Any]]] = {}
    for one in models:
        by_split.setdefault(one["group"][0], []).append(one)
    return el("div", [of_split(split, members) for split, members in sorted(by_split.items())])


def of_split(split: str, members: Sequence[Mapping[str, Any]]) -> Node:
    """The fits on one split; models that see the same flows and features stand in one line."""
    factors = members[0]["factors"]
    name = factors["split"].partition(":")[0]
    words = [LEVELS["split"][name], LEVELS["duplicates"][factors["duplicates"]]]
    words += [LEVELS["labels"][factors["labels"]]] if factors["labels"] != "cleaned" else []
    words += [f"repetition {factors['repetition']}"] if factors["repetition"] else []
    lines: dict[str, dict[str, None]] = {}
    for one in members:
        for fold in one["folds"]:
            lines.setdefault(line(one, fold), {})[one["name"]] = None
    listed = [el("li", text, ": ", el("em", ", ".join(names))) for text, names in lines.items()]
    return folded(f"{split}: {'; '.join(words)} ({len(members)} fitted)", el("ul", listed))


def line(one: Mapping[str, Any], fold: Mapping[str, Any]) -> str:
    """What a model was fitted and tested on, in one part of a split."""
    level = one["factors"]["features"].partition(":")[0]
    target = LEVELS["target"][one["factors"]["target"]]
    part = "" if fold["fold"] == one["factors"]["split"] else f"{fold['fold']}: "
    if fold["reason"]:
        return f"{part}{LEVELS['features'][level]}, {target}: not built, as {fold['reason']}"
    held = f", {fold['n_validation']:,} held back for thresholds" if "n_validation" in fold else ""
    return (
        f"{part}{LEVELS['features'][level]} ({len(fold['features'])}), {target}; fitted on {fold['n_train']:,} of "
        f"{fold['n_train_all']:,} training flows{held}, tested on {fold['n_test']:,}"
    )


def report(workflow: str, rules: Mapping[str, str], models: Iterable[Mapping[str, Any]]) -> Node:
    """The section; ``workflow`` is the drawing of all rules, ``rules`` says of each rule of this build what it does."""
    edges = [edge for edge in EDGE.findall(workflow) if set(edge) <= rules.keys()]
    needs = before(edges)
    steps = [
        el("li", el("code", step), ": ", rules[step]) for row in rows_of(needs) for step in row
    ]  # fmt: skip
    return section(
        "learnt", "What was fitted on what",
        el("p", "Drawn from the workflow's own graph: a line leads down from what makes a file to what needs it. What "
                "learns (ranking, screening, filling, scaling, fitting) comes after the split and sees training flows "
                "alone; a test of the project alters the test part and finds that nothing learnt changes."),
        drawing(needs), el("ol", steps), el("h2", "Fitted models, by split"), fitted(models),
    )  # fmt: skip
