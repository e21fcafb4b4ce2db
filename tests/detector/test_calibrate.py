"""The threshold for a network of one's own: the alerts that it gives, its interval, and what it cannot tell."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import poisson as law

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: 'make test' installs it")

from analysis import errors
from analysis.command import call
from analysis.detector.calibrate import WARNING, calibrated, poisson, report_calibration, step
from analysis.twin.write import write as write_twin


def called(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = 0
    try:
        errors.run(lambda: call(step, words))
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize("count", [0, 1, 7, 40])
def test_the_interval_of_a_count_is_that_of_the_tails(count: int) -> None:
    low, high = poisson(count)
    assert law.cdf(count, high) == pytest.approx(0.025)
    assert count == 0 or law.sf(count - 1, low) == pytest.approx(0.025)


def test_at_most_as_many_alerts_as_wanted_and_no_fewer_without_ties() -> None:
    scores = np.random.default_rng(1).random(10_000)
    found = calibrated(scores, days=2, wanted=20)
    assert found["alerts"] == np.count_nonzero(scores > found["threshold"]) == 40
    assert found["alerts_a_day"] == 20
    assert found["alerts_a_day_low"] < 20 < found["alerts_a_day_high"]
    assert found["threshold_low"] < found["threshold"] < found["threshold_high"]
    for end, side in (("threshold_low", 0), ("threshold_high", 1)):
        count = int(np.count_nonzero(scores > found[end]))
        beyond = [poisson(n) for n in (count - 1, count, count + 1)]
        assert beyond[2 * (1 - side)][side] > 40 if side == 0 else beyond[0][1] < 40 <= beyond[2][1]


def test_tied_scores_give_fewer_alerts_and_never_more() -> None:
    scores = np.repeat([0.1, 0.5, 0.9], [900, 90, 10])
    found = calibrated(scores, days=1, wanted=50)
    assert (found["threshold"], found["alerts"]) == (0.5, 10)
    found = calibrated(scores, days=1, wanted=5)
    assert (found["threshold"], found["alerts"]) == (0.9, 0)
    assert found["alerts_a_day_high"] == pytest.approx(3.69, abs=0.01)


@pytest.mark.parametrize(("top", "never"), [(1.0, True), (0.9, False)])
def test_a_threshold_that_no_score_can_exceed_is_said_to_be_one(top: float, never: bool) -> None:
    found = calibrated(np.repeat([0.1, top], [90, 10]), days=1, wanted=5)
    told = {"flows": 100, "skipped": 0, "days": 1, "wanted_a_day": 5, "outside_training_range": 0, "warning": WARNING}
    said = "\n".join(report_calibration(told | found, Path("c.json")))
    assert ("this threshold never gives an alert" in said) is never


def test_more_alerts_than_flows_are_all_of_them_but_one_kind() -> None:
    assert calibrated(np.array([0.2, 0.3, 0.4]), days=1, wanted=1000)["alerts"] == 2


def test_days_come_from_the_flows_times(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_twin(tmp_path / "corrected", rows=1500, floor=20, seed=4, into="corrected")
    out = tmp_path / "mine.json"
    code, said, message = called(
        capsys, str(folder), str(tmp_path / "corrected"), "--alerts", "50/day", "--out", str(out)
    )
    assert (code, message) == (0, "")
    found = json.loads(out.read_text())
    assert 3 < found["days"] < 5
    assert found["alerts"] <= 50 * found["days"]
    assert f"THRESHOLD={found['threshold']!r}" in said
    assert WARNING in said
    assert 0 <= found["outside_training_range"] <= 1
    assert max(found["outside_by_feature"].values()) <= found["outside_training_range"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--alerts", "20"), "ALERTS=20: give a number a day, as in ALERTS=20/day"),
        (("--alerts", "0/day"), "ALERTS=0/day: give a number a day"),
        (("--alerts", "20/day", "--days", "-1"), "DAYS=-1: give how many days"),
        (("--alerts", "20/day"), "tells no times, so alerts a day cannot be counted; say how long it is: DAYS=1"),
        (("--alerts", "20/day", "--out", "nowhere/c.json"), "OUT=nowhere/c.json: no file in a folder that is there"),
    ],
)  # fmt: skip
def test_what_cannot_be_counted_is_said(
    folder: Path, day: Path, options: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said, message = called(capsys, *options, "--", str(folder), str(day))
    assert (code, said) == (2, "")
    assert says in message
