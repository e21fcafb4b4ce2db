"""A file of a study: what it says is kept as printed, and every mistake is named with file, line and key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis.conditions.catalogue import plan
from analysis.errors import UserError
from analysis.settings import load
from analysis.studies.new import begin
from analysis.studies.planned import conditions
from analysis.studies.read import as_printed, read, read_all

SOUND = """\
study: Smith
reference: A. Smith, A study. 2024
protocol:
  model: adaboost
claims:
  - id: one
    place: Table 1
    measure: f1
    printed: 0.90
  - id: two
    place: Table 2
    measure: mcc
    at_least: 0.5
    protocol: {split: chronological}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "smith.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_decimals_are_kept_as_printed(tmp_path: Path) -> None:
    one, two = read(written(tmp_path, SOUND)).claims
    assert one.printed is not None
    assert (one.printed.value, one.printed.half_unit, one.printed.text) == (0.9, 0.005, "0.90")
    assert (one.protocol.model, two.protocol.model, two.protocol.split) == ("adaboost", "adaboost", "chronological")
    assert (as_printed("0.65 %").value, as_printed("99.7%").half_unit) == (0.0065, 0.0005)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("    place: Table 1\n", "", 6, "claims.0.place: is missing; write it (where in the publication"),
        ("printed: 0.90", "printed: high", 9, "claims.0.printed: give a number as it is printed"),
        ("printed: 0.90", "printed: 99.90", 9,
         "claims.0.printed: is 99.90, and no measure is above 1; of percent write 99.90 %"),
        ("printed: 0.90", "printed: 101 %", 9, "claims.0.printed: is 101 %, and no measure is above 1"),
        ("printed: 0.90", "printed: -0.1", 9, "claims.0.printed: is -0.1, and no such measure is so low"),
        ("at_least: 0.5", "at_least: 99", 13, "claims.1.at_least: is 99, and no measure is above 1"),
        ("at_least: 0.5", "at_least: -1.5", 13, "claims.1.at_least: is -1.5, and no such measure is so low"),
        ("printed: 0.90", "printed: [0.90]", 9, "claims.0.printed: give a number as it is printed"),
        ("    printed: 0.90\n", "", 6, "claims.0: give its number as 'printed', or a bound"),
        ("    measure: f1\n", "    measure: f1\n    measure: f1\n", 9, "measure: the key stands twice"),
        ("measure: f1", "measure: F1", 8, "claims.0.measure: is 'F1'; did you mean"),
        ("    place: Table 1", "    plaec: Table 1", 7, "claims.0.plaec: is no key here; did you mean place?"),
        ("id: two", "id: one", 10, "claims.1.id: the claim 'one' is given twice"),
        ("id: two", "id: Two!", 10, "claims.1.id: is 'Two!'; use small letters"),
        ("model: adaboost", "modell: adaboost", 4, "modell: is no key here; did you mean model?"),
        ("reference: A. Smith, A study. 2024\n", "", 1, "reference: is missing"),
        ("study: Smith", "study: ''", 1, "study: must be a text that is not empty"),
        ("study: Smith", "id: smith\nstudy: Smith", 1, "id: the name of the file is its id"),
        ("place: Table 1", "place: &x Table 1\n    note: *x", 8, "aliases and deep nesting are not read"),
        ("place: Table 1", "place: {a: {b: {c: {d: {e: 1}}}}}", 7, "aliases and deep nesting are not read"),
        ("study: Smith", "study: [", 3, "not readable as YAML"),
        ("  model: adaboost", "  - model", 3, "protocol: must hold keys and values"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(old: str, new: str, line: int, said: str, tmp_path: Path) -> None:
    assert old in SOUND
    path = written(tmp_path, SOUND.replace(old, new, 1))
    with pytest.raises(UserError) as caught:
        read(path)
    message = str(caught.value)
    assert said in message
    assert message.startswith(f"{path}, line {line}: "), message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ("", "line 1: claims: is missing; write it"),
        ("claims: []\n", "line 3: claims: is empty; write a claim at least"),
    ],
)
def test_a_study_has_a_claim(claims: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=re.escape(said)):
        read(written(tmp_path, f"study: a\nreference: b\n{claims}"))


