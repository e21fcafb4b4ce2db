"""A fitted pipeline as ONNX, in double precision and over features as they are measured.

The graph is written node by node. Converters of whole pipelines keep the scaler before the trees, in single precision,
so that values near a threshold take the other branch; and they know no sum of trees in double precision. Here the
thresholds are those of :mod:`analysis.detector.cuts`, trees add up in scikit-learn's order, and leaves are doubles
(TreeEnsemble of ai.onnx.ml 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper
from sklearn.ensemble import AdaBoostClassifier, GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from analysis.detector.cuts import raw_cuts
from analysis.detector.trees import Tree, ensemble
from analysis.errors import UserError

OPSETS = {"": 21, "ai.onnx.ml": 5}
IR_VERSION = 10
FLOWS, SCORE, CLASSES = "flows", "score", "classes"
"""Names of the graph's input, shape (n, features), and of its output: (n,), or (n, classes) for types."""
KNOWN = "random forest, gradient boosting, AdaBoost over stumps and logistic regression"


def convert(pipeline: Pipeline) -> bytes:
    """The model behind ``pipeline`` (a preparation and an estimator) as ONNX; equal models give equal bytes.

    For two classes, False and True, it answers with the probability of True, else with that of each class in the order
    of ``classes_``. UserError for a preparation or an estimator that is not converted.
    """
    scaler, estimator = pipeline[0], pipeline[-1]
    mean, scale = _scaling(scaler, estimator.n_features_in_)
    if isinstance(estimator, LogisticRegression):
        return _linear(estimator, mean, scale)

    def seen(raw: np.ndarray, features: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.asarray(((raw - mean[features]) / scale[features]).astype(np.float32))

    def trees(grown: Sequence[Any], leaves: Sequence[np.ndarray]) -> list[Tree]:
        made = [Tree.of(one.tree_, values) for one, values in zip(grown, leaves, strict=True)]
        return [one.over(lambda features, cuts: raw_cuts(seen, features, cuts)) for one in made]

    if isinstance(estimator, RandomForestClassifier):
        return _forest(
            estimator, trees(estimator.estimators_, [one.tree_.value[:, 0] for one in estimator.estimators_])
        )
    if isinstance(estimator, GradientBoostingClassifier) and estimator.n_classes_ == 2:
        return _boosting(estimator, trees)
    if isinstance(estimator, AdaBoostClassifier) and estimator.n_classes_ == 2:
        return _adaboost(estimator, trees)
    raise UserError(f"{type(estimator).__name__} is not written as ONNX yet; it can be: {KNOWN}")


def _scaling(scaler: Any, features: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and scale of each feature, (features,); 0 and 1 where inputs stay as they are."""
    if isinstance(scaler, StandardScaler):
        return np.asarray(scaler.mean_), np.asarray(scaler.scale_)
    if scaler == "passthrough":
        return np.zeros(features), np.ones(features)
    raise UserError(f"inputs prepared by {type(scaler).__name__} are not written as ONNX yet; standardised ones can be")


def _forest(forest: RandomForestClassifier, trees: Sequence[Tree]) -> bytes:
    """The mean of what the trees' leaves say."""
    number = np.array(float(len(trees)))
    features = forest.n_features_in_
    if forest.classes_.dtype == bool:
        chosen = [one.with_leaves(one.leaves[:, 1]) for one in trees]
        nodes = [ensemble(chosen, FLOWS, "sum"), _node("Div", ["sum", "number"], "mean"), _flat("mean", SCORE)]
        return _model(nodes, {"number": number}, features, SCORE)
    # A leaf holds one number, so it says which row of a table of leaves holds the shares of the classes.
    rows = np.cumsum([0, *(len(one.leaves) for one in trees)])
    numbered = [one.with_leaves(start + np.arange(len(one.leaves), dtype=float))
                for one, start in zip(trees, rows, strict=False)]  # fmt: skip
    nodes = [
        ensemble(numbered, FLOWS, "leaf", apart=True),
        helper.make_node("Cast", ["leaf"], ["row"], to=TensorProto.INT64),
        _node("Gather", ["leaves", "row"], "shares"),
        helper.make_node("ReduceSum", ["shares", "trees"], ["sum"], keepdims=0),
        _node("Div", ["sum", "number"], CLASSES),
    ]
    table = np.concatenate([one.leaves for one in trees])
    return _model(nodes, {"leaves": table, "trees": np.array([1]), "number": number}, features, CLASSES,
                  table.shape[1])  # fmt: skip


def _boosting(boosting: GradientBoostingClassifier, trees: Any) -> bytes:
    """The log-odds that every flow begins with, plus what each tree adds, through the logistic function."""
    grown = list(boosting.estimators_[:, 0])
    start = float(boosting._raw_predict_init(np.zeros((1, boosting.n_features_in_)))[0, 0])
    rate = boosting.learning_rate
    made = [Tree.constant(start), *trees(grown, [rate * one.tree_.value[:, 0, 0] for one in grown])]
    nodes = [ensemble(made, FLOWS, "sum"), _node("Sigmoid", ["sum"], "share"), _flat("share", SCORE)]
    return _model(nodes, {}, boosting.n_features_in_, SCORE)


def _adaboost(boosting: AdaBoostClassifier, trees: Any) -> bytes:
    """The weighted vote of the trees, from -1 to 1, through the logistic function."""
    grown, weights = boosting.estimators_, boosting.estimator_weights_[: len(boosting.estimators_)]
    votes = [weight * np.where(one.tree_.value[:, 0].argmax(axis=1) == 1, 1.0, -1.0)
             for one, weight in zip(grown, weights, strict=True)]  # fmt: skip
    # scikit-learn adds the votes for and against apart, each as a share of all weights, and then both.
    nodes = [
        ensemble(trees(grown, votes), FLOWS, "votes"),
        _node("Div", ["votes", "weights"], "half"),
        _node("Add", ["half", "half"], "decision"),
        _node("Sigmoid", ["decision"], "share"),
        _flat("share", SCORE),
    ]
    return _model(
        nodes, {"weights": np.array(float(boosting.estimator_weights_.sum()))}, boosting.n_features_in_, SCORE
    )


def _linear(model: LogisticRegression, mean: np.ndarray, scale: np.ndarray) -> bytes:
    """The weighted sum of the prepared features through the logistic function."""
    constants = {
        "mean": mean,
        "scale": scale,
        "weights": model.coef_[0],
        "bias": model.intercept_,
        "last": np.array([1]),
    }
    nodes = [
        _node("Sub", [FLOWS, "mean"], "centred"),
        _node("Div", ["centred", "scale"], "scaled"),
        _node("Mul", ["scaled", "weights"], "parts"),
        helper.make_node("ReduceSum", ["parts", "last"], ["sum"], keepdims=0),
        _node("Add", ["sum", "bias"], "decision"),
        _node("Sigmoid", ["decision"], SCORE),
    ]
    return _model(nodes, constants, model.n_features_in_, SCORE)


def _node(kind: str, inputs: Sequence[str], output: str) -> NodeProto:
    return helper.make_node(kind, list(inputs), [output])


def _flat(name: str, output: str) -> NodeProto:
    """(n, 1) as (n,)."""
    return helper.make_node("Reshape", [name, "flat"], [output])


def _model(
    nodes: Sequence[NodeProto], constants: dict[str, np.ndarray], features: int, output: str, classes: int = 0
) -> bytes:
    constants = constants | ({"flat": np.array([-1])} if any("flat" in node.input for node in nodes) else {})
    graph = helper.make_graph(
        list(nodes),
        "detector",
        [helper.make_tensor_value_info(FLOWS, TensorProto.DOUBLE, ["n", features])],
        [helper.make_tensor_value_info(output, TensorProto.DOUBLE, ["n", classes] if classes else ["n"])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
    model: ModelProto = helper.make_model(graph, opset_imports=opsets, producer_name="flowpaper")
    model.ir_version = IR_VERSION
    checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))
