from __future__ import annotations

import json

import pytest

from analysis.audit.gather import gather, of_settings
from analysis.audit.publish import publish, shown
from analysis.errors import UserError
from analysis.record import Column, Table, write_json
from analysis.settings import Study


@pytest.fixture
def build(tmp_path):
    folder = tmp_path / "build"
    table = Table.of("t", "T", [Column("a", "A", "integer")], [{"a": 1}], data="synthetic twin")
    write_json(folder / "tables/t.json", table.to_json())
    for name in (
        "figures/f.svg",
        "figures/f.pdf",
        "figures/f.png",
        "paper/paper.html",
        "paper/paper.pdf",
        "paper/record/values.json",
        "data/defects.json",
        "data/ledger.json",
        "claims.json",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def test_a_build_is_published_whole(build, tmp_path):
    results = tmp_path / "results/mine"
    results.mkdir(parents=True)
    (results / "old.txt").write_text("left over")
    publish(build, results, ["t"], ["f"], {"build": "mine"})
    names = {path.relative_to(results).as_posix() for path in results.rglob("*") if path.is_file()}
    assert names == {
        "build.json", "claims.json", "defects.json", "figures/f.pdf", "figures/f.png", "figures/f.svg", "ledger.json",
        "paper.html", "paper.pdf", "tables/t.csv", "tables/t.md", "tables/t.tex", "values.json",
    }  # fmt: skip
    assert set(json.loads((results / "build.json").read_text())["files"]) == names - {"build.json"}
    assert [path.name for path in results.parent.iterdir()] == ["mine"]


def test_a_publication_that_fails_leaves_the_earlier_one(build, tmp_path):
    results = tmp_path / "results/mine"
    publish(build, results, ["t"], ["f"], {})
    before = (results / "build.json").read_text()
    (build / "figures/f.png").unlink()
    with pytest.raises(UserError, match="cannot be written"):
        publish(build, results, ["t"], ["f"], {})
    assert (results / "build.json").read_text() == before
    assert [path.name for path in results.parent.iterdir()] == ["mine"]


def test_a_key_of_two_steps_is_an_error():
    with pytest.raises(ValueError, match=r"a\.b"):
        gather([{"a.b": 1}, {"a.b": 2}])


def test_every_setting_is_a_value():
    record = of_settings(Study().model_dump(mode="json"), ["NumPy", "seaborn"], "synthetic twin")
    assert record.values["settings.seed"].value == Study().seed
    assert record.values["settings.models.random_forest.max_depth"].text == "not set"
    assert record.values["settings.split.ratio"].text == "80:20"
    assert [text.split()[0] for text in record.values["versions.computing"].value] == ["Python", "NumPy", "seaborn"]
    assert "versions.pandas" not in record.values, "not among the libraries given"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("https://me:pw@host.org/a/b.csv?token=1#sha256=2", "https://host.org/a/b.csv"),
        ("/flows#1/a?.csv", "/flows#1/a?.csv"),
        (None, None),
    ],
)
def test_secrets_of_an_address_are_not_published(data, text):
    assert shown(data) == text
