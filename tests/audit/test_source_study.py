"""The printed numbers of the source beside ours."""

from __future__ import annotations

import pytest
import yaml

from analysis.audit.source_study import PRINTED, compare


def test_distances_from_the_source(root):
    printed = yaml.safe_load((root / "config" / "source-study.yaml").read_text(encoding="utf-8"))
    ours = {f"{part}.{model}.{metric}": {"value": metrics[metric] - shift, "reason": None}
            for part, shift in (("binary", 0.01), ("binary_all", -0.03))
            for model, metrics in printed["models"].items() for metric in PRINTED}  # fmt: skip
    values = compare(printed, ours | {"binary.best_model": {"value": "adaboost"}}, "synthetic twin").values
    assert values["source.f1_distance.ranked"].value == pytest.approx(0.01)
    assert values["source.f1_distance.all"].value == pytest.approx(0.03)
    assert values["source.random_forest.f1_difference"].value == pytest.approx(-0.01)
    assert values["source.same_best"].value is False
