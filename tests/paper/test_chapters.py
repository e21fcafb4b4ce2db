"""The manuscript in chapters: one document, and every message names the chapter's own file and line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from analysis.errors import UserError
from paper.chapters import assemble
from paper.lint.check import errors, lint
from paper.lint.early import demand_claims
from paper.render import render
from tests.conftest import ROOT
from tests.paper.conftest import HERE

FRONT = "---\ntitle: T\nauthor: [{name: A}]\ndate: 2026-01-31\nbibliography: demo.bib\n---\n"
BIBLIOGRAPHY = HERE / "demo.bib"


def write(folder: Path, **chapters: str) -> Path:
    """A manuscript of chapters, each from line 7 of its file; one called part_... belongs to the full study only."""
    (folder / "chapters").mkdir(parents=True, exist_ok=True)
    for name, body in chapters.items():
        study = "full\nsteps: [grid]" if name.startswith("part") else "source\nsteps: []"
        (folder / "chapters" / f"{name}.qmd").write_text(f"---\nstudy: {study}\n---\n\n\n{body}\n")
    path = folder / "paper.qmd"
    path.write_text(FRONT + "".join(f"\n{{{{< include chapters/{name}.qmd >}}}}\n" for name in chapters) + "\nEnd.\n")
    return path


def test_chapters_make_one_document_and_each_line_is_known(tmp_path: Path) -> None:
    whole = assemble(write(tmp_path, one="# Flows\n\nText.", part_two="# Grid", three="# End"))
    assert whole.text == f"{FRONT}\n# Flows\n\nText.\n\n# Grid\n\n# End\n\nEnd.\n"
    for number, line in enumerate(whole.text.split("\n"), 1):
        path, own = whole.place(number)
        assert path.read_text().split("\n")[own - 1] == line
    part = assemble(whole.path, "source")
    assert "# Grid" not in part.text
    assert part.place(part.text.split("\n").index("# End") + 1) == (tmp_path / "chapters" / "three.qmd", 7)


def test_the_paper_has_no_line_that_nobody_wrote() -> None:
    whole = assemble(ROOT / "paper" / "paper.qmd")
    texts = {path: (ROOT / path).read_text(encoding="utf-8").split("\n") for _, path, _ in whole.pieces}
    lines = whole.text.split("\n")
    for number, line in enumerate(lines, 1):
        path, own = whole.place(number)
        assert texts[path][own - 1] == line


FOUND = {
    "of the tree": ("An F1 of 0.97.", "digit"),
    "of markup out of place": ('# Heading {claim="best"}', "claim"),
    "of a set-aside": ('[Text]{lint-ok="digit: as it must be"}.', "set-aside"),
    "before a build: reference": ("See @sec-nowhere.", "unresolved-reference"),
    "before a build: citation": ("As @nobody2000 says.", "unresolved-citation"),
    "before a build: claim": ('[x]{claim="no-such"}', "claim"),
    "before a build: picture": ("![x](figures/none.svg){#fig-a}", "missing-picture"),
    "of filters: value": ("`binary.forest.f1`{.val}", "unknown-key"),
    "of filters: table": ('::: {#tbl-a from="nothing"}\nx\n:::', "unknown-table"),
}


@pytest.mark.parametrize("message", FOUND)
def test_a_message_names_the_chapter_and_its_line(build: Path, tmp_path: Path, message: str) -> None:
    body, rule = FOUND[message]
    path = write(tmp_path, one="# Flows", two=f"# Grid\n\n{body}", three="# End")
    found = errors(lint(path, build if "filters" in message else None, BIBLIOGRAPHY))
    where = (tmp_path / "chapters" / "two.qmd").as_posix()
    assert {(one.path, one.line, one.rule) for one in found} == {(where, 9, rule)}


def test_an_id_in_two_chapters_names_the_second(tmp_path: Path) -> None:
    path = write(tmp_path, one="# Flows {#sec-a}", two="# Grid {#sec-a}")
    (found,) = errors(lint(path, None, BIBLIOGRAPHY))
    assert (found.path, found.line) == ((tmp_path / "chapters" / "two.qmd").as_posix(), 7)


def test_a_render_names_the_chapter_too(build: Path, tmp_path: Path) -> None:
    path = write(tmp_path, one="# Flows\n\n`a.b`{.val}", two="# Grid\n\n`a.b`{.val}\n\n`a.b`{.val}")
    one, two = ((tmp_path / "chapters" / f"{name}.qmd").as_posix() for name in ("one", "two"))
    with pytest.raises(UserError, match=re.escape(f"{one}:9 (also {two}:9, {two}:11): unknown value 'a.b'")):
        render(build, "pandoc", path, BIBLIOGRAPHY)


def test_a_claim_that_fails_names_where_it_is_made_and_where_it_stands(build: Path, tmp_path: Path) -> None:
    path = write(tmp_path, one='# Flows\n\n[It wins]{claim="wins"}.')
    failed = {"holds": False, "condition": "a.b > 1", "values": {"a.b": "0"}, "place": "one.claims.yaml:3"}
    (build / "claims.json").write_text(json.dumps({"wins": failed}))
    with pytest.raises(UserError, match=r"one\.qmd:9: claim 'wins' does not hold.*'otherwise' in one\.claims\.yaml:3"):
        render(build, "pandoc", path, BIBLIOGRAPHY)


def test_claims_stand_beside_their_chapter(tmp_path: Path) -> None:
    path = write(tmp_path, one='[x]{claim="a"}', part_two='[x]{claim="b"}')
    for name, claim in (("one", "a"), ("part_two", "b")):
        (tmp_path / "chapters" / f"{name}.claims.yaml").write_text(f"{claim}:\n  holds: a.b > 1\n  note: n\n")
    assert errors(lint(path, None, BIBLIOGRAPHY)) == []
    assert [file.name for file in assemble(path).claims] == ["one.claims.yaml", "part_two.claims.yaml"]
    assert [file.name for file in assemble(path, "source").claims] == ["one.claims.yaml"]
    (tmp_path / "chapters" / "one.claims.yaml").write_text("a:\n  holds: a.b >\n  note: n\n")
    with pytest.raises(UserError, match=r"chapters/one\.claims\.yaml: claim 'a': the condition 'a\.b >' "):
        demand_claims(assemble(path))
    (tmp_path / "chapters" / "one.claims.yaml").write_text("b:\n  holds: a.b > 1\n  note: n\n")
    with pytest.raises(UserError, match=r"part_two\.claims\.yaml: claim 'b' is given in .*one\.claims\.yaml too"):
        demand_claims(assemble(path))


MISTAKES = {
    "no header": ("# Flows\n", "chapters/one.qmd:1: a chapter begins with a header"),
    "another study": ("---\nstudy: half\n---\n\n# Flows\n", "chapters/one.qmd:1: a chapter begins with a header"),
    "an unknown entry": ("---\nstudy: full\nstep: [a]\n---\n\n# Flows\n", "chapters/one.qmd:1: a chapter begins"),
    "no YAML": ("---\nstudy: [\n---\n\n# Flows\n", "chapters/one.qmd:1: a chapter begins with a header"),
    "not there": (None, "paper.qmd:8: there is no chapter"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_chapter_that_is_none_is_one_message(tmp_path: Path, mistake: str) -> None:
    text, message = MISTAKES[mistake]
    path = write(tmp_path, one="# Flows")
    chapter = tmp_path / "chapters" / "one.qmd"
    chapter.write_text(text) if text else chapter.unlink()
    with pytest.raises(UserError, match=re.escape(message)) as raised:
        assemble(path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["two.qmd", "two.claims.yaml"])
def test_a_chapter_that_nobody_includes_is_not_lost_in_silence(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, one="# Flows")
    (tmp_path / "chapters" / name).write_text("---\nstudy: full\n---\n")
    with pytest.raises(UserError, match=rf"{re.escape(name)}: no line of .*paper\.qmd includes its chapter"):
        assemble(path)


SENTENCES = {
    "See @sec-two.": "there is no section 'sec-two'",
    "See @fig-two.": "there is no figure 'fig-two'",
    '[x]{claim="two"}': "there is no claim 'two' in the chapters' .claims.yaml",
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_who_may_be_on_alone_leans_on_nothing_that_may_be_off(tmp_path: Path, sentence: str) -> None:
    two = '# Grid {#sec-two}\n\n![A](figures/roc_pr.svg){#fig-two}\n\n[x]{claim="two"}, see @sec-two and @sec-one.'
    path = write(tmp_path, one=f"# Flows {{#sec-one}}\n\n{sentence}", part_two=two)
    claims = tmp_path / "chapters" / "part_two.claims.yaml"
    claims.write_text("two:\n  holds: a.b > 1\n  note: n\n")
    (found,) = errors(lint(path, None, BIBLIOGRAPHY))
    assert (found.path, found.line) == ((tmp_path / "chapters" / "one.qmd").as_posix(), 9)
    owner = (claims if "claim" in sentence else tmp_path / "chapters" / "part_two.qmd").as_posix()
    assert found.text.startswith(
        f"{SENTENCES[sentence]} in the study 'source': it stands in {owner}, of the study 'full'"
    )
    write(tmp_path, one=f'# Flows {{#sec-one}}\n\n[{sentence}]{{when="study.full"}}', part_two=two)
    assert errors(lint(path, None, BIBLIOGRAPHY)) == []


def test_what_only_a_chapter_needs_that_is_off_is_idle(tmp_path: Path) -> None:
    both = "![A](figures/a.svg){#fig-a}"
    path = write(tmp_path, one=both, part_two=f"{both}\n\n![B](figures/b.svg){{#fig-b}}")
    off, on = assemble(path, "source"), assemble(path)
    assert (off.idle_steps, off.idle_figures, on.idle_steps, on.idle_figures) == ({"grid"}, {"b"}, set(), set())
    on.demand_steps(iter(["grid", "clean"]))
    with pytest.raises(UserError, match=r"part_two\.qmd: its header names steps that are none: grid"):
        off.demand_steps(["clean"])


def test_a_paper_of_the_smaller_study_has_no_other_chapter(build: Path, tmp_path: Path) -> None:
    path = write(tmp_path, one="# Flows\n\n`data.flows`{.val}", part_two="# Grid\n\n`grid.cells`{.val}")
    html, _ = render(build, "pandoc", path, BIBLIOGRAPHY, study="source")
    assert "Flows" in html.read_text()
    assert "Grid" not in html.read_text()


PADDED = re.compile(r"\[\s[^\]]|\s\]\{")
"""A passage in brackets that begins or ends with a space, which Pandoc takes away: the words beside it run together."""


def test_no_passage_relies_on_a_space_at_its_end() -> None:
    assert PADDED.search("a[ b]{when=x}")
    assert PADDED.search("[`k`{.val} and ]{when=x}[on]{when=y}")
    assert PADDED.search("[@one].[ Cite [@two].]{when=x}")
    assert not PADDED.search("a [b]{when=x} [`k`{.val form=y}]{when=z}")
    for path in sorted((ROOT / "paper").rglob("*.qmd")):
        prose = re.sub(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`", "x", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        found = PADDED.search(prose)
        assert found is None, f"{path.name}: {found and found[0]}"
