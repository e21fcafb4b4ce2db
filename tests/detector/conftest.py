"""A detector of a small forest on synthetic flows, and files of such flows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.reading import read
from analysis.twin.write import write as write_twin

if TYPE_CHECKING:
    from analysis.detector.load import Detector
    from analysis.detector.refit import Refit

FEATURES = ["Flow Duration", "Total Fwd Packets", "Bwd Packet Length Max", "Fwd IAT Std", "Destination Port"]
CLUSTERS = [["Flow Duration", "Fwd IAT Std", "Flow IAT Mean"], ["Bwd Packet Length Max"]]
ABOUT = {"data": "synthetic twin", "release": "original", "synthetic": True, "weighted": False}
DATA = {"words": "synthetic twin", "release": "original", "synthetic": True, "identity": "cd" * 32}
MADE_OF = {"build": "small", "build_id": "0123456789ab", "version": "0.1.0", "data": DATA}


@pytest.fixture(scope="session")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of synthetic day files as the original release writes them."""
    folder = tmp_path_factory.mktemp("flows") / "twin"
    write_twin(folder, rows=4000, floor=40, seed=3)
    return folder


@pytest.fixture(scope="session")
def flows(twin: Path) -> pl.DataFrame:
    """All flows of these files."""
    parts = [read(FlowFile(path.name, path)).flows for path in sorted(twin.glob("*.csv"))]
    found = pl.concat(parts, how="diagonal_relaxed")
    return found.filter(pl.all_horizontal(pl.col(FEATURES).cast(pl.Float64).is_finite()))


def fitted(flows: pl.DataFrame, target: str) -> Refit:
    """A forest fitted on every other flow and tested on the rest, as a build's description and predictions say it."""
    from sklearn.ensemble import RandomForestClassifier

    from analysis.conditions.estimator import fit_and_predict
    from analysis.conditions.models import SOURCE
    from analysis.conditions.threshold import threshold
    from analysis.detector.refit import Refit

    chosen = flows.filter("is_attack") if target == "attack_types" else flows
    train, test = chosen[::2], chosen[1::2]
    seen, unseen = (part.select(pl.col(FEATURES).cast(pl.Float64)).to_numpy() for part in (train, test))
    truth = (train["is_attack"] if target == "binary" else train["Label"]).to_numpy()
    found = fit_and_predict(RandomForestClassifier(10, random_state=1), seen, truth, unseen)
    answered = test.select(pl.col("Label").alias("label"), "is_attack").with_columns(
        pl.Series("predicted", found.predicted.tolist()),
        *([pl.Series("score", found.score)] if found.score is not None else []),
    )
    fold: dict[str, Any] = {"features": FEATURES, "n_train": len(truth), "train": {}, "reason": None}
    if target == "binary":
        benign = found.score[~test["is_attack"].to_numpy()]
        fold |= {"attack_share": float(truth.mean()),
                 "thresholds": {str(rate): threshold(benign, rate) for rate in (0.01, 0.001)}}  # fmt: skip
    model = SOURCE["random_forest"]
    entry = {"id": f"random-selected-{target}", "name": model.name, "estimator": model.estimator, "parameters": {},
             "factors": {"target": target, "features": "selected", "model": model.key}, "folds": [fold]}  # fmt: skip
    return Refit(entry, found, seen, truth, unseen, answered)


@pytest.fixture(scope="session")
def forest(flows: pl.DataFrame) -> Refit:
    return fitted(flows, "binary")


@pytest.fixture(scope="session")
def contents(flows: pl.DataFrame, forest: Refit) -> dict[str, Any]:
    """All files of the detector by name."""
    from analysis.detector.card import card
    from analysis.detector.convert import convert
    from analysis.detector.describe import describe, with_card
    from analysis.detector.make import parity

    types = fitted(flows, "attack_types")
    models = {"model.onnx": convert(forest.found.pipeline), "types.onnx": convert(types.found.pipeline)}
    told = describe(forest, types, ABOUT, MADE_OF, parity(forest, types, models), CLUSTERS, models,
                    {"reason": "the flows have no column of Zeek's conn log"})  # fmt: skip
    said = card(told)
    return {**models, "detector.json": with_card(told, "MODEL-CARD.md", said), "MODEL-CARD.md": said}


@pytest.fixture
def folder(tmp_path: Path, contents: dict[str, Any]) -> Path:
    """A folder of the detector, which a test may alter."""
    from analysis.detector.make import write

    write(tmp_path / "small.detector", contents)
    return tmp_path / "small.detector"


@pytest.fixture
def detector(folder: Path) -> Detector:
    from analysis.detector.load import load

    return load(folder)


@pytest.fixture
def day(twin: Path) -> Path:
    """A day file with attacks."""
    return next(twin.glob("Friday*DDos*.csv"))


def edited(day: Path, path: Path, change: Any) -> Path:
    """The flows of a day file after ``change`` of its table, written to ``path``."""
    change(pl.read_csv(day, infer_schema_length=None)).write_csv(path)
    return path


def heading(day: Path, name: str) -> str:
    """How the file writes the name of a column."""
    return next(one for one in pl.read_csv(day, n_rows=1).columns if one.strip() == name)
