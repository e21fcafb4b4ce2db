"""Alerts on files, folders, archives and standard input: the same ones, whole or not at all, and what runs end with."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: 'make test' installs it")

from analysis import errors
from analysis.command import call
from analysis.dataset.input import flow_file
from analysis.dataset.input.flow_file import FlowFile
from analysis.detector.alerts import Limit, alerts, moved
from analysis.detector.detect import step
from analysis.detector.flows import pieces
from analysis.detector.load import Detector, load
from analysis.errors import UserError

from .conftest import FEATURES, edited, heading


def run(
    folder: Path, flows: str, *options: str, module: str = "detect", given: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", f"analysis.detector.{module}", *options, "--", str(folder), flows]
    return subprocess.run(command, cwd=root, input=given, capture_output=True)


def called(capsys: pytest.CaptureFixture[str], folder: Path, flows: str, *options: str) -> tuple[int, str, str]:
    """The same in this process: exit code, output and errors."""
    with pytest.raises(SystemExit) as ended:
        errors.run(lambda: call(step, [*options, "--", str(folder), flows]))
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def all_alerts(detector: Detector, path: Path, size: int | None = None) -> list[tuple[int, float]]:
    limit = Limit.of(detector, 0.01, None, 0.001)
    found = (alerts(detector, limit, some, 1, 0) for some in pieces(FlowFile(path.name, path), FEATURES, size))
    return [(alert.row, alert.score) for some in found for alert in some]


def test_alerts_are_the_flows_above_the_threshold(folder: Path, day: Path, tmp_path: Path) -> None:
    out = tmp_path / "alerts.ndjson"
    done = run(folder, str(day), "--fpr", "0.01", "--out", str(out))
    assert done.returncode == 1, done.stderr
    table = pl.read_csv(day, infer_schema_length=None)
    detector = load(folder)
    features = table.select(pl.col(heading(day, name)).cast(pl.Float64) for name in FEATURES).to_numpy()
    score = detector.score(features)
    expected = np.flatnonzero(score > detector.point(0.01)["threshold"]) + 1
    found = lines(out)
    assert [one["flowpaper"]["row"] for one in found] == expected.tolist()
    assert [one["event"]["risk_score"] for one in found] == score[expected - 1].tolist()
    assert f"{expected.size:,} alerts of {table.height:,} flows" in done.stderr.decode()
    truth = table[heading(day, "Label")].to_numpy()[expected - 1] != "BENIGN"
    assert truth.mean() > 0.9, "the forest tells its own testbed's attacks"
    labels = {one["flowpaper"]["type"]["label"] for one in found}
    assert "DDoS" in labels


def packed(day: Path, folder: Path) -> list[Path]:
    """The same flows in a folder, a zip, gzip and Parquet, without labels and with the columns in another order."""
    (folder / "flows").mkdir()
    shutil.copy(day, folder / "flows")
    with zipfile.ZipFile(folder / "flows.zip", "w") as archive:
        archive.write(day, f"inner/{day.name}")
    (folder / "flows.csv.gz").write_bytes(gzip.compress(day.read_bytes()))
    pl.read_csv(day, infer_schema_length=None).write_parquet(folder / "flows.parquet")
    edited(day, folder / "unlabelled.csv", lambda table: table.drop(heading(day, "Label")).select(pl.all().reverse()))
    return [folder / name for name in ("flows", "flows.zip", "flows.csv.gz", "flows.parquet", "unlabelled.csv")]


def test_the_same_flows_give_the_same_alerts_however_they_are_packed(
    folder: Path, day: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edited(day, tmp_path / "plain.csv", lambda table: table)
    expected = [score for _, score in all_alerts(load(folder), day)]
    assert len(expected) > 20
    *others, reversed_rows = packed(day, tmp_path)
    for number, path in enumerate(others):
        out = tmp_path / f"{number}.ndjson"
        assert called(capsys, folder, str(path), "--fpr", "0.01", "--out", str(out), "--explain", "0")[0] == 1
        assert [one["event"]["risk_score"] for one in lines(out)] == expected, path
    assert [score for _, score in all_alerts(load(folder), reversed_rows)] == expected[::-1]
    for given in (day.read_bytes(), (tmp_path / "flows.zip").read_bytes(), (tmp_path / "flows.parquet").read_bytes()):
        done = run(folder, "-", "--fpr", "0.01", "--out", "-", given=given)
        assert done.returncode == 1
        assert [json.loads(line)["event"]["risk_score"] for line in done.stdout.splitlines()] == expected


@pytest.mark.parametrize("size", [3000, 20_000])
def test_pieces_change_nothing(detector: Detector, day: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = all_alerts(detector, day)
    monkeypatch.setattr(flow_file, "CHUNK", 500)
    several = list(pieces(FlowFile(day.name, day), FEATURES, size))
    assert len(several) > 1
    assert max(len(one.matrix) for one in several) < sum(len(one.matrix) for one in several) / 2
    assert all_alerts(detector, day, size) == whole


def test_a_run_without_alerts_ends_with_0_and_writes_an_empty_file(folder: Path, day: Path, tmp_path: Path) -> None:
    out = tmp_path / "alerts.ndjson"
    benign = edited(
        day, tmp_path / "b.csv", lambda table: table.filter(pl.col(heading(day, "Label")) == "BENIGN").head(3)
    )
    done = run(folder, str(benign), "--threshold", "0.999", "--out", str(out))
    assert (done.returncode, out.read_text()) == (0, "")
    assert "0 alerts of 3 flows" in done.stderr.decode()
    assert "how many of the alerts are attacks is not known" in done.stderr.decode()


def test_csv_has_a_row_for_each_alert(
    folder: Path, day: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "alerts.csv"
    assert called(capsys, folder, str(day), "--fpr", "0.01", "--form", "csv", "--out", str(out))[0] == 1
    table = pl.read_csv(out)
    expected = all_alerts(load(folder), day)
    assert list(zip(table["row"], table["score"], strict=True)) == expected
    assert set(table["technique"].drop_nulls()) <= {
        "T1498.001",
        "T1046",
        "T1071.001",
        "T1499.002",
        "T1110.001",
        "T1190",
        "T1189",
    }
    assert (table["moved"].is_not_null()).sum() == min(100, len(expected)), (
        "as many say what moved them as were asked for"
    )


def test_what_moved_a_score_is_what_it_falls_by(detector: Detector, forest: Any) -> None:
    score = detector.score(forest.unseen)
    high = np.argsort(-score, kind="stable")[:5]
    found = moved(detector, forest.unseen[high], score[high])
    for flow, before, clusters in zip(forest.unseen[high], score[high], found, strict=True):
        assert clusters, "something moved a high score"
        for names, change in clusters:
            other = flow.copy()
            for name in names:
                i = FEATURES.index(name)
                other[i] = np.sort(forest.seen[:, i])[(len(forest.seen) - 1) // 2]
            assert before - detector.score(other[None])[0] == pytest.approx(change, abs=1e-12)
        sizes = [abs(change) for _, change in clusters]
        assert sizes == sorted(sizes, reverse=True)


def drop(name: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda table: table.drop(next(one for one in table.columns if one.strip() == name))


def cell(name: str, value: Any) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Another value in the column's third row."""

    def change(table: pl.DataFrame) -> pl.DataFrame:
        heading = next(one for one in table.columns if one.strip() == name)
        row = pl.int_range(pl.len()) == 2
        return table.with_columns(pl.when(row).then(pl.lit(value)).otherwise(pl.col(heading)).alias(heading))

    return change


