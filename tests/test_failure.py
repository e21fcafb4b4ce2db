from __future__ import annotations

from analysis.failure import explain


def test_a_mistake_of_the_user_is_one_message(tmp_path):
    (tmp_path / "ingest.log").write_text("reading\nflowpaper: x.csv, row 3: no label\n")
    assert explain(tmp_path, 0) == "flowpaper: x.csv, row 3: no label"


def test_a_fault_of_ours_shows_the_last_lines_and_the_log(tmp_path):
    lines = [f"line {i}" for i in range(40)]
    (tmp_path / "rank.log").write_text("Traceback (most recent call last)\n" + "\n".join(lines))
    text = explain(tmp_path, 0)
    assert text.startswith(f"{tmp_path / 'rank.log'}:")
    assert "line 39" in text
    assert "line 1\n" not in text


def test_logs_of_earlier_runs_are_left_alone(tmp_path):
    (tmp_path / "old.log").write_text("flowpaper: an old mistake")
    assert explain(tmp_path, 1e12) == f"a step was stopped; the logs are in {tmp_path}"
