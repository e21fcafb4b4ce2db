"""Step: audit.html, on which a referee finds evidence, switches and every value, and a teacher a marking sheet.

It is the same wherever the build is repeated; time and memory of the steps, which are a machine's, are put into a copy
of it by ``paper.audit.timed``.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from analysis.audit.pitfalls import load as load_pitfalls
from analysis.command import In, Ins, Out, run
from analysis.record import Table, checksums, read_json, write_atomically
from analysis.record.files import read_values
from paper.audit import answers, checks, facts, learnt, pitfalls
from paper.audit.markup import PAPER, Node, el, written

HERE = Path(__file__).parent
STYLES = (HERE.parent / "web" / "page.css", HERE / "audit.css")
SCRIPTS = (HERE.parent / "web" / "scripted.js", HERE.parent / "web" / "contents.js", HERE / "audit.js")


def page(about: Mapping[str, Any], sections: Iterable[Node]) -> Node:
    """The whole page; ``about`` is the record, which says of what data it is. Its one script is allowed by its hash."""
    title = "What this paper rests on"
    parts = list(sections)
    style, script = ("\n".join(one.read_text(encoding="utf-8") for one in files) for files in (STYLES, SCRIPTS))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    sheet, program = el("style"), el("script")
    sheet.text, program.text = style, script
    contents = [el("li", el("a", part.get("aria-label"), href=f"#{part.get('id')}")) for part in parts]
    twin = "Its flows are synthetic: nothing on this page is a measurement of a network."
    return el(
        "html",
        el("head", el("meta", charset="utf-8"),
           el("meta", http_equiv="Content-Security-Policy", content=policy),
           el("meta", name="viewport", content="width=device-width, initial-scale=1"),
           el("meta", name="color-scheme", content="light dark"),
           el("meta", name="referrer", content="no-referrer"), el("title", title), sheet, program),
        el("body", el("a", "Skip to the text", cls="skip", href="#main"),
           el("header", el("h1", title, cls="title"),
              el("p", f"For referees and teachers. Data: {about['data']}.", cls="subtitle"),
              el("p", "It stands beside ", el("a", "the paper", href=PAPER), "; all of it was made by the same build."),
              el("p", el("strong", twin)) if about["synthetic"] else None, id="title-block-header"),
           el("nav", el("h2", "Contents", id="toc-title"), el("ul", contents), id="TOC", aria_labelledby="toc-title"),
           el("main", parts, id="main")),
        lang="en",
    )  # fmt: skip


def step(
    values: In, tables: Ins, claims: In, ledger: In, unused: In, models: Ins, pitfalls_file: In, workflow: In, lock: In,
    *, words: dict[str, str], settings: dict[str, Any], places: dict[str, str], html: Out,
) -> None:  # fmt: skip
    """Write the page.

    ``words`` says what each rule of the workflow does, ``settings`` are those that are not the defaults, and
    ``places`` the paper's sections, tables and figures: their titles by id.
    """
    record = read_values(values)
    known, synthetic = record["values"], record["synthetic"]
    of_tables = {path.stem: Table.from_json(read_json(path)) for path in tables
                 if path.stem in ("input_files", "cleaning", "defects", "class_inventory", "campaigns", "studies",
                                  "studies_cannot")}  # fmt: skip
    fitted = [one for path in models for one in read_json(path).values()]
    questions = answers.load()
    made = page(record, [
        answers.sheet(questions, known, places),
        pitfalls.pitfalls_section(load_pitfalls(pitfalls_file), known, settings, synthetic, questions),
        facts.data(of_tables),
        learnt.learnt_section(workflow.read_text(encoding="utf-8"), words, fitted),
        facts.classes(of_tables),
        checks.checks_section(checksums.read(unused).decode().split(), read_json(claims), read_json(ledger), known,
                              of_tables),
        facts.environment(known, lock.read_bytes()),
        facts.times(),
        facts.record(known, record["steps"]),
    ])  # fmt: skip
    with write_atomically(html) as temporary:
        temporary.write_text(f"<!DOCTYPE html>\n{written(made)}\n", encoding="utf-8")
    print(f"{html}: {len(known)} values, {len(fitted)} conditions")


if __name__ == "__main__":
    run(step)
