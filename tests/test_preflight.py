from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from analysis.errors import UserError
from analysis.lock import lock
from analysis.preflight import data_of, for_jobs, prepare
from analysis.record import read_json, write_json
from tests.dataset.conftest import *  # noqa: F403 (the fixtures content, lines, write)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def small(path, **rest):
    return {"data": str(path), "min_attacks": 10, **rest}


def test_without_data_it_is_the_twin():
    plan = prepare({})
    assert (plan.name, plan.synthetic, plan.data) == ("twin", True, None)
    assert data_of("twin") is None
    assert plan.rows == 0


def test_flows_are_counted_so_that_many_of_them_get_all_cores(content, write):
    path = write(content)
    assert prepare(small(path), looking=True).rows == 0, "nobody has read it"
    rows = content.count(b"\n") - 1
    assert prepare(small(path)).rows == prepare(small(path), looking=True).rows == rows


def test_the_name_comes_from_the_data(content, write):
    plan = prepare(small(write(content, "my flows (2017).csv")))
    assert plan.name == "my-flows-2017"
    assert data_of(plan.name).endswith("my flows (2017).csv")


def test_an_unchanged_input_is_not_read_again(content, write, monkeypatch):
    path = write(content)
    prepare(small(path))
    monkeypatch.setattr("analysis.dataset.input.flow_file.FlowFile.chunks", lambda self: pytest.fail("read again"))
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


def test_attacks_of_one_type_tell_no_types_apart(content, write):
    """Nothing is asked then that needs two of them, such as a forest of types, or a type that is left out."""
    lines = content.split(b"\n")
    both = prepare(small(write(content), build="both"))
    kept = [line for line in lines[1:] if line.endswith((b"BENIGN", b"DoS Hulk"))]
    one = prepare(small(write(b"\n".join([lines[0], *kept])), build="one"))
    assert (both.typed, one.typed) == (True, False)
    assert "types" in both.told
    assert "types" not in one.told


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


def test_results_whose_manifest_is_damaged_are_no_free_name(content, write, tmp_path):
    (tmp_path / "results/mine").mkdir(parents=True)
    (tmp_path / "results/mine/build.json").write_text('{"identity')
    with pytest.raises(UserError, match="results of other data"):
        prepare(small(write(content), build="mine"))


def test_who_only_looks_reads_locks_and_writes_nothing(content, write, tmp_path, monkeypatch, capsys):
    path = write(content)
    before = set(tmp_path.rglob("*"))
    monkeypatch.setattr("analysis.dataset.input.flow_file.FlowFile.chunks", lambda self: pytest.fail("read"))
    plan = prepare(small(path, build="new"), looking=True)
    assert (plan.release, plan.name, plan.held) == ("original", "new", None)
    assert "was not read yet, so this is the plan for the original release" in capsys.readouterr().err
    plan = prepare({"data": "https://me:secret@host.invalid/a/my%20flows.zip?token=1"}, looking=True)
    assert plan.data is not None
    assert "secret" not in str(plan.data)
    assert set(tmp_path.rglob("*")) == before


def test_who_only_looks_sees_what_was_found_before(content, write, capsys):
    path = write(content)
    held = prepare(small(path))
    assert prepare(small(path), looking=True).release == held.release
    assert capsys.readouterr().err == ""


def test_who_only_looks_is_refused_what_a_run_would_be(tmp_path):
    (tmp_path / "results/mine").mkdir(parents=True)
    (tmp_path / "results/mine/build.json").write_text(json.dumps({"identity": "other", "data": "other.csv"}))
    with pytest.raises(UserError, match="results of other data"):
        prepare({"build": "mine"}, looking=True)


def test_who_is_refused_for_the_lock_has_changed_nothing(content, write, tmp_path):
    """Else a second process with other data would change what the first one publishes."""
    path = write(content)
    first = prepare(small(path, build="mine"))
    assert first.held
    before = {path: path.read_bytes() for path in (tmp_path / "build").rglob("*") if path.is_file()}
    with pytest.raises(UserError, match="another process is building 'mine'"):
        prepare({"build": "mine"})
    assert {path: path.read_bytes() for path in (tmp_path / "build").rglob("*") if path.is_file()} == before
    first.held.close()
    lock("mine").close()


