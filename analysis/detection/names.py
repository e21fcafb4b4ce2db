"""Names of the models, feature sets, variants and metrics: keys for machines, words for readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.conditions.models import SOURCE

BENIGN = "BENIGN"

MODELS = {key: model.name for key, model in SOURCE.items()}
"""The four models of the source study; what is fitted beside them has its name in its description."""

SETS = {"selected": "the highest-ranked features", "all": "all features"}
"""Feature sets of the source's binary models, and their words."""

VARIANT_NAMES = {
    "all_with_benign": "all features, with BENIGN",
    "all_attacks_only": "all features, attacks only",
    "selected_with_benign": "ranked features, with BENIGN",
    "selected_attacks_only": "ranked features, attacks only",
}
"""The four variants of the source study's attack-type model."""

VARIANT_NAMES_SHORT = {
    "all_with_benign": "all, with BENIGN",
    "all_attacks_only": "all, attacks only",
    "selected_with_benign": "ranked, with BENIGN",
    "selected_attacks_only": "ranked, attacks only",
}
"""The same for narrow columns: which features, and whether BENIGN is a possible answer."""


def name_in(row: Mapping[str, Any], key: str) -> str:
    """What readers call the model ``key`` of a row of a table: the source's in small letters, others as they stand."""
    return MODELS.get(key) or str(row["model"])


def titled(name: str) -> str:
    """A name as it stands at the beginning of a table row or legend: 'Random forest'."""
    return name[0].upper() + name[1:]


def the(name: str) -> str:
    """A model's name as a sentence has it.

    >>> the("random forest"), the("gradient boosting")
    ('the random forest', 'gradient boosting')
    """
    return f"the {name}" if name.endswith("forest") else name


def variant_parts(variant: str) -> tuple[str, bool]:
    """Feature set of a variant, and whether its training and test flows include BENIGN."""
    features, _, scope = variant.partition("_")
    return features, scope == "with_benign"


@dataclass(frozen=True)
class Metric:
    """A metric of a binary classifier: short title, definition, and whether less is better."""

    title: str
    definition: str
    less_is_better: bool = False
    display: str = "fixed:3"


METRICS = {
    "accuracy": Metric("Accuracy", "share of test flows classified correctly"),
    "f1": Metric("F1", "F1 of the attack class, 2TP / (2TP + FP + FN)"),
    "precision": Metric("Precision", "share of flows called attack that are attacks, TP / (TP + FP)"),
    "recall": Metric("Recall", "share of attacks that are called attack, TP / (TP + FN)"),
    "fpr": Metric("FPR", "false-positive rate: share of benign flows called attack, FP / (FP + TN)", True, "fixed:4"),
    "mcc": Metric("MCC", "Matthews correlation coefficient of label and prediction"),
    "roc_auc": Metric("ROC-AUC", "area under the receiver operating characteristic"),
    "pr_auc": Metric("PR-AUC", "average precision: precision summed over the steps in recall"),
}
