from __future__ import annotations

import pytest

from analysis.failure import Failed, explain, stopped


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
    assert "old mistake" not in explain(tmp_path, 1e12)


def test_a_build_of_which_no_step_failed_was_itself_stopped(tmp_path):
    text = explain(tmp_path, 0)
    assert text.startswith("flowpaper: the build was stopped before it was done; run again: what was finished is kept")
    assert "a step" not in text


def failed(tmp_path, code, text=""):
    log = tmp_path / "binary_ten_random_forest.log"
    log.write_text(text)
    return [Failed("binary selected random_forest", log, code)]


@pytest.mark.parametrize("code", [137, -9])
def test_a_step_killed_for_memory_is_named_with_what_to_do(code, tmp_path):
    text = explain(tmp_path, 0, failed(tmp_path, code, "fitting ...\n"))
    assert text.startswith("flowpaper: the step 'binary selected random_forest' was killed (SIGKILL)")
    assert "memory ran out" in text
    assert "CORES=1" in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("code", "word"), [(143, "stopped from outside (SIGTERM)"), (-11, "crashed (SIGSEGV)"), (153, "ulimit")]
)
def test_other_signals_have_their_names(code, word, tmp_path):
    assert word in explain(tmp_path, 0, failed(tmp_path, code))


@pytest.mark.parametrize("code", [0, 1, 2, 127, 128, 255])
def test_an_end_of_its_own_is_none(code):
    assert stopped(code) is None


def test_memory_that_python_did_not_get_is_named(tmp_path):
    said = "Traceback (most recent call last):\nnumpy._ArrayMemoryError: Unable to allocate 9 TiB for an array"
    text = explain(tmp_path, 0, failed(tmp_path, 1, said))
    assert "found no more memory" in text
    assert "Traceback" not in text


def test_the_message_of_a_step_is_the_message(tmp_path):
    assert explain(tmp_path, 0, failed(tmp_path, 2, "flowpaper: \x1b[2J: no")) == r"flowpaper: \x1b[2J: no"


def test_a_full_disk_leaves_no_log_and_is_named(tmp_path, monkeypatch):
    assert "ended with code 1 and said nothing" in explain(tmp_path, 0, failed(tmp_path, 1))
    monkeypatch.setattr("analysis.failure.shutil.disk_usage", lambda path: type("Usage", (), {"free": 0}))
    assert "no room left on the disk" in explain(tmp_path, 0, failed(tmp_path, 1))


def test_a_step_that_a_cluster_ended_is_told_with_what_the_cluster_says(tmp_path):
    job = tmp_path / "7.log"
    job.write_text("rule ingest:\nslurmstepd: error: Step exceeded memory limit, being killed.\nElapsed\n")
    reason = "SLURM-job '7' failed, SLURM status is: 'FAILED'."
    text = explain(tmp_path, 0, [Failed("ingest 2", tmp_path / "none.log", None, reason, job)])
    assert text.startswith("flowpaper: the step 'ingest 2' did not end by itself: SLURM-job '7' failed")
    assert "--set-resources ingest:mem_mb=" in text
    assert "exceeded memory limit" in text
    assert "Elapsed" not in text
    said = tmp_path / "own.log"
    said.write_text("flowpaper: x.csv, row 3: no label")
    assert explain(tmp_path, 0, [Failed("ingest", said, None, reason, job)]) == "flowpaper: x.csv, row 3: no label"