def scaled(table: pl.DataFrame) -> pl.DataFrame:
    numbers = [name for name, kind in table.schema.items() if kind.is_numeric()]
    return table.with_columns((pl.col(numbers) - pl.col(numbers).mean()) / (pl.col(numbers).std() + 1))


def seconds(table: pl.DataFrame) -> pl.DataFrame:
    heading = next(one for one in table.columns if one.strip() == "Flow Duration")
    return table.with_columns(pl.col(heading) / 1e6)


BAD = {
    "a missing column": (
        drop("Fwd IAT Std"),
        r"lacks Fwd IAT Std, which this detector needs; by its columns it is of the .*; give flows that have",
    ),
    "no number": (cell("Fwd IAT Std", float("nan")), r"row 3, column Fwd IAT Std: no finite number"),
    "an infinite number": (cell("Fwd IAT Std", float("inf")), r"row 3, column Fwd IAT Std: no finite number"),
    "scaled features": (scaled, r"column (Destination Port|Flow Duration): holds a fraction, .* not scaled\?"),
    "other units": (seconds, r"column Flow Duration: holds a fraction, .* are these the units of the release"),
    "no flows": (lambda table: table.head(0), r"has a header but no flows"),
    "other columns": (lambda table: table.rename(lambda name: f"x{name}"), r"belong to no known release"),
}


