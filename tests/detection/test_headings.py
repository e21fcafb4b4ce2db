"""Every column of the table of models, recomputed from the predictions by its title with scikit-learn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
import sklearn.metrics as sk

from analysis.detection import binary_report
from analysis.detection.curves import areas
from analysis.detection.names import MODELS
from tests.detection.conftest import FEATURES, described
from tests.detection.test_binary_report import curve, scored

Column = Callable[[np.ndarray, np.ndarray, np.ndarray], float]


def _count(truth: bool, answer: bool) -> Column:
    return lambda label, predicted, score: int(((label == truth) & (predicted == answer)).sum())


EXPECTED: dict[str, Column] = {
    "Accuracy": lambda label, predicted, score: sk.accuracy_score(label, predicted),
    "F1": lambda label, predicted, score: sk.f1_score(label, predicted),
    "Precision": lambda label, predicted, score: sk.precision_score(label, predicted),
    "Recall": lambda label, predicted, score: sk.recall_score(label, predicted),
    "FPR": lambda label, predicted, score: 1 - sk.recall_score(~label, ~predicted),
    "MCC": lambda label, predicted, score: sk.matthews_corrcoef(label, predicted),
    "ROC-AUC": lambda label, predicted, score: sk.roc_auc_score(label, score),
    "PR-AUC": lambda label, predicted, score: sk.average_precision_score(label, score),
    "True negatives": _count(False, False),
    "False positives": _count(False, True),
    "False negatives": _count(True, False),
    "True positives": _count(True, True),
}


@pytest.mark.parametrize(("name", "features"), [
    ("binary_models", "selected"), ("binary_all_models", "all"),
    ("confusion_selected", "selected"), ("confusion_all", "all"),
])  # fmt: skip
def test_a_metric_stands_under_its_title(
    name: str, features: str, predictions: dict[str, dict[str, pl.DataFrame]]
) -> None:
    top, everything = (
        binary_report.FeatureSet(
            key,
            predictions[key],
            {model: described(model, FEATURES) for model in MODELS},
            {model: areas(*scored(frame)) for model, frame in predictions[key].items()},
        )
        for key in ("selected", "all")
    )
    curves = {model: curve(frame) for model, frame in predictions["selected"].items()}
    table = binary_report.report_binary(top, everything, curves, "synthetic twin").tables[name]
    compared = set()
    for row in table.rows:
        if row.id not in MODELS:
            continue
        frame = predictions[features][row.id]
        arrays = [frame[key].to_numpy() for key in ("is_attack", "predicted", "score")]
        for column, cell in zip(table.columns, row.cells, strict=True):
            if column.title in EXPECTED:
                assert cell.value == pytest.approx(EXPECTED[column.title](*arrays)), (row.id, column.title)
                compared.add(column.title)
    rest = {column.title for column in table.columns} - compared
    assert rest <= {"Model", "95% low", "95% high"}, "a title without a meaning here"
