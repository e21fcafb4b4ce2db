"""Every mistake in a manuscript fails the render, in the filter that both renderers run, with its place."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from analysis.record import Value
from paper import pandoc
from paper.chapters import assemble
from paper.stage import LINES, stage

from .conftest import HERE


def filtered(folder: Path, body: str, *, front: str = "bibliography: demo.bib", to: str = "html") -> str:
    """What the filter says of a manuscript with this body; its first line is line 5."""
    (folder / "paper.qmd").write_text(f"---\ndate: 2026-01-31\n{front}\n---\n{body}\n", encoding="utf-8")
    command = [pandoc.executable(), "paper.qmd", "--from=markdown", f"--to={to}", "--lua-filter=filters/flowpaper.lua"]
    done = subprocess.run([str(part) for part in command], cwd=folder, capture_output=True, text=True)
    return pandoc.explain(done.stderr, "Pandoc") if done.returncode else "fine: " + done.stdout


@pytest.fixture
def staged(build: Path) -> Path:
    own = {"build.renderer": Value("build.renderer", "Pandoc", "text", "renderer")}
    folder = stage(build, build / "paper", assemble(HERE / "demo.qmd"), HERE / "demo.bib", own).parent
    (folder / LINES).unlink()  # what is written in its place has lines of its own
    return folder


MISTAKES = {
    "value": ("`binary.forest.f1`{.val}", "paper.qmd:5: unknown value 'binary.forest.f1'; nearest: binary."),
    "form": ("`data.prevalence`{.val form=per}", "paper.qmd:5: value 'data.prevalence' has no form 'per'"),
    "condition": ('[x]{when="data.synthetics"}', "paper.qmd:5: unknown value 'data.synthetics'; nearest: data."),
    "not boolean": ('[x]{when="data.flows"}', "paper.qmd:5: condition 'data.flows': the value 'data.flows'"),
    "not a condition": ('[x]{when="a or b"}', "paper.qmd:5: condition 'a or b' is not a value's key"),
    "table": ('::: {#tbl-a from="binary_model"}\nx\n:::', "paper.qmd:5: unknown table 'binary_model'; nearest: bin"),
    "column": ('::: {#tbl-a from="long" columns="nam"}\nx\n:::', "paper.qmd:5: table 'long' has no column 'nam'"),
    "fence": ('::: {when="data.synthetic"}\nText.\n:::\n\n:::', "':::' opens or closes no passage"),
    "ending": ('::: {#tbl-a from="long" rows="*.all"}\nx\n:::', "paper.qmd:5: table 'long' has no row '*.all'"),
    "row": ('::: {#tbl-a from="long" rows="x"}\nx\n:::', "paper.qmd:5: table 'long' has no row 'x'"),
    "caption": ('::: {#tbl-a from="long"}\n:::', "paper.qmd:5: table 'tbl-a' has no caption"),
    "figure reference": ("\nSee @fig-x.", "paper.qmd:6: there is no figure 'fig-x'; there are none"),
    "section reference": ("# A {#sec-ab}\n\n@sec-a", "there is no section 'sec-a'; nearest: sec-ab"),
    "equation reference": ("$$x$$ {#eq-a}\n\n[-@eq-b]", "paper.qmd:7: there is no equation 'eq-b'; nearest: eq-a"),
    "id twice": ("# A {#sec-a}\n\n# B {#sec-a}", "paper.qmd:5 (also 7): the id 'sec-a' is given twice"),
    "picture": ("![x](figures/none.svg){#fig-a}", "paper.qmd:5: picture figures/none.svg does not exist"),
    "remote picture": ("![x](https://example.org/a.svg)", "paper.qmd:5: picture https://example.org/a.svg is not"),
    "citation": ("[@doe2018]", "paper.qmd:5: citation 'doe2018' is not in the bibliography; nearest: doe2019"),
    "space before attributes": ("`data.flows` {.val}", "paper.qmd:5: '{.val}' was not understood"),
    "value in mathematics": ("$`data.flows`{.val}$", "was not understood"),
    "shortcode": ("{{< var x >}}", "paper.qmd:5: '{{<' was not understood"),
    "numbered example": ("@doe2019. A sentence.", "is read as a numbered example"),
    "appendix in a bracket": ("# A {#sec-a .appendix}\n\n# B {#sec-b}\n\n[@sec-a; @sec-b]", "in one bracket"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_its_place(staged: Path, mistake: str) -> None:
    body, expected = MISTAKES[mistake]
    assert expected in filtered(staged, body)


CELLS = {
    "table": ("`modles[model=adaboost].f1`{.val}", "paper.qmd:5: there is no table 'modles'; nearest: binary_models"),
    "row": (
        "`wide[feature='Bwd Packet Length'].mean`{.val}",
        "paper.qmd:5: 'wide[feature='Bwd Packet Length'].mean': table 'wide' has no such row with feature "
        "'Bwd Packet Length'; nearest: Bwd Packet Length Std",
    ),
    "column": ("`long[name=metric_3].m`{.val}", "table 'long' has no column 'm'; nearest: n"),
    "cell-form": ("`long[name=metric_3].n`{.val form=percent}", "has no form 'percent'"),
    "cell-condition": ("[x]{when=\"not wide[feature='Bwd Packet Length Max'].mean\"}", "is not true or false"),
}


@pytest.mark.parametrize("mistake", CELLS)
def test_a_mistake_in_an_address_is_named_with_its_place(build: Path, tmp_path: Path, mistake: str) -> None:
    body, expected = CELLS[mistake]
    manuscript = tmp_path / "paper.qmd"
    manuscript.write_text(f"---\ndate: 2026-01-31\nbibliography: demo.bib\n---\n{body}\n", encoding="utf-8")
    folder = stage(build, build / "paper", assemble(manuscript), HERE / "demo.bib", {}).parent
    assert expected in filtered(folder, body)


def test_all_mistakes_are_told_at_once(staged: Path) -> None:
    said = filtered(staged, "`a.b`{.val}\n\n@fig-x\n\n[@nobody]")
    assert all(text in said for text in ("paper.qmd:5:", "paper.qmd:7:", "paper.qmd:9:"))


@pytest.mark.parametrize(("full", "fine"), [(False, True), (True, False)])
def test_claims_of_chapters_that_are_left_out_are_not_looked_for(staged: Path, full: bool, fine: bool) -> None:
    path = staged / "record" / "values.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["values"]["study.full"] = Value("study.full", full, "text", "whether all chapters are there").to_json()
    path.write_text(json.dumps(record), encoding="utf-8")
    said = filtered(staged, '[[x]{claim="elsewhere"}]{when="study.full"}')
    assert said.startswith("fine: ") == fine
    assert ("unknown claim 'elsewhere'" in said) != fine


def test_what_is_not_in_the_paper_is_not_checked(staged: Path) -> None:
    said = filtered(staged, '::: {when="not data.synthetic"}\n`a.b`{.val} @fig-x\n:::\n\n[kept]{when="data.synthetic"}')
    assert said.startswith("fine: ")
    assert "<p>kept</p>" in said


@pytest.mark.parametrize(
    ("form", "seen", "hidden"), [("html", "page", "sheet"), ("json", "page", "sheet"), ("typst", "sheet", "page")]
)
def test_a_passage_may_stand_in_the_page_alone(staged, form, seen, hidden):
    """The lint, which asks for JSON, reads what the page has."""
    text = '[sheet]{when="not format.html"}\n\n::: {when="format.html"}\npage\n:::'
    said = filtered(staged, text, to=form)
    assert said.startswith("fine: ")
    assert seen in said
    assert hidden not in said


def test_conditions_inside_what_is_not_in_the_paper_are_not_checked(staged: Path) -> None:
    said = filtered(staged, '::: {when="not data.synthetic"}\n[x]{when="a.b"}\n:::\n\n[kept]{when="data.synthetic"}')
    assert said.startswith("fine: ")


def test_a_missing_value_shows_its_reason_and_counts_as_false(staged: Path) -> None:
    said = filtered(staged, '`release.has_timestamps`{.val form=percent} [no]{when="not release.has_timestamps"}')
    assert "not recorded</span> no" in " ".join(said.split())


def test_a_mistake_in_the_front_matter(staged: Path) -> None:
    assert "paper.qmd:3: unknown value 'a.b'" in filtered(staged, "x", front='title: "`a.b`{.val}"')
    assert "the bibliography none.bib does not exist" in filtered(staged, "x", front="bibliography: none.bib")


def test_the_record_is_found_elsewhere_or_missed_in_one_message(staged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (staged / "record").rename(staged.parent / "elsewhere")
    said = filtered(staged, "`data.flows`{.val}")
    assert "there is no record of results" in said
    assert "make paper" in said
    monkeypatch.setenv("FLOWPAPER_RECORD", str(staged.parent / "elsewhere"))
    assert "56,615" in filtered(staged, "`data.flows`{.val}")


def test_the_filter_finds_its_parts_from_another_folder(staged: Path) -> None:
    (staged / "paper.qmd").write_text("`data.flows`{.val}\n")
    filters = f"--lua-filter={staged.name}/filters/flowpaper.lua"
    command = [str(pandoc.executable()), f"{staged.name}/paper.qmd", "--from=markdown", "--to=plain", filters]
    done = subprocess.run(command, cwd=staged.parent, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "56,615"
