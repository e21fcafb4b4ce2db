"""A decision tree of depth 3 over what Zeek's conn log tells, as a Sigma rule (https://sigmahq.io/sigma-specification).

Most columns of the releases have no counterpart there: no standard deviation, no gap between packets, no least or
greatest length. So the tree is another model, learnt on the columns that have one, and the rule says how well it does.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import yaml
from sklearn.tree import DecisionTreeClassifier

from analysis.conditions.features import PORT
from analysis.detection.evaluation import Confusion
from analysis.detector.refit import Refit
from analysis.errors import UserError

DEPTH = 3
NAME = "zeek-conn.sigma.yml"
NO_RULE = "no leaf of the tree is an attack"
MICROSECONDS = 1e-6


@dataclass(frozen=True)
class Field:
    """A column of the releases as Zeek's conn log has it: name there, factor, and what differs in its meaning."""

    name: str
    factor: float
    differs: str


UNSET = "it has none where no more than a packet came, and no comparison holds there, while the rates here are of a 0"
STREAM = "Zeek counts the bytes of the stream by sequence numbers"
FIELDS = {
    PORT: Field("id.resp_p", 1, ""),
    "Flow Duration": Field("duration", MICROSECONDS, f"Zeek ends a connection by its own timeouts; {UNSET}"),
    "Total Fwd Packets": Field("orig_pkts", 1, ""),
    "Total Backward Packets": Field("resp_pkts", 1, ""),
    "Total Length of Fwd Packets": Field("orig_bytes", 1, f"{STREAM}; {UNSET}"),
    "Total Length of Bwd Packets": Field("resp_bytes", 1, f"{STREAM}; {UNSET}"),
}
"""After https://docs.zeek.org/en/master/scripts/base/protocols/conn/main.zeek.html."""


@dataclass(frozen=True)
class Rule:
    """A tree as a rule: the ways to its leaves that are attacks, each a list of (field, operator, number)."""

    paths: Sequence[Sequence[tuple[str, str, float]]]

    @classmethod
    def learn(
        cls, features: Sequence[str], seen: np.ndarray, attack: np.ndarray
    ) -> tuple[Rule, DecisionTreeClassifier]:
        """The rule of a tree fitted on ``seen`` (n, k), columns ``features``, and ``attack`` (n,), and that tree."""
        fitted = DecisionTreeClassifier(max_depth=DEPTH, random_state=0).fit(seen, attack)
        return cls([list(path) for path in _paths(fitted.tree_, features)]), fitted

    def calls(self, flows: Mapping[str, np.ndarray]) -> np.ndarray:
        """Which flows it calls attacks, shape (n,), from columns by their names in the conn log."""
        n = len(next(iter(flows.values())))
        found = np.zeros(n, dtype=bool)
        for path in self.paths:
            here = np.ones(n, dtype=bool)
            for name, operator, number in path:
                here &= flows[name] <= number if operator == "lte" else flows[name] > number
            found |= here
        return found


def _paths(tree: Any, features: Sequence[str]) -> Iterator[list[tuple[str, str, float]]]:
    waiting: list[tuple[int, list[tuple[str, str, float]]]] = [(0, [])]
    while waiting:
        node, path = waiting.pop()
        if tree.children_left[node] < 0:
            if tree.value[node, 0].argmax() == 1:
                yield _shortened(path)
            continue
        field = FIELDS[features[tree.feature[node]]]
        number = float(tree.threshold[node]) * field.factor
        waiting += [(int(tree.children_left[node]), [*path, (field.name, "lte", number)]),
                    (int(tree.children_right[node]), [*path, (field.name, "gt", number)])]  # fmt: skip


def _shortened(path: Sequence[tuple[str, str, float]]) -> list[tuple[str, str, float]]:
    """The path with the narrowest of several bounds on the same side of a field."""
    found: dict[tuple[str, str], float] = {}
    for name, operator, number in path:
        known = found.get((name, operator), number)
        found[name, operator] = min(known, number) if operator == "lte" else max(known, number)
    return [(name, operator, number) for (name, operator), number in found.items()]


def columns(features: Sequence[str], flows: np.ndarray) -> dict[str, np.ndarray]:
    """Flows (n, k) as the columns of a conn log: other names, and seconds."""
    return {FIELDS[name].name: flows[:, i] * FIELDS[name].factor for i, name in enumerate(features)}


