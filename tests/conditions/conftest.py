"""The steps from cleaned flows to predictions, run as the workflow runs them, on flows made here."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.command import call
from analysis.conditions import fit, screen, split
from analysis.conditions.catalogue import Planned, batches, plan
from analysis.record import read_json
from analysis.settings import Study, load
from analysis.sources import sources
from analysis.statistics import select

SMALL = {
    "study": "source",
    "models": {"random_forest": {"n_estimators": 6}, "gradient_boosting": {"n_estimators": 4},
               "adaboost": {"n_estimators": 4}, "logistic_regression": {"max_iter": 300}},
    "features": {"count": 2},
    "attack_types": {"random_forest": {"n_estimators": 5}},
    "all_features": {"train_rows": 150},
    "ledger": {"train_rows": 120, "trees": 100},
}  # fmt: skip
"""Settings under which all conditions of a study are fitted in seconds."""


def make_clean(n: int = 400, seed: int = 1, files: int = 3) -> pl.DataFrame:
    """Cleaned flows of several files: three types, repeats, a port, a copy of a column, and missing cells.

    The last file holds no attack.
    """
    random = np.random.default_rng(seed)
    file = random.integers(0, files, n)
    label = np.where(file == files - 1, "BENIGN", random.choice(["BENIGN", "DDoS", "Bot"], n, p=[0.5, 0.3, 0.2]))
    attack = label != "BENIGN"
    rate = [None if random.random() < 0.1 else random.normal() for _ in range(n)]
    length = np.round(random.exponential(20, n) + 30 * attack)
    frame = pl.DataFrame({
        "Destination Port": np.where(attack, 80, random.choice([22, 53, 80], n)), "Length": length,
        "Length again": length, "Rate": rate,
        "Window": random.integers(-1, 3, n),
        "Label": label, "is_attack": attack, "attempted": ~attack & (np.arange(n) % 29 == 0),
        "source_file": [f"day {i}.csv" for i in file],
    })  # fmt: skip
    # One flow in ten stands twice.
    return pl.concat([frame, frame.head(n // 10)]).with_columns(source_row=pl.int_range(pl.len(), dtype=pl.Int64))


@dataclass
class Usual:
    """Where the build that most tests begin with is kept, and its logs."""

    folder: Path
    logs: dict[str, str] = field(default_factory=dict)


class Steps:
    """A folder in which the steps split, select and fit are run for the conditions of some settings."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], usual: Usual) -> None:
        self.folder, self._said, self._usual = folder, capsys, usual

    def study(self, **settings: Any) -> Study:
        return load({**SMALL, **settings})

    def put(self, clean: pl.DataFrame) -> None:
        self.folder.mkdir(exist_ok=True, parents=True)
        clean.write_parquet(self.folder / "clean.parquet")

    def split(self, study: Study, planned: Sequence[Planned]) -> None:
        for id, condition in {one.condition.split_id: one.condition for one in planned}.items():
            self._run(split, {
                "factors": json.dumps(condition.split_factors()), "test-fraction": study.split.test_fraction,
                "min-type": study.split.min_type, "seed": study.seed, "flows": self.folder / "clean.parquet",
                "assigned": self.folder / id / "roles.parquet", "split": self.folder / id / "split.json",
            })  # fmt: skip

    def select(self, study: Study, planned: Sequence[Planned]) -> None:
        for id in {one.condition.split_id: None for one in planned}:
            self._run(select, {"number": study.features.count, "rule": study.features.rule, **self._of(id)})

    def fit(self, study: Study, planned: Sequence[Planned]) -> dict[str, str]:
        """What the log of each batch says."""
        logs = {}
        for batch, members in batches(planned).items():
            splits = sorted({one.condition.split_id for one in members})
            screened = sorted({one.condition.split_id for one in members if one.condition.group.features == "added"})
            for id in screened:
                self._run(screen, {
                    "rows": 200, "most": 2, "margin": 0.01, "min-type": study.split.min_type, "stream": "screen",
                    "seed": study.seed, "threads": 1, **self._of(id), "added": self.folder / id / "added.json",
                })  # fmt: skip
            self._said.readouterr()
            self._run(fit, {
                "conditions": json.dumps([one.entry() for one in members]), "seed": study.seed, "threads": 1,
                "engine": study.engine.model_dump_json(),
                "flows": self.folder / "clean.parquet", "store": self.folder / "store" / batch,
                "predictions": self.folder / f"{batch}.parquet", "descriptions": self.folder / f"{batch}.json",
            }, code=sources("analysis.conditions.fit"), added=[self.folder / id / "added.json" for id in screened],
                roles=[self._of(id)["roles"] for id in splits], splits=[self._of(id)["split"] for id in splits],
                features=[self._of(id)["features"] for id in splits])  # fmt: skip
            logs[batch] = self._said.readouterr().out
        return logs

    def all(self, clean: pl.DataFrame, **settings: Any) -> dict[str, str]:
        """All steps; the logs of what was fitted."""
        study = self.study(**settings)
        planned = plan(study)
        self.put(clean)
        self.split(study, planned)
        self.select(study, planned)
        return self.fit(study, planned)

    def usual(self) -> dict[str, str]:
        """As :meth:`all` for the flows and settings that most tests begin with: made once, and copied."""
        if not self._usual.folder.exists():
            self._usual.logs = self.all(make_clean())
            shutil.copytree(self.folder, self._usual.folder)
        else:
            shutil.copytree(self._usual.folder, self.folder)
        return self._usual.logs

    def told(self, name: str) -> dict[str, Any]:
        """The descriptions of a batch or a group by condition."""
        batch = self.folder / f"{name}.json"
        found: dict[str, Any] = {}
        for path in [batch] if batch.is_file() else sorted(self.folder.glob("*.json")):
            found |= {id: one for id, one in read_json(path).items() if batch == path or "-".join(one["group"]) == name}
        return found

    def frame(self, name: str) -> pl.DataFrame:
        """The predictions of a batch, or of a group those flows that any of its conditions has an answer for."""
        batch = self.folder / f"{name}.parquet"
        if batch.is_file():
            return pl.read_parquet(batch)
        ids = self.told(name).keys()
        for path in sorted(self.folder.glob("*.parquet")):
            frame = pl.read_parquet(path)
            if own := [column for column in frame.columns if column.partition("/")[0] in ids]:
                base = [column for column in frame.columns if "/" not in column]
                return frame.filter(pl.any_horizontal(pl.col(own).is_not_null())).select(*base, *own)
        raise FileNotFoundError(name)

    def _of(self, id: str) -> dict[str, Path]:
        folder = self.folder / id
        return {"flows": self.folder / "clean.parquet", "roles": folder / "roles.parquet",
                "split": folder / "split.json", "features": folder / "features.json"}  # fmt: skip

    def _run(self, module: Any, options: Mapping[str, object], **lists: Sequence[object]) -> None:
        line = [text for key, value in options.items() for text in (f"--{key}", str(value))]
        line += [text for key, values in lists.items() for text in (f"--{key}", *map(str, values))]
        fit._sum.cache_clear()
        call(module.step, line)


@pytest.fixture(scope="session")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Usual:
    return Usual(tmp_path_factory.mktemp("usual") / "build")


@pytest.fixture
def steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], root: Path, usual: Usual
) -> Steps:
    """The steps in a folder of their own, run from the top of the project."""
    monkeypatch.chdir(root)
    return Steps(tmp_path / "build", capsys, usual)


@pytest.fixture
def another(tmp_path: Path, capsys: pytest.CaptureFixture[str], steps: Steps, usual: Usual) -> Callable[[str], Steps]:
    """The steps in further folders."""
    return lambda name: Steps(tmp_path / name, capsys, usual)
