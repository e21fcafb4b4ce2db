"""The growth of steps is that of what was measured, and what is beyond it is told by it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.errors import UserError
from benchmarks.growth import EMPTY, Step, step, steps, table


def measured(bench: Path, rows: int, **stages: tuple[float, float | None]) -> None:
    entry = {name: {"wall": 1.0, "cpu": cpu, "memory": memory} for name, (cpu, memory) in stages.items()}
    (bench / str(rows)).mkdir(parents=True)
    found = {"rows": rows, "runs": [{"ours": {"stages": entry}}]}
    (bench / str(rows) / "measured.json").write_text(json.dumps(found), encoding="utf-8")


def test_a_step_s_growth_is_the_power_of_what_was_measured(tmp_path: Path) -> None:
    measured(tmp_path, 1000, clean=(0.1, EMPTY + 60), fit=(1.0, EMPTY + 60), gone=(1.0, 100.0), short=(0.01, 90.0))
    measured(tmp_path, 10_000, clean=(0.9, EMPTY + 60), fit=(30.0, EMPTY + 600), short=(0.02, 91.0), tiny=(0.01, None))
    found = {one.name: one for one in steps(tmp_path)}
    assert list(found) == ["fit", "clean", "short"], "those at the largest size, by CPU, whose memory was seen"
    assert found["fit"].power("cpu") == pytest.approx(1.477, abs=1e-3)
    assert found["fit"].power("memory") == pytest.approx(1)
    assert found["fit"].expected("memory", 100_000) == pytest.approx(EMPTY + 6000)
    assert found["clean"].power("cpu") is None, "a tenth of a second is too short to tell"
    assert found["clean"].power("memory") == 0
    assert found["clean"].expected("memory", 1e9) == EMPTY + 60, "what does not grow"
    half = Step("half", [(1000, 2.0), (10_000, 11.0)], [])
    assert half.expected("cpu", 100_000) == pytest.approx(101), "a second and a thousandth of one a flow"
    assert found["short"].expected("cpu", 100_000) == pytest.approx(0.2), "in proportion"
    lines = list(table(steps(tmp_path), 100_000))
    assert "| fit | 30.0 | 680 | 1.48 | 1.00 | 0.25 | 6.1 |" in lines
    assert "| short | 0.0 | 91 | too short to tell | too short to tell | 0.00 | 0.2 |" in lines


def test_one_size_tells_no_growth(tmp_path: Path) -> None:
    measured(tmp_path, 1000, clean=(1.0, 100.0))
    with pytest.raises(UserError, match="two sizes are needed"):
        step(bench=tmp_path)