def measured(truth: np.ndarray, called: np.ndarray, detector: np.ndarray) -> dict[str, Any]:
    """How a rule that ``called`` flows attacks does on them, beside a detector's decisions; all boolean, (n,)."""
    counts = Confusion.of(truth, called)
    ends = {name: counts.interval(name) for name in ("recall", "fpr")}
    return {
        "flows": counts.n, "recall": counts.recall, "fpr": counts.fpr, "fidelity": float((called == detector).mean()),
        **{f"{name}_{end}": found.get(end) for name, found in ends.items() for end in ("low", "high")},
    }  # fmt: skip


def decided(scores: np.ndarray, thresholds: Mapping[str, float]) -> np.ndarray:
    """Which of ``scores`` (n,) are alerts at the strictest of ``thresholds``, by their rates, that makes any alert.

    >>> decided(np.array([0.2, 0.7]), {"0.01": 0.5, "0.001": 0.9}).tolist()
    [False, True]
    """
    calls = [scores > limit for _, limit in sorted(thresholds.items(), key=lambda one: float(one[0]))]
    return next((one for one in calls if one.any()), calls[-1])


def document(rule: Rule, told: Mapping[str, Any], found: Mapping[str, Any], features: Sequence[str]) -> str:
    """The rule as YAML; ``told`` says what the detector is, ``found`` what :func:`measured` returns."""
    selections = {
        f"way_{number}": {f"{name}|{operator}": number_ for name, operator, number_ in path}
        for number, path in enumerate(rule.paths, start=1)
    }
    lost = [name for name in told["feature_names"] if name not in FIELDS]
    false = "not measured" if found["fpr"] is None else f"{found['fpr']:.3%} of the benign test flows"
    shares = {key: None if found[key] is None else round(found[key], 6) for key in found}
    entry = {
        "title": f"Flow like an attack, by a tree of depth {DEPTH}",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"flowpaper/{told['build_id']}/{told['model_id']}/sigma")),
        "status": "experimental",
        "description": (
            f"A decision tree of depth {DEPTH} fitted on the training flows of build {told['build']} "
            f"({told['data']['words']}), over {', '.join(FIELDS[name].name for name in features)}. It is not the "
            f"detector: {len(lost)} of its {len(told['feature_names'])} features are not in the conn log."
        ),
        "references": ["https://doi.org/10.5220/0006639801080116"],
        "author": "flowpaper",
        "logsource": {"product": "zeek", "service": "conn"},
        "detection": {**selections, "condition": "1 of way_*" if len(selections) > 1 else "way_1"},
        "fields": ["id.orig_h", "id.resp_h", "id.resp_p", "duration"],
        "falsepositives": [false],
        "level": "low",
        "custom": {
            "flowpaper": {
                **shares, "build": told["build_id"], "synthetic": told["data"]["synthetic"],
                "features_not_expressed": lost,
                "differs": {FIELDS[name].name: FIELDS[name].differs for name in features if FIELDS[name].differs},
            }
        },
    }  # fmt: skip
    return yaml.safe_dump(entry, sort_keys=False, allow_unicode=True, width=120)


def of(model: Refit, made_of: Mapping[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """The rule beside a detector's ``model``, checked by pySigma, and what is known of it; None and why if it has none.

    Recall and rate of false alarms are those of the test part, fidelity the share of its flows on which rule and
    detector (at its strictest threshold that finds something there) agree.
    """
    assert model.train is not None
    assert model.test is not None
    features = [name for name in FIELDS if name in model.train.features]
    if not features:
        return None, {"reason": "the flows have no column of Zeek's conn log"}
    rule, _ = Rule.learn(features, model.train.matrix(features), model.truth)
    if not rule.paths:
        return None, {"reason": NO_RULE}
    called = rule.calls(columns(features, model.test.matrix(features)))
    decisions = decided(model.answered["score"].to_numpy(), model.description["thresholds"])
    found = measured(model.answered["is_attack"].to_numpy(), called, decisions)
    told = {**made_of, "model_id": model.entry["id"], "feature_names": model.features}
    text = document(rule, told, found, features)
    demand_valid(text)
    return text, {"file": NAME, "reason": None, "fields": [FIELDS[name].name for name in features], **found}


def demand_valid(text: str) -> None:
    """UserError where pySigma does not take ``text`` for a rule."""
    from sigma.collection import SigmaCollection
    from sigma.exceptions import SigmaError

    try:
        SigmaCollection.from_yaml(text)
    except SigmaError as error:
        raise UserError(f"{NAME}: pySigma does not take it for a rule ({error}); report this as a mistake") from None
