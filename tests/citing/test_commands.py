"""Cite, list and verify, from builds as they are published."""

from __future__ import annotations

import json

import pytest

from analysis.citing import cite, values, verify
from analysis.citing.builds import find
from analysis.citing.sentence import sentence
from analysis.command import call
from analysis.errors import UserError
from tests.citing.conftest import whole
from tests.citing.test_sentence import value


@pytest.fixture(autouse=True)
def here(monkeypatch, root):
    monkeypatch.chdir(root)


def test_a_number_is_cited_with_both_references_and_its_place(publish):
    publish("mine")
    build = find(None)
    said, paper, data, link = cite.cited(build, "a.f1").split("\n\n")
    assert said == sentence("a.f1", whole(), "mine", build.id)
    assert f"build mine of flowpaper 0.1.0, id {build.id}" in paper
    assert data.startswith("Sharafaldin, I.")
    assert link == "Path in the results folder: results/mine/values.json, key a.f1"
    publish("paged", page='<div id="v-a.f1" data-key="a.f2"><div id="v-a.f1-2" data-key="a.f1">')
    assert cite.cited(find("paged"), "a.f1").endswith(
        "\n\nPath in the results folder: results/paged/paper.html#v-a.f1-2"
    )


def test_the_link_is_the_repository_where_the_settings_name_one(publish):
    address = "https://example.org/study"
    content = whole()
    content["values"]["paper.repository"] = value("paper.repository", address)
    publish("mine", content)
    where = f"{address} (path in the results folder: results/mine/values.json, key a.f1)"
    assert cite.cited(find("mine"), "a.f1").endswith(f"\n\n{where}")
    item = json.loads(cite.cited(find("mine"), "a.f1", "csl-json"))[0]
    assert item["URL"] == address
    assert item["note"].endswith(where)
    assert f"  url          = {{{address}}}" in cite.cited(find("mine"), "a.f1", "bibtex")


@pytest.mark.parametrize("words", [["--synthetic", "a.f1"], ["a.f1", "--synthetic"], ["--synthetic=True", "a.f1"],
                                   ["--synthetic", "--", "a.f1"], ["--synthetic", "True", "a.f1"]])  # fmt: skip
def test_the_switch_for_synthetic_flows_takes_no_key(publish, capsys, words):
    publish("twin", whole(synthetic=True))
    call(cite.step, words)
    assert "Synthetic flows, which measure no network: F1 of the forest" in capsys.readouterr().out


def test_styles_for_programs_hold_the_sentence_as_a_note(publish):
    publish("mine")
    item = json.loads(cite.cited(find("mine"), "a.f1", "csl-json"))[0]
    said = sentence("a.f1", whole(), "mine", find("mine").id)
    assert item["note"] == f"{said} Path in the results folder: results/mine/values.json, key a.f1"
    assert r"95\% interval" in cite.cited(find("mine"), "a.f1", "bibtex")


def test_synthetic_numbers_are_refused_unless_meant_and_then_say_so(publish):
    publish("twin", whole(synthetic=True))
    with pytest.raises(UserError, match=r"SYNTHETIC=1"):
        cite.cited(find("twin"), "a.f1")
    for style in ("apa", "bibtex", "csl-json"):
        assert "Synthetic flows, which measure no network" in cite.cited(find("twin"), "a.f1", style, synthetic=True)


@pytest.mark.parametrize("key", ["a.\u200bf1", " a.f1 ", "a.f1\n", "a.\u2060f\u00ad1\ufeff"])
def test_a_key_is_read_as_it_is_copied_from_a_paper(publish, key):
    publish("mine")
    assert cite.cited(find("mine"), key) == cite.cited(find("mine"), "a.f1")


def test_what_cannot_be_cited_says_why(publish):
    publish("mine")
    with pytest.raises(UserError, match=r"no value 'a\.f2'; nearest: a\.f1"):
        cite.cited(find("mine"), "a.f2")
    with pytest.raises(UserError, match=r"a\.gone has no value in build mine: no days"):
        cite.cited(find("mine"), "a.gone")


def test_a_build_that_is_not_there_or_not_named(publish):
    with pytest.raises(UserError, match=r"BUILD: name a build .*there: none"):
        find(None)
    publish("mine")
    publish("yours")
    with pytest.raises(UserError, match=r"there: mine, yours"):
        find(None)
    for name in ("others", "../results/mine", "."):
        with pytest.raises(UserError, match=r"BUILD: there is no build .*there: mine, yours"):
            find(name)


def spoil_values(folder):
    (folder / "values.json").write_text("{}")


def spoil_table(folder):
    (folder / "tables/t.csv").unlink()


def add_file(folder):
    (folder / "tables/u.csv").write_text("a\n2\n")


def change_settings(folder):
    path = folder / "build.json"
    path.write_text(path.read_text().replace('"seed": 1', '"seed": 2'))


def change_form(folder):
    path = folder / "build.json"
    path.write_text(path.read_text().replace('"flowpaper/build/1"', '"x"'))


def empty_manifest(folder):
    (folder / "build.json").write_text("[]")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_values, "values.json was altered"),
        (spoil_table, "tables/t.csv is missing"),
        (add_file, "tables/u.csv was added"),
        (change_settings, "build.json: was altered, or another version wrote it"),
        (change_form, "build.json: is x, and this version reads flowpaper/build/1; build it anew"),
        (empty_manifest, "build.json: was altered, or another version wrote it"),
    ],
)
def test_an_altered_build_is_not_cited(publish, spoil, said):
    spoil(publish("mine"))
    with pytest.raises(UserError, match=said):
        find("mine")


def test_values_of_another_schema_are_not_read(publish):
    publish("mine", whole() | {"schema": "flowpaper/values/1"})
    with pytest.raises(UserError, match=r"is flowpaper/values/1, and this version reads flowpaper/values/2"):
        find("mine")


def test_values_are_found_by_words_in_key_text_or_definition(publish, capsys):
    publish("mine", whole(label=value("a.label", "x\ny\x1b[2J", definition="a label\twith a tab")))
    values.step(find="FOREST f1")
    assert capsys.readouterr().out == "a.f1\t0.915 [0.894, > 0.999]\tF1 of the forest\n".replace("> 0", ">\u202f0")
    values.step(find="a.label")
    assert capsys.readouterr().out.count("\n") == 1
    values.step()
    assert len(capsys.readouterr().out.splitlines()) == len(find("mine").record["values"])
    with pytest.raises(UserError, match="FIND: no value of build mine holds 'nothing such'"):
        values.step(find="nothing such")


def test_an_id_finds_its_builds_and_their_files_are_checked(publish, capsys):
    folder, identifier = publish("mine"), find("mine").id
    publish("other", seed=2)
    with pytest.raises(SystemExit) as done:
        verify.step(identifier.upper())
    assert done.value.code == 0
    assert "all 3 files are as they were published" in capsys.readouterr().out
    publish("copy")
    spoil_table(folder)
    with pytest.raises(SystemExit) as done:
        verify.step(identifier[:8])
    out = capsys.readouterr().out
    assert done.value.code == 1
    assert "mine/tables/t.csv is missing" in out
    assert "copy: id" in out
    assert "other" not in out


def test_an_id_of_no_build_names_those_that_are_there(publish):
    publish("mine")
    identifier = find("mine").id
    change_settings(publish("altered"))
    with pytest.raises(
        UserError, match=rf"ID: no build .* has the id 000000; there: {identifier} \(mine\); altered.*: altered"
    ):
        verify.find_id("000000")
    with pytest.raises(UserError, match="at least 6 digits"):
        verify.find_id("")
