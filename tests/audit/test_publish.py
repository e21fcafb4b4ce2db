from __future__ import annotations

import json
from dataclasses import replace

import pytest

from analysis.audit.gather import demand_cells, files_of, gather, of_settings
from analysis.audit.publish import publish
from analysis.errors import UserError
from analysis.record import Column, Table, checksums, read_json, write_json
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
        "audit.html",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    values = {"build.commit": {"value": "c0ffee"}, "build.renderer": {"value": "Pandoc"}}
    write_json(folder / "paper/record/values.json", {"values": values})
    return folder


def test_a_build_is_published_whole(build, tmp_path):
    results = tmp_path / "results/mine"
    results.mkdir(parents=True)
    (results / "old.txt").write_text("left over")
    publish(build, results, ["t"], ["f"], {"build": "mine"})
    names = {path.relative_to(results).as_posix() for path in results.rglob("*") if path.is_file()}
    assert names == {
        "audit.html", "build.json", "claims.json", "defects.json", "figures/f.pdf", "figures/f.png", "figures/f.svg",
        "ledger.json", "paper.html", "paper.pdf", "tables/t.csv", "tables/t.md", "tables/t.tex", "values.json",
    }  # fmt: skip
    assert set(json.loads((results / "build.json").read_text())["files"]) == names - {"build.json"}
    assert [path.name for path in results.parent.iterdir()] == ["mine"]


def test_no_value_of_the_commit_is_published_as_a_result(build, tmp_path):
    publish(build, tmp_path / "results/mine", ["t"], ["f"], {})
    assert read_json(tmp_path / "results/mine/values.json")["values"].keys() == {"build.renderer"}


@pytest.mark.parametrize("name", ["paper/paper.pdf", "figures/f.png", "tables/t.json", "claims.json"])
def test_what_is_not_as_its_step_wrote_it_is_not_published(name, build, tmp_path):
    checksums.note(build / name)
    (build / name).write_text((build / name).read_text() + " ")
    with pytest.raises(UserError, match=f"{name}: not what was written there"):
        publish(build, tmp_path / "results/mine", ["t"], ["f"], {})
    assert not list((tmp_path / "results").iterdir())


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
    settings = Study().model_dump(mode="json") | {"seeds": Study().repetitions}
    record = of_settings(settings, ["NumPy", "seaborn"], "synthetic twin")
    assert record.values["settings.seed"].value == Study().seed
    assert record.values["settings.models.random_forest.max_depth"].text == "not set"
    assert record.values["settings.split.ratio"].text == "80:20"
    assert record.values["settings.seed"].definition.startswith("master seed")
    assert [key for key, one in record.values.items() if one.definition.startswith("the setting")] == []
    assert [text.split()[0] for text in record.values["versions.computing"].value] == ["Python", "NumPy", "seaborn"]
    assert "versions.pandas" not in record.values, "not among the libraries given"


ORIGIN = {"step": "rank", "table": "t", "row": "flows", "column": "b"}


def part(**rest):
    return {"m.n": {"value": 3, "text": "3", "origin": ORIGIN} | rest}


@pytest.fixture
def tables():
    columns = [Column("a", "A", align="left"), Column("b", "B", "integer")]
    return {"t": Table.of("t", "T", columns, [{"a": "flows", "b": 3}, {"a": "two", "b": 4}, {"a": "two", "b": 5}],
                          data="x")}  # fmt: skip


def test_a_value_is_what_stands_in_the_cell_that_it_names(tables):
    demand_cells(part(), tables)
    demand_cells(part(value="flows_key", text="flows", origin=ORIGIN | {"column": "a"}), tables)
    demand_cells(part(origin={"step": "rank"}), tables)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": 4}, "value m.n names table t, row flows, column b, but is 4 and there stands 3"),
        (
            {"origin": ORIGIN | {"column": "c"}},
            "row flows, column c, where there is no one cell",
        ),
        (
            {"origin": ORIGIN | {"row": "two"}},
            "row two, column b, where there is no one cell",
        ),
        ({"origin": {"step": "s", "table": "u"}}, "value m.n names the table u, which there is not"),
    ],
)
def test_a_value_that_names_another_cell_is_an_error(change, message, tables):
    with pytest.raises(ValueError, match=message):
        demand_cells(part(**change), tables)


def test_each_step_is_told_with_its_file_or_refused(tables):
    modules = ["analysis.statistics.rank", "analysis.dataset.defects", "analysis.statistics.describe"]
    told, made = {"a.b": {"origin": {"step": "defects"}}}, replace(tables["t"], step="rank")
    files = files_of(modules, told, [made])
    assert files == {"defects": "analysis/dataset/defects/__main__.py", "rank": "analysis/statistics/rank.py"}
    with pytest.raises(ValueError, match="step whose module is not known: defects"):
        files_of(["analysis.statistics.rank"], told, [made])
    with pytest.raises(ValueError, match="step whose module is not known: rank"):
        files_of(["analysis.dataset.defects"], told, [made])
