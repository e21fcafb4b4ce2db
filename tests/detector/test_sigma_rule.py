"""The Sigma rule: pySigma takes it, it calls what its tree calls, and it says what it is worth."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import yaml

pytest.importorskip("sigma.collection", reason="pysigma is not installed: 'make test' installs it")

from sigma.collection import SigmaCollection
from sigma.validation import SigmaValidator
from sigma.validators.core import validators

from analysis.detector.sigma_rule import FIELDS, Rule, _shortened, columns, decided, demand_valid, document, measured
from analysis.errors import UserError

ASKS_THE_NETWORK = {"attacktag", "d3_fendtag"}
"""Validators of tags, which fetch lists from elsewhere; the rule has no tags."""
TOLD = {"build": "small", "build_id": "0123456789ab", "model_id": "m",
        "feature_names": ["Flow Duration", "Fwd IAT Std"],
        "data": {"words": "synthetic twin", "synthetic": True}}  # fmt: skip
NAMES = list(FIELDS)


@pytest.fixture
def seen(flows: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The columns that a conn log has, and whether flows are attacks."""
    return flows.select(pl.col(NAMES).cast(pl.Float64)).to_numpy(), flows["is_attack"].to_numpy()


def test_the_rule_calls_what_its_tree_calls(seen: tuple[np.ndarray, np.ndarray]) -> None:
    flows, attack = seen
    rule, tree = Rule.learn(NAMES, flows, attack)
    assert 1 <= len(rule.paths) <= 7
    assert all(1 <= len(path) <= 3 for path in rule.paths)
    assert np.array_equal(rule.calls(columns(NAMES, flows)), tree.predict(flows))


def test_the_document_is_a_rule_and_calls_the_same_flows(seen: tuple[np.ndarray, np.ndarray]) -> None:
    flows, attack = seen
    rule, _ = Rule.learn(NAMES, flows, attack)
    called = rule.calls(columns(NAMES, flows))
    text = document(rule, TOLD, measured(attack, called, attack), NAMES)
    (found,) = SigmaCollection.from_yaml(text).rules
    usable = [one for name, one in validators.items() if name not in ASKS_THE_NETWORK]
    issues = SigmaValidator(usable).validate_rules(SigmaCollection.from_yaml(text))
    assert [type(issue).__name__ for issue in issues if "Custom" not in type(issue).__name__] == []
    log = columns(NAMES, flows)
    again = np.zeros(len(flows), dtype=bool)
    for selection in found.detection.detections.values():
        here = np.ones(len(flows), dtype=bool)
        for item in selection.detection_items:
            (compared,) = item.value
            number = float(compared.number.number)
            here &= log[item.field] <= number if compared.op.name == "LTE" else log[item.field] > number
        again |= here
    assert np.array_equal(again, called), "as pySigma reads the numbers"


def test_the_metadata_say_what_the_rule_is_worth(seen: tuple[np.ndarray, np.ndarray]) -> None:
    flows, attack = seen
    rule, _ = Rule.learn(NAMES, flows, attack)
    called = rule.calls(columns(NAMES, flows))
    detector = ~attack
    found = measured(attack, called, detector)
    own = yaml.safe_load(document(rule, TOLD, found, NAMES))["custom"]["flowpaper"]
    assert own["recall"] == pytest.approx(called[attack].mean(), abs=1e-6)
    assert own["fpr"] == pytest.approx(called[~attack].mean(), abs=1e-6)
    assert own["fidelity"] == pytest.approx((called != attack).mean(), abs=1e-6)
    assert own["recall_low"] < own["recall"] < own["recall_high"]
    assert own["features_not_expressed"] == ["Fwd IAT Std"]
    assert own["synthetic"] is True
    assert "timeouts" in own["differs"]["duration"]


def test_fidelity_is_to_alerts_that_there_are() -> None:
    scores, rates = np.array([0.2, 0.6, 0.7]), {"0.01": 0.65, "0.001": 0.9}
    assert decided(scores, rates).tolist() == [False, False, True], "none is an alert at the strictest threshold"
    assert decided(scores, rates | {"0.001": 0.1}).all()
    assert not decided(scores, {"0.01": 0.8, "0.001": 0.9}).any()


def test_what_is_no_rule_is_refused() -> None:
    with pytest.raises(UserError, match="pySigma does not take it for a rule"):
        demand_valid("title: a rule without a detection\nlogsource: {product: zeek}\n")


def test_of_several_bounds_on_a_side_the_narrowest_is_kept() -> None:
    path = [("duration", "lte", 3.0), ("duration", "gt", 0.5), ("duration", "lte", 2.0), ("duration", "gt", 0.1)]
    assert _shortened(path) == [("duration", "lte", 2.0), ("duration", "gt", 0.5)]