def test_a_file_changed_within_its_size_and_time_is_read_again(content, write):
    path = write(content)
    before, state = prepare(small(path)), path.stat()
    assert before.held
    before.held.close()
    text = path.read_bytes()
    path.write_bytes(text.replace(b"BENIGN", b"Benign", 1))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    prepare(small(path))
    file = read_json(next(iter(path.parent.glob("build/*/input.json"))))["files"][0]
    assert file["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def begun_before(path: Path) -> Path:
    """Flows of which a build has begun and ended."""
    held = prepare(small(path, build="mine")).held
    assert held
    held.close()
    return path


def test_a_damaged_note_of_the_inspection_is_made_anew(content, write, tmp_path, capsys):
    path = begun_before(write(content))
    note = tmp_path / "build/mine/input.json"
    before = note.read_text()
    note.write_text(before.replace('"data_checksum": "', '"data_checksum": "0'))
    prepare(small(path, build="mine"))
    assert note.read_text() == before
    assert "input.json: is not what was written there" in capsys.readouterr().err


def test_a_note_of_an_earlier_version_is_read(content, write, tmp_path, monkeypatch):
    path = begun_before(write(content))
    note = tmp_path / "build/mine/input.json"
    told = read_json(note)
    write_json(note, {"identity" if key == "data_checksum" else key: value for key, value in told.items()})
    (tmp_path / "results/mine").mkdir(parents=True)
    (tmp_path / "results/mine/build.json").write_text(json.dumps({"identity": told["data_checksum"], "data": "x"}))
    monkeypatch.setattr("analysis.dataset.input.flow_file.FlowFile.chunks", lambda self: pytest.fail("read"))
    assert prepare(small(path, build="mine"), looking=True).name == "mine"
    assert prepare(small(path, build="mine")).name == "mine"


def test_secrets_of_an_address_stand_in_no_file(content, write, tmp_path, monkeypatch, capsys):
    path = write(content, "flows.csv")
    monkeypatch.setattr("analysis.preflight.located", lambda data: path)
    address = "https://me:pa55@host.org/flows.csv?token=t0ken#sha256=abc"
    plan = prepare(small(address, build="mine"))
    assert (data_of("mine"), plan.data) == (str(path), path)
    assert read_json(tmp_path / "build/mine/input.json")["data"] == "https://host.org/flows.csv"
    assert plan.held
    plan.held.close()
    prepare(small(path, build="mine"))
    assert read_json(tmp_path / "build/mine/input.json")["data"] == "https://host.org/flows.csv", (
        "also when built again"
    )
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or (b"pa55" not in file.read_bytes() and b"t0ken" not in file.read_bytes())
    with pytest.raises(UserError) as error:
        prepare({"data": address, "build": "other"})
    assert "pa55" not in str(error.value) + capsys.readouterr().err


def test_jobs_of_a_cluster_are_not_told_an_address_with_its_secrets():
    told = ["data=https://me:pa55@host.org/flows.csv?token=t0ken", "build=mine", "paper={title: 'a=b'}"]
    fetched = Path("build/.fetched/0/flows.csv")
    assert for_jobs(told, fetched) == ["data=build/.fetched/0/flows.csv", *told[1:]]
    assert for_jobs(["data=a=b.csv"], Path("a=b.csv")) == ["data=a=b.csv"]
    assert for_jobs([], None) == []


def test_the_steps_take_the_files_for_the_release_that_the_labels_told(lines, write, root):
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
    made = [Path(name) for name in ("flows.parquet", "inspection.json", "values.json")]
    tables = [Path(f"{name}.json") for name in ("input_files", "inventory", "input_notes")]
    ingest.step(
        path, 0, [], Path(plan.build, "data/metadata.json"), root / "config/source-study.yaml", *made, tables, 1
    )
    assert pl.read_parquet("flows.parquet")["Label"].value_counts().sort("Label").rows() == [
        ("BENIGN", 20), ("PortScan", 20), ("Web Attack XSS", 20)
    ]  # fmt: skip


@pytest.fixture
def packed_parquet(content, write):
    import polars as pl

    made = io.BytesIO()
    pl.read_csv(content, encoding="latin-1").rename(str.strip).write_parquet(made)
    return write(gzip.compress(made.getvalue()), "flows.parquet.gz")


def test_unpacked_copies_lie_where_the_next_start_clears(packed_parquet, tmp_path, monkeypatch):
    from analysis.dataset.input import reading

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    mine = tmp_path / "tmp/snakemakeabc"
    mine.mkdir(parents=True)
    places = []
    opened = reading.ParquetFlows
    monkeypatch.setattr(reading, "ParquetFlows", lambda path, *rest: places.append(path) or opened(path, *rest))
    held = prepare(small(packed_parquet, build="mine"), temporary=mine).held
    assert places
    assert all(mine in path.parents for path in places)
    assert Path(tempfile.gettempdir()) == mine, "where Snakemake takes TMPDIR of the steps from"
    held.close()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    prepare(small(packed_parquet, build="mine"))
    assert not mine.exists()


FULL = """
import resource, signal, sys, tempfile
from analysis.errors import run
from analysis.preflight import prepare

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
tempfile.tempdir = "tmp"
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
run(lambda: prepare({"data": sys.argv[1], "min_attacks": 10, "build": "mine"}, temporary="tmp"))
"""


@pytest.mark.parametrize(("bytes_", "place"), [(0, "build/mine"), (500, "tmp")])
def test_a_disk_that_is_full_at_the_start_is_named_by_its_folder(bytes_, place, packed_parquet, tmp_path, root):
    (tmp_path / "tmp").mkdir()
    command = [sys.executable, "-B", "-c", FULL, str(packed_parquet), str(bytes_)]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.stderr.splitlines()[-1].startswith(f"flowpaper: {place}: no room left ("), done.stderr
