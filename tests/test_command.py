"""A step's command line is its signature."""

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import pytest

from analysis.command import In, Ins, Out, Outs, Wildcard, call, command, parse

STEP = '''"""Step: a test's."""

from analysis.command import In, Ins, Out, Outs, Wildcard, run


def count(flows: In, parts: Ins, name: Wildcard, *, seed: int, values: Out, tables: Outs) -> None:
    """Write what was given."""
    values.write_text(f"{flows} {parts} {name} {seed} {tables}")


if __name__ == "__main__":
    run(count)
'''

BY_HAND = '''"""Step: one that people run as well."""

from analysis.command import Out, Threads, run


def make(flows: Out, /, *, rows: int = 5, unused: Out | None = None, workers: Threads = 1) -> None:
    """Make flows."""


if __name__ == "__main__":
    run(make)
'''


def step(
    flows: In, parts: Ins, name: Wildcard, *, seed: int, share: float, rule: Literal["a", "b"], rows: int | None,
    changes: dict[str, Any], values: Out, tables: Outs, noted: bool = False,
) -> None:  # fmt: skip
    """What it does."""


GIVEN = "--flows f --parts a b --name n --seed 3 --share .5 --rule a --rows None --values v --tables"


def test_options_are_read_by_their_types() -> None:
    found = parse(step, [*shlex.split(GIVEN), "--changes", '{"a": [1]}'])
    assert found == {
        "flows": Path("f"), "parts": [Path("a"), Path("b")], "name": "n", "seed": 3, "share": 0.5, "rule": "a",
        "rows": None, "changes": {"a": [1]}, "values": Path("v"), "tables": [], "noted": False,
    }  # fmt: skip
    assert parse(step, [*shlex.split(GIVEN), "--changes", "{}", "--noted"])["noted"] is True
    assert parse(step, [*shlex.split(GIVEN), "--changes", "{}", "--noted", "False"])["noted"] is False


def listed(*, find: str = "", build: str | None = None) -> None:
    """A step that asks for nothing."""


def test_an_empty_command_line_gives_the_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    assert parse(listed, []) == {"find": "", "build": None}
    with pytest.raises(SystemExit) as done:
        parse(step, [])
    assert done.value.code == 2
    assert "the following arguments are required: --flows" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [("", "required: --changes"), ("--changes {} --sead 3", "unrecognized arguments: --sead"),
     ("--changes {} --seed x", "argument --seed: invalid int value: 'x'"),
     ("--changes {} --rule c", "argument --rule: invalid choice: 'c'"),
     ("--changes {} --noted yes", "argument --noted: give True or False"),
     ("--changes {", "argument --changes: invalid")],
)  # fmt: skip
def test_wrong_options_are_named(more: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(step, shlex.split(f"{GIVEN} {more}"))
    complaint = capsys.readouterr().err
    assert said in complaint
    assert (complaint[:11], complaint.count("\n")) == ("flowpaper: ", 1)


def test_what_is_positional_only_is_given_without_the_name_of_an_option() -> None:
    said: list[object] = []

    def take(data: str, other: Path = Path("x"), /, *, rows: list[int] | None = None, rule: Literal["a"] = "a") -> None:
        """What it does."""
        said[:] = [data, other, rows, rule]

    call(take, ["flows"])
    assert said == ["flows", Path("x"), None, "a"]
    call(take, ["flows", "here", "--rows", "1", "2", "--rule", "a"])
    assert said == ["flows", Path("here"), [1, 2], "a"]


def test_what_may_be_none_is_read_as_what_it_else_is() -> None:
    def take(*, about: dict[str, Any] | None, rows: int | None) -> None:
        """What it does."""

    assert parse(take, ["--about", '{"a": 1}', "--rows", "2"]) == {"about": {"a": 1}, "rows": 2}
    assert parse(take, ["--about", "None", "--rows", "None"]) == {"about": None, "rows": None}


def test_a_rule_gives_a_parameter_with_a_default_only_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "__main__.py").write_text(BY_HAND)
    monkeypatch.chdir(tmp_path)
    assert command("room") == "python -m room {output.flows:q} > {log:q} 2>&1"
    assert command("room", "rows", "unused") == (
        "python -m room {output.flows:q} --rows {params.rows:q} --unused {output.unused:q} > {log:q} 2>&1"
    )
    assert command("room", "workers") == "python -m room {output.flows:q} --workers {threads} > {log:q} 2>&1"
    with pytest.raises(ValueError, match="the step of room has no parameter seed"):
        command("room", "seed")


def test_a_type_that_no_option_can_hold_is_refused() -> None:
    def wrong(what: set) -> None:  # type: ignore[type-arg]
        """Nothing."""

    with pytest.raises(TypeError, match="no option can hold"):
        parse(wrong, [])


def test_a_rules_command_is_made_of_the_signature_and_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made.py").write_text(STEP)
    (tmp_path / "other.py").write_text("x = 1\n")
    monkeypatch.chdir(tmp_path)
    shell = command("made")
    assert shell == (
        "python -m made --flows {input.flows:q} --parts {input.parts:q} --name {wildcards.name:q}"
        " --seed {params.seed:q} --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"
    )
    with pytest.raises(ValueError, match=r"other\.py gives no function of its own to run"):
        command("other")
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(
        [sys.executable, "-m", "made", *shlex.split("--flows f --parts a --name n --seed 1 --values v --tables t")],
        cwd=tmp_path, env={"PYTHONPATH": str(root)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert (tmp_path / "v").read_text() == f"f {[Path('a')]} n 1 {[Path('t')]}"
