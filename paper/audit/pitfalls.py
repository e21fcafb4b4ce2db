"""The ten pitfalls with evidence, verdict and switches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from analysis.audit.condition import Condition
from analysis.audit.pitfalls import PLACE, VERDICTS, Check, Pitfall, Switch
from paper.audit import switches
from paper.audit.answers import Found, Question
from paper.audit.markup import Node, el, folded, key, reading, section

JUDGED = "pitfalls.count.all"
"""A value of the step that judges; a study of the source alone has none."""


def pitfalls_section(
    pitfalls: Sequence[Pitfall], values: Found, own: Mapping[str, Any], synthetic: bool, questions: Sequence[Question]
) -> Node:
    """The section; ``own`` are the settings of the build that are not the defaults."""
    how = (
        "Avoided: every piece of evidence speaks for this paper; partly: some do; what a build cannot compute does "
        "not. A switch builds the whole paper again without the choice: put its lines into a file of that name and run "
        "the command. They are the settings of this build, and the switch."
    )
    if JUDGED not in values:
        how += " This study has the chapters on the source alone, and judges none: build it with study: full."
    asked = {one.id: [q for q in questions if q.pitfall == one.id] for one in pitfalls}
    return section(
        "pitfalls", "Ten pitfalls", el("p", how),
        el("ul", [el("li", el("a", one.name, href=f"#pitfall-{one.id}"), ": ", said(one, values)) for one in pitfalls]),
        [of_pitfall(one, values, own, synthetic, asked[one.id]) for one in pitfalls],
    )  # fmt: skip


def said(pitfall: Pitfall, values: Found) -> str:
    """The verdict on this paper."""
    return VERDICTS[pitfall.verdict(values)] if JUDGED in values else "not judged"


def of_pitfall(
    pitfall: Pitfall, values: Found, own: Mapping[str, Any], synthetic: bool, asked: Sequence[Question]
) -> Node:
    """One pitfall: verdict, evidence, questions, switches."""
    return el(
        "section",
        el("h2", f"{pitfall.name}: ", el("em", said(pitfall, values))),
        el("p", f"The source: {pitfall.source} ({pitfall.because})."),
        el("ul", [el("li", evidence(check, values)) for check in pitfall.checks]) if JUDGED in values else None,
        el("p", "Asked in the questions: ", [el("span", el("a", one.question, href=f"#ask-{one.id}"), " ")
                                             for one in asked])
        if asked else None,
        [of_switch(one, own, synthetic) for one in pitfall.switches],
        el("p", el("strong", "What no setting changes. "), pitfall.lacks) if pitfall.lacks else None,
        id=f"pitfall-{pitfall.id}",
    )  # fmt: skip


def evidence(check: Check, values: Found) -> list[Node | str]:
    """Whether a check is met, in words, with its rule and the values that this names."""
    asked = dict.fromkeys([*Condition(check.holds).keys, *PLACE.findall(check.says)])
    named: list[Node | str] = []
    for one in asked:
        named += [key(one, values), f" = {reading(one, values)}", ", "]
    return [el("strong", "met: " if check.met(values) else "not met: "), check.words(values), el("br"),
            el("small", "rule ", el("code", check.holds), "; ", named[:-1])]  # fmt: skip


def of_switch(switch: Switch, own: Mapping[str, Any], synthetic: bool) -> Node:
    """A switch: what it does, the file and the command to copy; or that it is on."""
    title = f"Switch {switch.name}: {switch.does}"
    if switches.on(own, switch):
        return el("p", f"{title}. This build is built so.")
    file, text = f"{switch.name}.yaml", switches.file_of(own, switch)
    command = switches.command(switch, synthetic)
    return folded(
        title,
        el("pre", el("code", text), tabindex="0", aria_label=file),
        el("p", el("a", f"Save {file}", download=file, href=f"data:text/plain;charset=utf-8,{quote(text)}"), " ",
           copies(file), cls="offers"),
        el("pre", el("code", command), tabindex="0", aria_label="command"),
        el("p", copies("command"), cls="offers"),
        el("p", "Then ", el("code", switches.comparison(switch)), " tells what differs from this build, flipped claims "
                "first."),
        name=f"switch-{switch.name}",
    )  # fmt: skip


def copies(what: str) -> list[Node]:
    """A button that copies the text that stands before it, for who has scripts, and where it says so."""
    return [el("button", f"Copy {what}", type="button", data_copy=""), el("output")]
