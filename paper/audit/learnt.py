"""What was fitted on what: a table of the steps up to the fit, and a list of all that was fitted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from analysis.conditions.condition import LEVELS
from paper.audit.markup import Node, cells, el, folded, grid, section

ARROW = re.compile(r"^ +(\w+) --> (\w+)$", re.MULTILINE)
"""An arrow of the workflow's drawing in Mermaid."""
IMPLIED = re.compile(r"^ +%% (\w+) <-- (.+)$", re.MULTILINE)
"""What a step needs besides, and the drawing leaves out because a longer way implies it."""
FIT, SPLIT, RECORD = "fit", "split", "gather"


def edges_of(workflow: str) -> list[tuple[str, str]]:
    """Pairs of steps of which the second needs the first, from the text of the drawing.

    >>> edges_of("    split --> rank\\n    rank --> fit\\n    %% fit <-- split, clean")
    [('split', 'rank'), ('rank', 'fit'), ('split', 'fit'), ('clean', 'fit')]
    """
    implied = [(one, step) for step, names in IMPLIED.findall(workflow) for one in names.split(", ")]
    return [*ARROW.findall(workflow), *implied]


def before(step: str, needs: Mapping[str, set[str]]) -> set[str]:
    """All that a step needs, at any distance.

    >>> sorted(before("fit", {"fit": {"b"}, "b": {"a"}, "a": set(), "c": {"fit"}}))
    ['a', 'b']
    """
    found, waiting = set[str](), [step]
    while waiting:
        new = needs[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def by_depth(needs: Mapping[str, set[str]]) -> list[str]:
    """The steps in an order in which each comes after all that it needs.

    >>> by_depth({"fit": {"split", "rank"}, "rank": {"split"}, "split": set()})
    ['split', 'rank', 'fit']
    """

    @cache
    def depth(step: str) -> int:
        return max((depth(one) + 1 for one in needs[step]), default=0)

    return sorted(needs, key=lambda step: (depth(step), step))


def sees(step: str, needs: Mapping[str, set[str]]) -> str:
    """Which flows a step is given: what needs the split, at any distance, the training part alone.

    >>> sees("rank", {"rank": {"split"}, "split": set()})
    'training flows alone'
    """
    if step == FIT:
        return "fits on training flows, answers for test flows"
    if step == SPLIT:
        return "says which flows train and which test"
    return "training flows alone" if SPLIT in before(step, needs) else "all flows"


def steps(names: Sequence[str], needs: Mapping[str, set[str]], words: Mapping[str, str], **more: Sequence[str]) -> Node:
    """A table of steps: what each does by ``words``, what it reads from by ``needs``, and ``more`` columns by name."""
    heads = ["Step", "What it does", *more, "Reads from"]
    rows = [
        cells([el("code", one), words[one], *further, linked(sorted(needs[one]))], heads, id=f"step-{one}")
        for one, *further in zip(names, *more.values(), strict=True)
    ]
    return grid(heads, rows, data_steps="")


def linked(names: Iterable[str]) -> list[Node | str]:
    """Names of steps, each a link to its row."""
    parts: list[Node | str] = []
    for name in names:
        parts += [", "] if parts else []
        parts.append(el("a", el("code", name), href=f"#step-{name}"))
    return parts


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


def learnt_section(workflow: str, rules: Mapping[str, str], models: Iterable[Mapping[str, Any]]) -> Node:
    """The section; ``workflow`` is the drawing of all rules, ``rules`` says of each rule of this build what it does."""
    edges = [edge for edge in edges_of(workflow) if set(edge) <= rules.keys()]
    named = {FIT, RECORD, *(one for edge in edges for one in edge)}
    needs = {one: {first for first, second in edges if second == one} for one in named}
    order = by_depth(needs)
    way = [one for one in order if one == FIT or one in before(FIT, needs)]
    others = [one for one in order if one not in way and one in before(RECORD, needs)]
    return section(
        "learnt", "What was fitted on what",
        el("p", "From the workflow's own graph: each step, from the flows down to the fitted models, with all that it "
                "reads from. What learns (ranking, screening, filling, scaling, fitting) reads from the split and sees "
                "training flows alone; a test of the project alters the test part and finds that nothing learnt "
                "changes."),
        steps(way, needs, rules, Flows=[sees(one, needs) for one in way]),
        folded(f"The other {len(others)} steps up to the record of values", steps(others, needs, rules))
        if others else None,
        el("h2", "Fitted models, by split"), fitted(models),
    )  # fmt: skip