def test_claims_are_a_list(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"smith\.yaml, line 3: claims: must be a list, each entry after a dash"):
        read(written(tmp_path, "study: a\nreference: b\nclaims: none\n"))


@pytest.mark.parametrize("text", ["", "- a\n", "word\n"])
def test_a_file_without_keys_is_no_study(text: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no study"):
        read(written(tmp_path, text))


@pytest.mark.parametrize("name", ["a{z}", "A b", "ü", "a.b"])
def test_the_name_of_the_file_is_an_id(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.yaml"
    path.write_text(SOUND, encoding="utf-8")
    with pytest.raises(UserError, match="the name of the file is the study's id; use small letters"):
        read(path)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "smith.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="UTF-8"):
        read(path)


@pytest.mark.parametrize(
    ("level", "line", "said"),
    [("split: chronologicl", 14, "did you mean chronological?"), ("model: random_forst", 14, "did you mean random"),
     ("duplicates: dropp", 14, "did you mean drop?")],
)  # fmt: skip
def test_an_unknown_level_is_named_with_its_line(
    level: str, line: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "studies").mkdir()
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "studies", SOUND.replace("split: chronological", level))
    with pytest.raises(UserError) as caught:
        conditions(load({}), read_all(), ("types",))
    assert f"studies/smith.yaml, line {line}: claims.1.protocol." in str(caught.value)
    assert said in str(caught.value)


def test_a_level_taken_from_the_studys_protocol_has_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "studies").mkdir()
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "studies", SOUND.replace("model: adaboost", "model: adabost"))
    with pytest.raises(UserError, match=r"smith\.yaml, line 4: .*did you mean adaboost"):
        conditions(load({}), read_all(), ("types",))


def test_a_new_study_can_be_read_and_is_not_written_over(tmp_path: Path) -> None:
    path = begin("smith2024", tmp_path)
    study = read(path)
    assert (study.id, study.study, len(study.claims)) == ("smith2024", "smith2024", 1)
    assert study.claims[0].printed is not None
    with pytest.raises(UserError, match="there is such a study already"):
        begin("smith2024", tmp_path)
    for wrong in ("../smith", "Smith", "", "a b"):
        with pytest.raises(UserError, match="an id has small letters"):
            begin(wrong, tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["smith2024.yaml"]


def test_the_studies_of_the_project_are_sound(root: Path) -> None:
    files = read_all(root / "studies")
    assert len(files) >= 9
    asked = conditions(load({}), files, ("types", "times", "hosts", "files", "attempted"))
    outside = {
        name.partition(".")[0]
        for name, one in asked.items()
        if (one.split, one.features, one.duplicates) != ("random", "selected", "keep")
    }
    assert len(outside) >= 6, "publications judged by a condition that is not the source's"
    for file in files:
        assert len(file.reference) > 40
        for claim in file.claims:
            number = claim.printed or claim.at_least or claim.at_most
            assert number is not None
            assert 0 < number.value <= 1
            assert claim.missing or claim.ours or f"{file.id}.{claim.id}" in asked


def test_asking_for_what_is_planned_changes_no_fit(root: Path) -> None:
    study, told = load({}), ("types", "times")
    asked = conditions(study, read_all(root / "studies"), told)
    before, after = (plan(study, True, told, further) for further in ((), asked.values()))
    entries = [one.entry() for one in after]
    assert entries[: len(before)] == [one.entry() for one in before]
    planned = {one["id"] for one in entries}
    assert {condition.id for condition in asked.values()} <= planned
    assert 0 < len(after) - len(before) < 10
