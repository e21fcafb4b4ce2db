from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

import pytest

from analysis.record import checksums, write_json
from analysis.upkeep import clear, distrust, published


@pytest.fixture
def build(tmp_path):
    folder = tmp_path / "build/mine"
    for name in ("values/rank.json", "tables/ks.json", "values.json", "paper/record/values.json"):
        write_json(folder / name, {"name": name})
    (folder / "logs").mkdir()
    (folder / "logs/rank.log").write_text("no checksum, and none is needed")
    source = folder / "data/source"
    source.mkdir(parents=True)
    (source / "day.csv").write_text("1,BENIGN\n")
    checksums.note(source)
    return folder


@pytest.fixture
def results(tmp_path):
    folder = tmp_path / "results/mine"
    (folder / "tables").mkdir(parents=True)
    (folder / "paper.html").write_text("<p>")
    (folder / "tables/t.csv").write_text("1")
    files = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("paper.html", "tables/t.csv")}
    write_json(folder / "build.json", {"identity": "x", "files": files}, noted=False)
    return folder


@pytest.fixture
def marker(build, results):
    digest = hashlib.sha256((results / "build.json").read_bytes()).hexdigest()
    write_json(build / "published.json", {"identity": "x", "manifest": digest})
    return build / "published.json"


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")
            if path.is_file() and checksums.FOLDER not in path.parts}  # fmt: skip


def test_what_is_as_it_was_written_stays(build, capsys):
    before = names(build)
    distrust(build)
    assert names(build) == before
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", ["values/rank.json", "tables/ks.json", "values.json"])
def test_what_differs_is_named_and_removed_alone(name, build, capsys):
    before = names(build)
    (build / name).write_text((build / name).read_text().replace("name", "Name"))
    distrust(build)
    assert names(build) == before - {name}
    assert f"{build / name}: is not what was written there" in capsys.readouterr().err


def test_what_has_no_checksum_is_not_believed(build, capsys):
    (build / "values/more.json").write_text("{}")
    distrust(build)
    assert not (build / "values/more.json").exists()
    assert "more.json: has no checksum" in capsys.readouterr().err


def test_the_staged_paper_is_made_anew_as_a_whole(build, capsys):
    (build / "paper/record/values.json").write_text("{}")
    distrust(build)
    assert not (build / "paper").exists()
    assert "paper/record/values.json" in capsys.readouterr().err


@pytest.mark.parametrize("damage", ["edit", "remove", "add"])
def test_the_day_files_of_the_twin_are_one_result(damage, build, capsys):
    day = build / "data/source/day.csv"
    if damage == "edit":
        day.write_text("2,BENIGN\n")
    elif damage == "remove":
        day.unlink()
    else:
        day.with_name("more.csv").write_text("1,Bot\n")
    distrust(build)
    assert not (build / "data/source").exists()
    assert f"{build / 'data/source'}: is not what was written" in capsys.readouterr().err


def test_published_results_that_are_whole_are_left(results, marker, capsys):
    published(results, marker)
    assert marker.exists()
    assert capsys.readouterr().err == ""


DAMAGE = {
    "paper.html was altered": lambda results: (results / "paper.html").write_text("<b>"),
    "build.json was altered": lambda results: (results / "build.json").write_text("{}"),
    "build.json is missing": lambda results: (results / "build.json").unlink(),
    "paper.html is missing": lambda results: (results / "paper.html").unlink(),
    "tables/t.csv is missing": lambda results: shutil.rmtree(results / "tables"),
    "more.csv is no part of the results": lambda results: (results / "more.csv").touch(),
    "mine was removed": shutil.rmtree,
}


@pytest.mark.parametrize("message", DAMAGE)
def test_published_results_that_differ_are_published_again(message, results, marker, capsys):
    DAMAGE[message](results)
    published(results, marker, looking=True)
    assert marker.exists()
    published(results, marker)
    assert not marker.exists()
    assert capsys.readouterr().err.count(f"{message}; it is published anew") == 2


def test_results_that_a_kill_left_under_another_name_are_put_back(build, results):
    before = names(results)
    results.rename(results.with_name(".mine.old"))
    shutil.copytree(results.with_name(".mine.old"), results.with_name(".mine.new"))
    clear(build, results, "")
    assert names(results) == before
    assert [path.name for path in results.parent.iterdir()] == ["mine"]


def test_what_a_kill_left_half_made_is_cleared_and_nothing_else(build, results):
    before = names(build) | {".lock", "data/source/.snakemake_timestamp"}
    (build / ".lock").touch()
    (build / "data/source/.snakemake_timestamp").touch()
    for name in ("values/.rank.123.json", "data/.source.123/day.csv", "paper/quarto-render/x.html", "paper/.new.html"):
        (build / name).parent.mkdir(exist_ok=True)
        (build / name).touch()
    clear(build, results, "")
    assert names(build) == before
    assert not (build / "data/.source.123").exists()


def test_the_temporary_folder_of_the_process_before_is_cleared_but_no_other(build, results, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    for name in ("snakemakeabc", "snakemakedef", "mine"):
        (tmp_path / "tmp" / name).mkdir(parents=True)
    clear(build, results, f"{tmp_path / 'tmp/snakemakeabc'}\n")
    clear(build, results, str(tmp_path / "tmp/mine"))
    assert sorted(path.name for path in (tmp_path / "tmp").iterdir()) == ["mine", "snakemakedef"]
