"""The peer runs and finds what the workflow finds; the report shows what was measured. No time is ever asserted."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from analysis.twin.write import write as write_twin
from benchmarks.__main__ import _limits, measured_so_far, step
from benchmarks.measure import Spent, spent
from benchmarks.notebook import study
from benchmarks.report import table, write


@pytest.fixture(scope="module")
def flows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flows")
    write_twin(folder / "flows", rows=3000, floor=20, seed=3)
    return folder / "flows"


def test_the_notebook_runs_from_the_top(flows: Path, tmp_path: Path) -> None:
    found = study(flows, tmp_path)
    assert list(found["seconds"])[:4] == ["import", "read", "clean", "correlate"]
    assert list(found["seconds"])[-5:] == [*list(found["f1"])[:4], "types"]
    assert found["cpu_seconds"].keys() == found["seconds"].keys()
    # What the whole process takes stands beside it.
    assert not found.keys() & {field.name for field in fields(Spent)}
    assert 0.5 < found["f1"]["logistic_regression"] < found["f1"]["random_forest"] < 1
    assert {path.name for path in tmp_path.iterdir()} >= {"describe.csv", "histograms.png", "ks.csv", "types.txt"}
    assert 2500 < found["flows"] <= 3000


def test_what_a_process_and_its_children_spend_is_counted(tmp_path: Path) -> None:
    code = "import subprocess, sys, time; b = bytearray(10**8); time.sleep(1)"
    child = [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}])"]
    found = spent(child, tmp_path, tmp_path / "log")
    assert found.wall >= 1
    assert found.cpu > 0
    assert found.memory > 100
    with pytest.raises(RuntimeError, match=r"ended with 3\nwhy$"):
        spent([sys.executable, "-c", "print('why'); raise SystemExit(3)"], tmp_path, tmp_path / "log")


def test_the_report_pairs_the_runs(tmp_path: Path) -> None:
    def run(peer: float, ours: float) -> dict:
        told = {"cpu": 1.0, "memory": 10.0, "f1": {"random_forest": 0.9}}
        return {
            "peer": {
                "wall": peer,
                "seconds": {"import": 1.0, "read": peer, "adaboost": 4.0, "types": 9.0},
                "cpu_seconds": {"import": 0.5, "read": 1.0, "adaboost": 3.0, "types": 18.0},
                **told,
            },
            "ours": {
                "wall": ours,
                "stages": {"ingest": {"wall": 2.0, "cpu": 1.5, "memory": None}},
                "fits": {
                    "random-selected-binary-adaboost": {"wall": ours, "cpu": 0.5},
                    "random-all-types-random_forest": {"wall": 3.0, "cpu": 2.5},
                },
                **told,
            },
        }

    machine = {"processor": "P", "cores": 2, "system": "S", "python": "3", "day": "2026-01-01"}
    limits = {"read": 0.1, "parse": 0.2, "sort": 0.3}
    for rows, runs in ((2000, [run(8, 2), run(9, 3), run(10, 1)]), (100, [run(1, 2)])):
        (tmp_path / str(rows)).mkdir()
        found = {"rows": rows, "cores": 2, "machine": machine, "limits": limits, "runs": runs}
        (tmp_path / str(rows) / "measured.json").write_text(json.dumps(found), encoding="utf-8")
    text = write(tmp_path).read_text(encoding="utf-8")
    assert "| adaboost | 4.0 | 3.0 | 2.0 | 0.5 | 2.0 | 6.0 |" in text
    assert "| types | 9.0 | 18.0 | 3.0 | 2.5 | 3.0 | 7.2 |" in text
    assert "| import | 1.0 | 0.5 | 0.0 | 0.0 |  |  |" in text
    assert "| the models of two classes | 4.0 | 3.0 | 2.0 | 0.5 | 2.0 | 6.0 |" in text
    assert "| all but the types | 14.0 | 4.5 | 4.0 | 2.0 | 3.5 | 2.2 |" in text
    assert "| 2,000 | Wall, s | 9.0 | 2.0 | 4.00 | 3.00 to 10.00 | 3 |" in text
    assert "| 100 | Wall, s | 1.0 | 2.0 | 0.50 | 0.50 to 0.50 | 1 |" in text
    assert "| import | 1.0 | ingest | 2.0 | 1.5 |  |" in text
    assert text.index("| 100 |") < text.index("| 2,000 |")
    assert (tmp_path / "bench.svg").stat().st_size > 1000
    assert table([]).startswith("\n")


@pytest.mark.parametrize(("given", "said"), [({"size": 0}, "SIZE=0 is not"), ({"size": 0.01, "runs": 0}, "RUNS=0")])
def test_what_cannot_be_measured_is_refused(given: dict, said: str) -> None:
    with pytest.raises(Exception, match=said):
        step(**given)


def test_limits_are_measured_where_a_column_is_text_in_one_file_alone(tmp_path: Path) -> None:
    """As rates are that begin with 'Infinity', which only many flows do."""
    for name, cells in (("a", ["1.5", "2"]), ("b", ["Infinity x", "3"])):
        (tmp_path / f"{name}.csv").write_text("\n".join(["port,time,rate", *(f"80,9,{cell}" for cell in cells)]))
    assert _limits(tmp_path).keys() == {"read", "parse", "sort"}


def test_what_was_cut_off_goes_on_where_it_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    calls: list[str] = []

    def measure(what: str, fails: bool = False) -> Callable[[], dict]:
        def run() -> dict:
            calls.append(what)
            if fails:
                raise KeyboardInterrupt
            return {"number": len(calls)}

        return run

    with pytest.raises(KeyboardInterrupt):
        measured_so_far(tmp_path, 2, 2, {"notebook": measure("peer"), "workflow": measure("ours", fails=True)})
    found = measured_so_far(tmp_path, 2, 2, {"notebook": measure("peer"), "workflow": measure("ours")})
    assert calls == ["peer", "ours", "ours", "peer", "ours"]
    assert found == [{"peer": {"number": 1}, "ours": {"number": 3}}, {"peer": {"number": 4}, "ours": {"number": 5}}]
    assert f"remove build/bench/{tmp_path.name}/begun.json to begin anew" in capsys.readouterr().out
    # On other cores nothing of it holds.
    measured_so_far(tmp_path, 1, 4, {"notebook": measure("peer"), "workflow": measure("ours")})
    assert calls[5:] == ["peer", "ours"]