@pytest.mark.parametrize("why", list(BAD))
def test_bad_flows_get_one_message_and_nothing_is_written(
    folder: Path, day: Path, tmp_path: Path, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change, says = BAD[why]
    (tmp_path / "data").mkdir()
    shutil.copy(day, tmp_path / "data" / "a.csv")  # read first, and full of alerts
    edited(day, tmp_path / "data" / "b.csv", change)
    out = tmp_path / "alerts.ndjson"
    out.write_text("of an earlier run")
    code, printed, message = called(capsys, folder, str(tmp_path / "data"), "--fpr", "0.01", "--out", str(out))
    assert (code, printed) == (2, "")
    assert re.search(says, message), message
    assert message.count("\n") == 1, "one message"
    assert out.read_text() == "of an earlier run"
    assert not list(tmp_path.glob(".*")), "nothing half-written is left"
    code, printed, message = called(capsys, folder, str(tmp_path / "data"), "--fpr", "0.01", "--out", "-")
    assert (code, printed) == (2, "")


def test_flows_with_a_bad_cell_are_left_out_where_that_is_asked_for(
    folder: Path, day: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other alerts are those of the whole file, with their rows; what was left out is counted."""
    bad = edited(day, tmp_path / day.name, cell("Fwd IAT Std", float("nan")))
    found = {}
    for name, path, options in (("whole", day, ()), ("bad", bad, ("--skip",))):
        out = tmp_path / f"{name}.ndjson"
        code, _, message = called(capsys, folder, str(path), "--fpr", "0.01", "--out", str(out), *options)
        assert code == 1
        assert ("1 more flows were left out" in message) is (name == "bad")
        found[name] = [(one["flowpaper"]["row"], one["event"]["risk_score"]) for one in lines(out)]
    assert found["bad"] == [one for one in found["whole"] if one[0] != 3]
    name = heading(day, "Fwd IAT Std")
    of_one = edited(bad, tmp_path / "one.csv", lambda table: table.filter(pl.col(name).is_nan()))
    code, _, message = called(
        capsys, folder, str(of_one), "--skip", "--fpr", "0.01", "--out", str(tmp_path / "none.ndjson")
    )
    assert (code, "0 alerts of 0 flows" in message) == (0, True), message


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--fpr", "0.05"), "FPR=0.05: this detector has thresholds for 0.01, 0.001"),
        (("--threshold", "1.5"), "THRESHOLD=1.5: scores lie between 0 and 1"),
        (("--base", "0"), "BASE=0: give the share of flows that are attacks"),
        (("--out", "nowhere/alerts.json"), "OUT=nowhere/alerts.json: no file in a folder that is there"),
    ],
)  # fmt: skip
def test_bad_options_get_one_message(
    folder: Path, day: Path, options: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, message = called(capsys, folder, str(day), *options)
    assert code == 2
    assert message.startswith(f"flowpaper: {says}")


def test_a_file_that_is_not_there_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, message = called(capsys, folder, "no/such/file.csv", "--fpr", "0.01", "--out", "-")
    assert code == 2
    assert message.startswith("flowpaper: flows: there is no file or folder no/such/file.csv"), (
        "not data: as of a study"
    )


@pytest.mark.parametrize("given", [b"", b"hello\nworld\n", b"PK\x03\x04 half a zip"])
def test_what_is_wrong_with_standard_input_is_said_of_it(folder: Path, given: bytes) -> None:
    """And not of the file that it is kept in, which is gone by then."""
    done = run(folder, "-", "--fpr", "0.01", "--out", "-", given=given)
    (said,) = done.stderr.decode().splitlines()
    assert (done.returncode, done.stdout) == (2, b"")
    assert re.match("flowpaper: (flows: )?standard input", said)


def test_a_release_of_other_names_is_read_by_what_its_columns_mean(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Flows of the corrected release, with its names of columns, times and addresses."""
    from analysis.twin.write import write

    write(tmp_path / "corrected", rows=1500, floor=20, seed=4, into="corrected")
    out = tmp_path / "alerts.ndjson"
    code, _, message = called(capsys, folder, str(tmp_path / "corrected"), "--fpr", "0.01", "--out", str(out))
    assert code == 1, message
    assert "corrected release" in message
    first = lines(out)[0]
    assert first["@timestamp"].startswith("2017-07-0")
    assert {"ip", "port"} == first["source"].keys() == first["destination"].keys()
    assert first["network"]["iana_number"] in ("0", "6", "17")


def test_real_flows_that_no_model_learnt_from_are_read(
    folder: Path, shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, flows = tmp_path / "alerts.ndjson", shared_data / "cicids2017-improved.zip"
    code, _, message = called(capsys, folder, str(flows), "--fpr", "0.01", "--out", str(out))
    assert code == 1, message
    assert 0 < len(lines(out)) < 43_419
    assert "of 43,419 flows (corrected release" in message


def test_an_alert_has_the_same_id_in_every_run(
    folder: Path, day: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    called(capsys, folder, str(day), "--fpr", "0.01", "--out", str(tmp_path / "a"))
    run(folder, str(day), "--fpr", "0.01", "--out", str(tmp_path / "b"))
    one, other = (lines(tmp_path / name) for name in ("a", "b"))
    ids = [event["event"]["id"] for event in one]
    assert ids == [event["event"]["id"] for event in other]
    assert len(set(ids)) == len(ids)
    kept = [{key: value for key, value in event.items() if key not in ("@timestamp", "event")} for event in one]
    assert kept == [
        {key: value for key, value in event.items() if key not in ("@timestamp", "event")} for event in other
    ]


def test_a_threshold_of_ones_own_has_no_rates(detector: Detector) -> None:
    limit = Limit.of(detector, 0.01, 0.7, 0.001)
    assert (limit.threshold, limit.rate, limit.precision) == (0.7, None, None)
    with pytest.raises(UserError):
        Limit.of(detector, 0.01, 1.01, 0.001)


def test_a_threshold_that_finds_nothing_is_no_point_to_work_at(detector: Detector) -> None:
    assert detector.point(0.001)["recall"] == 0
    with pytest.raises(UserError, match=r"none of the attacks of its test part; give FPR=0.01 or THRESHOLD="):
        Limit.of(detector, 0.001, None, 0.001)


def test_what_a_run_reads_from_is_never_written_over(
    folder: Path, day: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe, flows = tmp_path / "pipe", tmp_path / "flows.csv"
    os.mkfifo(pipe)
    shutil.copy(day, flows)
    before = (folder / "detector.json").read_bytes()
    for out, says in (
        (pipe, "this is a device or a pipe"),
        (folder / "detector.json", "this lies in the detector's folder"),
        (flows, "this is where the flows are read from"),
    ):
        code, _, message = called(capsys, folder, str(flows), "--fpr", "0.01", "--out", str(out))
        assert (code, says in message) == (2, True), message
    assert pipe.is_fifo()
    assert (folder / "detector.json").read_bytes() == before
    assert flows.read_bytes() == day.read_bytes()


def test_alerts_may_be_read_in_part(folder: Path, day: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "analysis.detector.detect",
        "--fpr",
        "0.01",
        "--out",
        "-",
        "--",
        str(folder),
        str(day),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()  # as head does, once it has its lines
        _, message = process.communicate()
    assert process.returncode == 1, message
    assert b"alerts of" in message
    assert b"Error" not in message
    assert b"Traceback" not in message


def test_a_crash_does_not_say_that_there_are_alerts(folder: Path, day: Path, tmp_path: Path) -> None:
    out = Path("/proc/alerts.ndjson")  # a folder that is there, in which no file can be made
    command = [sys.executable, "-m", "analysis.detector.detect", "--fpr", "0.01", "--out", str(out), "--", str(folder)]
    assert subprocess.run([*command, str(day)], capture_output=True).returncode == 2
