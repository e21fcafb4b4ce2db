"""Two builds within tolerances: each outcome, each kind of number, and what cannot be compared."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.audit import compare_builds, pdf
from analysis.audit.compare_builds import compare, folder_of, notes
from analysis.audit.tolerance import Tolerance, of_csv, of_json, of_text, visible
from analysis.errors import UserError
from analysis.record.files import BUILD

USUAL = Tolerance()


def values(**entries: tuple[object, str]) -> dict:
    return {key.replace("__", "."): {"value": value, "unit": unit} for key, (value, unit) in entries.items()}


def make(folder: Path, *, f1: float = 0.91, identity: str = "synthetic twin", **files: str) -> Path:
    (folder / "tables").mkdir(parents=True)
    entries = values(binary__f1=(f1, "fraction"), flows=(56_615, "flows"), versions__python=("3.11", ""))
    contents = {
        "values.json": json.dumps({"values": entries}),
        "build.json": json.dumps(
            {"schema": BUILD, "identity": identity, "settings": {"seed": 1}, "versions": {"a": "1"}}
        ),
        "tables/models.csv": f"model,f1,tp,data\nforest,{f1},91,twin\n",
        "paper.html": f'<style>p</style><p>An F1 of {f1:.3f} in <b>91</b> flows.</p><h1 id="sec-colophon">1.2</h1>',
        "paper.pdf": pdf_of(f"An F1 of {f1:.3f} in 91 flows."),
        "figures.svg": "<svg/>",
        "figures.png": "picture",
    } | files
    for name, text in contents.items():
        (folder / name).write_text(text, encoding="utf-8")
    publish(folder)
    return folder


def publish(folder: Path) -> None:
    """Write the checksums of the files as they are into build.json."""
    path = folder / "build.json"
    entry = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(entry, dict):
        files = [file for file in folder.rglob("*") if file.is_file() and file != path]
        entry["files"] = {f.relative_to(folder).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}
        path.write_text(json.dumps(entry), encoding="utf-8")


def pdf_of(*texts: str) -> str:
    """A PDF with a page for each text, a line of it below the other."""
    kids = " ".join(f"{10 + 2 * i} 0 R" for i in range(len(texts)))
    parts = ["%PDF-1.4", "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
             f"2 0 obj<</Type/Pages/Kids[{kids}]/Count {len(texts)}>>endobj",
             "3 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj"]  # fmt: skip
    for i, text in enumerate(texts):
        stream = "BT /F 12 Tf 50 700 Td " + " ".join(f"({line}) Tj 0 -20 Td" for line in text.split("\n")) + " ET"
        parts += [f"{10 + 2 * i} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]"
                  f"/Resources<</Font<</F 3 0 R>>>>/Contents {11 + 2 * i} 0 R>>endobj",
                  f"{11 + 2 * i} 0 obj<</Length {len(stream)}>>stream\n{stream}\nendstream endobj"]  # fmt: skip
    return "\n".join([*parts, "trailer<</Root 1 0 R>>", "%%EOF", ""])


def states(one: Path, other: Path, tolerance: Tolerance = USUAL) -> dict[str, str]:
    return {outcome.file: outcome.state for outcome in compare(one, other, tolerance)}


def test_a_build_is_the_same_as_itself(tmp_path):
    assert set(states(make(tmp_path / "a"), make(tmp_path / "b")).values()) == {"identical"}


def test_small_differences_are_within_tolerance_and_their_place_is_named(tmp_path):
    outcomes = {one.file: one for one in compare(make(tmp_path / "a"), make(tmp_path / "b", f1=0.913), USUAL)}
    assert outcomes["values.json"].state == "within tolerance"
    assert outcomes["values.json"].details == ("largest difference 0.003, binary.f1.value",)
    assert outcomes["tables/models.csv"].details == ("largest difference 0.003, line 2, f1",)
    assert outcomes["paper.html"].state == "within tolerance"
    assert outcomes["paper.pdf"].details == ("largest difference 0.003, after 'An F1 of'",)
    assert outcomes["figures.svg"].state == "identical"
    assert not any(one.bad for one in outcomes.values())


def test_a_figure_is_compared_by_its_tables_in_each_of_its_forms(tmp_path):
    folders = [make(tmp_path / name) for name in ("a", "b")]
    for folder in folders:
        (folder / "figures").mkdir()
        for suffix in ("svg", "pdf", "png"):
            (folder / "figures" / f"f.{suffix}").write_text(pdf_of(f"Ticks of {folder.name}"))
        publish(folder)
    found = states(*folders)
    assert {found[f"figures/f.{suffix}"] for suffix in ("svg", "pdf", "png")} == {"drawn anew"}


def test_with_another_tolerance_they_differ(tmp_path):
    one, other = make(tmp_path / "a"), make(tmp_path / "b", f1=0.913)
    found = states(one, other, Tolerance.of(0.001))
    assert [found[name] for name in ("values.json", "tables/models.csv", "paper.html")] == ["differs"] * 3
    assert states(one, other, Tolerance.of(0.01))["values.json"] == "within tolerance"


@pytest.mark.parametrize(
    ("file", "text", "detail"),
    [
        ("values.json", json.dumps({"values": values(flows=(56_615, "flows"))}), "binary.f1: only in one of the two"),
        ("tables/models.csv", "model,f1,tp,data\nboosting,0.91,91,twin\n", "line 2, model: 'forest' and 'boosting'"),
        ("tables/models.csv", "model,f1,tp,data\n", "line 2: 4 and (nothing) cells"),
        ("tables/models.csv", "model,f1,tp,data\nforest,,91,twin\n", "line 2, f1: '0.91' and ''"),
        ("paper.html", "<p>An F1 of 0.910 in <b>91</b> generated flows.</p>", "'91 flows.' and '91 generated flows.'"),
        ("more.csv", "a\n", "only in the second build"),
        (
            "values.json",
            json.dumps({"values": values(binary__f1=(0.91, "fraction"), flows=(56_000, "flows"))}),
            "flows.value: 56615 and 56000",
        ),
    ],
)
def test_what_differs_is_named(file, text, detail, tmp_path):
    outcomes = {one.file: one for one in compare(make(tmp_path / "a"), make(tmp_path / "b", **{file: text}), USUAL)}
    assert outcomes.pop(file).details == (detail,)
    assert not any(one.bad for one in outcomes.values())


def test_software_and_settings_are_notes(tmp_path):
    one, other = make(tmp_path / "a"), make(tmp_path / "b")
    for name, old, new in (("build.json", '"seed": 1', '"seed": 2'), ("values.json", "3.11", "3.12"),
                           ("build.json", '"a": "1"', '"a": "2"')):  # fmt: skip
        (other / name).write_text((other / name).read_text().replace(old, new))
    publish(other)
    assert "differs" not in states(one, other).values()
    assert list(notes(one, other)) == ["other settings: seed is 1 and 2", "other versions: a is 1 and 2"]


@pytest.mark.parametrize(
    ("one", "other", "unit", "near"),
    [
        (0.91, 0.914, "fraction", True), (0.91, 0.916, "fraction", False), (1000, 1004, "flows", True),
        (1000, 1006, "flows", False), (3, 5, "flows", True), (3, 6, "flows", False), (7.0, 7.000001, "", True),
        (7.0, 7.001, "", False), ("a", "b", "", False), (None, 1, "", False), (True, False, "", False),
        (14, 16, "types", False), (14, 15, "types", False), (10, 11, "features", False), (4, 5, "models", False),
        (8, 9, "files", False), (400, 401, "types", True), (20, 22, "", False), (20, 22, "1", False),
        (20, 22, "rows", True), (20, 22, "cells", True), (20, 22, "vectors", True), (1000, 1004, "pairs", True),
        ([1.0, 2.0], [1.0, 2.0000001], "", True), ([1.0], [1.0, 2.0], "", False), ({"x": 1}, {"y": 1}, "", False),
    ],
)  # fmt: skip
def test_kinds_of_numbers(one, other, unit, near):
    entry = ({"unit": unit, "value": one}, {"unit": unit, "value": other})
    assert (not of_json(*entry, USUAL).refused) is near
    assert not of_json(entry[0], entry[0], USUAL).refused
    assert of_json(*entry, Tolerance.of(0)).refused


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("an F1 of 0.910", "an F1 of 0.913", True), ("an F1 of 0.910", "an F1 of 0.980", False),
        ("19.7% of 1,000 flows", "19.9% of 1,001 flows", True), ("19.7% of them", "0.197 of them", False),
        ("a mean of 12.30", "a mean of 12.31", True), ("a mean of 12.30", "a mean of 12.33", False),
        ("the forest", "the logistic regression", False), ("r = −0.36", "r = −0.361", True),
        ("in CICIDS2017", "in CICIDS2018", False), ("7 of 10 features", "7 of 14 features", False),
    ],
)  # fmt: skip
def test_prose(one, other, near):
    assert (not of_text(one, other, USUAL).refused) is near


def test_whole_numbers_that_nothing_describes_may_be_flows():
    assert not of_json({"count": 3}, {"count": 5}, USUAL).refused
    assert of_json({"count": 3}, {"count": 6}, USUAL).refused


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("paper.pdf", "", "was altered"),
        ("figures.svg", "garbage", "was altered"),
        ("figures.png", "", "was altered"),
        ("tables/models.csv", "model,f1,tp,data\nforest,0.911,91,twin\n", "was altered"),
        ("values.json", "{}", "was altered"),
        ("figures.png", None, "is missing"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_build_that_was_altered_after_it_was_published_is_not_comparable(name, text, what, first, tmp_path):
    good, bad = make(tmp_path / "good"), make(tmp_path / "bad")
    (bad / name).unlink() if text is None else (bad / name).write_text(text)
    with pytest.raises(UserError, match=rf"bad/{name} {what} after the build was published"):
        compare(*((bad, good) if first else (good, bad)), USUAL)


def test_what_stands_in_the_pdf_alone_is_compared(tmp_path):
    one = make(tmp_path / "a")
    other = make(tmp_path / "b", **{"paper.pdf": pdf_of("An F1 of 0.910 in 91 generated flows.")})
    (found,) = [outcome for outcome in compare(one, other, USUAL) if outcome.bad]
    assert (found.file, found.details) == ("paper.pdf", ("'91 flows.' and '91 generated flows.'",))


def test_lines_and_pages_of_a_pdf_may_break_elsewhere(tmp_path):
    body = ["An F1 of 0.910 in 91", "flows, which is high-", "dimensional.", "Colophon", "Python 3.11"]
    one = pdf_of(*("\n".join(("Rebuilt", *body[i:j], str(n))) for n, (i, j) in enumerate(((0, 2), (2, 5)), 1)))
    other = pdf_of(
        *("\n".join(("Rebuilt", *body[i:j], str(n))) for n, (i, j) in enumerate(((0, 1), (1, 3), (3, 5)), 1))
    )
    for name, text in (("one", one), ("other", other.replace("3.11", "3.12"))):
        (tmp_path / name).write_text(text)
    text = pdf.running(pdf.pages(tmp_path / "one"))
    assert text == "An F1 of 0.910 in 91 flows, which is high-dimensional. Colophon Python 3.11"
    outcomes = compare(make(tmp_path / "a", **{"paper.pdf": one}), make(tmp_path / "b", **{"paper.pdf": other}), USUAL)
    assert not any(outcome.bad for outcome in outcomes)


def test_csv_decimals_are_fractions_or_numbers():
    assert not of_csv("x\n0.5\n", "x\n0.504\n", USUAL).refused
    assert of_csv("x\n5.0\n", "x\n5.004\n", USUAL).refused
    assert not of_csv("x\n5.0\n", "x\n5.0000001\n", USUAL).refused


def test_the_visible_text_of_a_page():
    page = '<style>p{}</style><p>An <b>F1</b> of\n0.9</p><img alt="Bars of 3."><td>1</td>'
    assert list(visible(page)) == ["Bars of 3.", "An F1 of 0.9", "1"]


def run(folder: Path, root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "analysis.audit.compare_builds", *arguments]
    return subprocess.run(command, cwd=folder, env={"PYTHONPATH": str(root)}, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("a", "a"), 0, "the builds are the same: 6 identical"),
        (("a", "results/near"), 0, "within tolerance  values.json"),
        (("a", "far"), 1, "the builds differ"),
        (("a", "near", "--tolerance", "0"), 1, "texts equal"),
        (("a", "nowhere"), 2, "nowhere: neither a folder of results"),
        (("a", "other"), 2, "builds of different data"),
        (("a", "broken"), 2, "broken/build.json: not what a build writes"),
        (("a", "cut"), 2, "cut/values.json: cannot be read as what its name says"),
        (("a", "empty"), 2, "empty/values.json: cannot be read as what its name says (it holds no values)"),
        (("a", "list"), 2, "list/values.json: cannot be read as what its name says (it holds no values)"),
        (("a", "no-pdf"), 2, "no-pdf/paper.pdf: cannot be read as what its name says"),
        (("a", "altered"), 2, "altered/figures.svg was altered after the build was published"),
        (("a", "unsigned"), 2, "unsigned/build.json: not what a build writes"),
        (("a", "newer"), 2, "newer/build.json: is flowpaper/build/99, and this version reads"),
        (("a", "near", "--tolerance", "wide"), 2, "TOLERANCE: 'wide' is not a number"),
        (("a", "near", "--tolerance", "-1"), 2, "TOLERANCE"),
    ],
)
def test_exit_codes_and_messages(arguments, code, said, tmp_path, root):
    results = tmp_path / "results"
    make(results / "a")
    make(results / "near", f1=0.911)
    make(results / "far", f1=0.7)
    make(results / "other", identity="59091fa3886098afffd7a4df")
    make(results / "broken", **{"build.json": "[]"})
    make(results / "cut", **{"values.json": '{"values": {'})
    make(results / "empty", **{"values.json": "{}"})
    make(results / "list", **{"values.json": '{"values": [1]}'})
    make(results / "no-pdf", **{"paper.pdf": ""})
    (make(results / "altered") / "figures.svg").write_text("garbage")
    newer = make(results / "newer") / "build.json"
    newer.write_text(newer.read_text().replace(BUILD, "flowpaper/build/99"))
    unsigned = {"schema": BUILD, "identity": "synthetic twin", "settings": {}, "versions": {}}
    (make(results / "unsigned") / "build.json").write_text(json.dumps(unsigned))
    done = run(tmp_path, root, *arguments)
    assert done.returncode == code, done.stderr
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_the_name_and_id_by_which_a_build_is_cited_are_no_difference(tmp_path):
    def cited(name: str, identifier: str, f1: str = "0.910") -> Path:
        said = (
            f"An F1 of {f1}; build {name}, id {identifier}, by {identifier}, build {name} of flowpaper 0.1.0, "
            f"id {identifier}."
        )
        page = f"<p>{said}</p>".replace(", ", ",\n")
        about = {"schema": BUILD, "identity": "synthetic twin", "settings": {}, "versions": {}, "id": identifier}
        return make(tmp_path / f1 / name, **{"paper.html": page, "paper.pdf": pdf_of(said),
                    "citations.bib": said, "build.json": json.dumps(about)})  # fmt: skip

    one, other = cited("here", "0123456789ab"), cited("there", "ba9876543210")
    assert not [outcome.file for outcome in compare(one, other, USUAL) if outcome.bad]
    differing = {o.file for o in compare(one, cited("there", "ba9876543210", "0.990"), USUAL) if o.bad}
    assert differing == {"paper.html", "paper.pdf", "citations.bib"}


def test_builds_are_found_by_name_and_by_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(compare_builds, "RESULTS", tmp_path)
    folder = make(tmp_path / "mine")
    assert folder_of("mine") == folder_of(str(folder)) == folder
    with pytest.raises(UserError, match="there: mine"):
        folder_of("yours")
