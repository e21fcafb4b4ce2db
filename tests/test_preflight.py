from __future__ import annotations

import json

import pytest

from analysis.errors import UserError
from analysis.preflight import data_of, prepare
from tests.dataset.conftest import *  # noqa: F403 (the fixtures content, lines, write)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def small(path, **rest):
    return {"data": str(path), "min_attacks": 10, **rest}


def test_without_data_it_is_the_twin():
    plan = prepare({})
    assert (plan.name, plan.synthetic, plan.data) == ("twin", True, None)


def test_the_name_comes_from_the_data(content, write):
    plan = prepare(small(write(content, "my flows (2017).csv")))
    assert plan.name == "my-flows-2017"
    assert data_of(plan.name).endswith("my flows (2017).csv")


def test_an_unchanged_input_is_not_read_again(content, write, monkeypatch):
    path = write(content)
    prepare(small(path))
    monkeypatch.setattr("analysis.dataset.input.member.Member.chunks", lambda self: pytest.fail("read again"))
    prepare(small(path))
    path.touch()
    with pytest.raises(pytest.fail.Exception, match="read again"):
        prepare(small(path))


@pytest.mark.parametrize(
    ("keep", "message"),
    [(b"BENIGN", "holds only BENIGN flows"), (b"DoS Hulk", "holds no BENIGN flow")],
)
def test_one_class_alone_is_refused(keep, message, content, write):
    lines = content.split(b"\n")
    path = write(b"\n".join([lines[0], *(line for line in lines[1:] if line.endswith(keep))]))
    with pytest.raises(UserError, match=message):
        prepare(small(path))


def test_too_few_attacks_are_refused(content, write):
    with pytest.raises(UserError, match=r"holds 40 attack flows; the study needs at least 50 \(min_attacks\)"):
        prepare({"data": str(write(content))})


def test_results_of_other_data_are_not_overwritten(content, write, tmp_path):
    (tmp_path / "results/mine").mkdir(parents=True)
    manifest = {"identity": "of something else", "data": "other.csv"}
    (tmp_path / "results/mine/build.json").write_text(json.dumps(manifest))
    config = small(write(content), build="mine")
    with pytest.raises(UserError, match=r"results of other data \(other\.csv\).*FORCE=1"):
        prepare(config)
    assert prepare({**config, "force": True}).name == "mine"


def test_the_steps_take_the_files_for_the_release_that_the_labels_told(lines, write, tmp_path, monkeypatch, root):
    """The newer meter's names are those of another release; what inspection found out must hold for the reading."""
    import polars as pl

    from analysis.dataset import ingest
    from analysis.dataset.release import load

    newer = {column.name: column.header for column in load("ids2018").columns}
    header = ",".join(newer.get(name.strip(), name) for name in lines[0].split(","))
    rows = [line.replace("DoS Hulk", "PortScan") for line in lines[1:]]
    path = write("\n".join([header, *rows]).encode("latin-1"))
    plan = prepare(small(path))
    assert plan.release == "original"
    arguments = {"data": path, "about": f"{plan.build}/data/about.json", "source": root / "config/source-study.yaml"}
    arguments |= {name: f"{name}.json" for name in ("inspection", "values")} | {"flows": "flows.parquet"}
    given = [str(part) for name, value in arguments.items() for part in (f"--{name}", value)]
    tables = ["input_files.json", "inventory.json", "input_notes.json"]
    monkeypatch.setattr("sys.argv", ["ingest", *given, "--tables", *tables])
    ingest.main()
    assert pl.read_parquet("flows.parquet")["Label"].value_counts().sort("Label").rows() == [
        ("BENIGN", 20), ("PortScan", 20), ("Web Attack XSS", 20)
    ]  # fmt: skip
