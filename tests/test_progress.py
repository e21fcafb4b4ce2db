"""What a build says, from events as Snakemake 9.27 sends them."""

from __future__ import annotations

import io
import logging
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from analysis.progress import Progress, install, seconds, span

COMMAND = "python -m analysis.conditions.fit --seed 1 " + "--and-so-on " * 100


@pytest.fixture
def build(tmp_path):
    """Sends events to a Progress whose clock is set by hand, and gives what it said."""
    now, stream = [0.0], io.StringIO()
    planned: list[str] = []
    progress = Progress(lambda: planned, cores=2, stream=stream, clock=lambda: now[0])

    def send(event, level=logging.INFO, message="", **told):
        record = logging.makeLogRecord({"levelno": level, "msg": message, "event": event, **told})
        progress.handle(record)

    def begin(job, rule, benchmark=None, **wildcards):
        send(LogEvent.JOB_INFO, jobid=job, rule_name=rule, wildcards=wildcards, benchmark=benchmark)

    def finish(job, done, total):
        send(LogEvent.JOB_FINISHED, job_id=job)
        send(LogEvent.PROGRESS, done=done, total=total)

    def benchmark(name, took):
        path = tmp_path / f"{name}.tsv"
        path.write_text(f"s\th:m:s\tmax_rss\n{took}\t0:00:01\t12.3\n")
        planned.append(str(path))
        return str(path)

    said = lambda: stream.getvalue().splitlines()  # noqa: E731
    return SimpleNamespace(
        send=send,
        begin=begin,
        finish=finish,
        benchmark=benchmark,
        said=said,
        now=now,
        planned=planned,
        progress=progress,
    )


def test_a_step_is_named_with_what_varies(build):
    build.begin(3, "binary", set="selected", model="random_forest")
    build.now[0] = 34
    build.finish(3, 12, 56)
    assert build.said() == [" 12 of 56   34 s gone                        binary selected random_forest (34 s)"]


def test_time_left_comes_from_earlier_times_and_the_pace_of_today(build):
    first, second = build.benchmark("a", 10.0), build.benchmark("b", 30.0)
    build.benchmark("c", 20.0)
    build.send(LogEvent.RUN_INFO, message="Job stats: ...", stats={})
    build.begin(1, "a", first)
    build.begin(2, "b", second)
    build.now[0] = 20  # twice as slow as before
    build.finish(1, 1, 3)
    # At twice their earlier times b has 40 s left, c 40 s: on two cores 40 s.
    assert build.said() == [
        "3 steps to do, about 30 s left by earlier times",
        "  1 of 3   20 s gone, about 40 s left       a (20 s)",
    ]


def test_without_earlier_times_nothing_is_foretold(build):
    build.planned += ["a.tsv", "b.tsv"]
    build.send(LogEvent.RUN_INFO, message="Job stats: ...", stats={})
    assert build.said() == ["2 steps to do"]


def test_a_long_step_is_not_silent(build):
    build.begin(1, "attack_types", variant="all_with_benign")
    build.progress.still()
    assert build.said() == []
    build.now[0] = 31
    build.progress.still()
    build.progress.still()
    assert build.said() == ["   ...   31 s gone                        running: attack_types all_with_benign"]


def fail(build, status):
    build.begin(7, "binary", set="selected", model="random_forest")
    text = f"RuleException:\nCalledProcessError in file detection.smk, line 9:\nCommand 'set -e; {COMMAND}' {status}."
    build.send(LogEvent.ERROR, logging.ERROR, text, exception="RuleException")
    build.send(LogEvent.JOB_ERROR, logging.ERROR, "Error in rule binary, jobid: 7", jobid=7, rule_name="binary",
               log=["binary.log"], shellcmd=COMMAND)  # fmt: skip
    build.send(None, logging.ERROR, "Exiting because a job execution failed. Look below for error messages")
    build.send(LogEvent.ERROR, logging.ERROR, "WorkflowError:\nAt least one job did not complete successfully.")


@pytest.mark.parametrize(
    ("status", "code"),
    [("returned non-zero exit status 2", 2), ("died with <Signals.SIGKILL: 9>", 137),
     ("returned non-zero exit status 137", 137)],
)  # fmt: skip
def test_a_failed_step_is_named_without_its_command_line(build, status, code):
    fail(build, status)
    assert build.said() == ["failed: binary selected random_forest"]
    (failed,) = build.progress.failed
    assert (failed.name, str(failed.log), failed.code) == ("binary selected random_forest", "binary.log", code)


def test_other_mistakes_are_shown(build):
    build.send(LogEvent.ERROR, logging.ERROR, "MissingInputException: \x1b[2J", exception="MissingInputException")
    build.send(None, logging.INFO, "Nothing to be done (all requested files are present and up to date).")
    build.send(None, logging.INFO, "Select jobs to execute...")
    assert [line[:30] for line in build.said()] == [r"MissingInputException: \x1b[2J", "Nothing to be done (all reques"]


@pytest.mark.parametrize(("color", "escapes"), [(True, 1), (False, 0)])
def test_colours_only_where_asked_for(color, escapes):
    stream = io.StringIO()
    progress = Progress(list, 1, stream, color)
    progress.handle(logging.makeLogRecord({"event": LogEvent.PROGRESS, "done": 1, "total": 2}))
    assert stream.getvalue().count("\033[0m") == escapes


@pytest.mark.parametrize("no_color", ["", "1"])
def test_it_takes_the_place_of_the_handler_of_snakemake(monkeypatch, no_color):
    monkeypatch.setenv("NO_COLOR", no_color)
    handler = logging.NullHandler()
    handler.name, handler.nocolor = "DefaultStreamHandler", False
    logger = logging.Logger("of a test")
    logger.addHandler(handler)
    asked = SimpleNamespace(dryrun=False, verbose=False, printshellcmds=False, debug_dag=False, quiet=None)
    workflow = SimpleNamespace(output_settings=asked, resource_settings=SimpleNamespace(cores=2))
    install(workflow, logger)
    (progress,) = logger.handlers
    progress.close()
    assert progress.color is not bool(no_color)
    logger.handlers = [handler]
    asked.dryrun = True
    install(workflow, logger)
    assert logger.handlers == [handler], "a dry run says what it says"


def test_spans_as_one_reads_them():
    assert [span(s) for s in (0.2, 59.4, 59.6, 125, 3725)] == ["0 s", "59 s", "1:00", "2:05", "1:02:05"]


def test_a_benchmark_that_cannot_be_read_is_none(tmp_path):
    (tmp_path / "a.tsv").write_text("s\n")
    assert seconds(tmp_path / "a.tsv") is None
    assert seconds(tmp_path / "b.tsv") is None


def test_a_step_that_a_cluster_tried_again_with_success_has_not_failed(build):
    log = ["build/a/logs/ingest.log", ".snakemake/slurm_logs/rule_ingest/7.log"]
    for job in (7, 8):
        build.begin(job, "ingest")
        if job == 7:
            build.send(LogEvent.JOB_ERROR, logging.ERROR, "Error", jobid=7, rule_name="ingest", shellcmd="", log=log,
                       msg="SLURM status is: 'NODE_FAIL'")  # fmt: skip
            (failed,) = build.progress.failed
            assert (str(failed.log), failed.reason, str(failed.job)) == (log[0], "SLURM status is: 'NODE_FAIL'", log[1])
    build.finish(8, 1, 1)
    assert build.progress.failed == []
