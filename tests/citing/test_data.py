"""What a number is of: flows of the build, or what somebody printed, published, set or simulated."""

from __future__ import annotations

import pytest
import yaml

from analysis.audit.source_study import PRINTED, compare
from analysis.citing import cite
from analysis.citing.builds import find
from analysis.citing.data import ORIGINS, measured
from analysis.citing.sentence import sentence
from tests.citing.conftest import whole
from tests.citing.test_sentence import record, value
from tests.test_rules import STEPS

RECORDED = ("coverage", "title_block")
"""Steps whose rule has another name."""
FLOWS = "12,001 flows of the original release"


@pytest.mark.parametrize(
    ("key", "step", "said"),
    [
        ("source.random_forest.f1", "source_study", "printed by the source study, not measured here"),
        ("source.random_forest.f1_difference", "source_study", f"{FLOWS}, beside what the source study printed"),
        ("release.flows", "ingest", "as published of the complete release, not counted here"),
        ("release.complete", "ingest", FLOWS),
        ("release.users", "ingest", "as published of the complete release, not counted here"),
        (
            "transfer.all.random_forest.there.f1",
            "transfer",
            f"{FLOWS} to fit on, the flows of another build to test on",
        ),
        ("transfer.years.mcc", "transfer", f"{FLOWS} to fit on, the flows of another build to test on"),
        ("transfer.all.random_forest.here.f1", "transfer", FLOWS),
        ("coverage.d", "coverage", "simulated samples whose truth is known, no flows"),
        ("coverage[kind=d].share", "coverage", "simulated samples whose truth is known, no flows"),
        ("fidelity.kept", "fidelity", "the real flows that the synthetic twin was calibrated on or held to"),
        ("settings.findings.train_rows", "settings", "none: a setting of this build, or what goes with it"),
        ("data.read", "ingest", FLOWS),
    ],
)
def test_a_sentence_names_the_data_that_its_number_is_of(key, step, said):
    one = {key: value("a.key", 0.5, "fixed:2", "a number", origin={"step": step})}
    for synthetic in (False, True):
        known = record(synthetic)
        known["values"] |= one
        cited = sentence(key, known, "mine", "1")
        assert f"; data: {said}; flowpaper" in cited
        assert cited.startswith("Synthetic flows") is (synthetic and FLOWS in said)


def test_a_number_of_no_flows_is_cited_from_a_synthetic_build_as_what_it_is(publish):
    printed = value("source.best", 0.92, "fixed:2", "F1", origin={"step": "source_study"})
    content = whole(synthetic=True)
    content["values"]["source.best"] = printed
    publish("twin", content)
    assert "Synthetic flows" not in cite.cited(find("twin"), "source.best").split("\n\n")[0]


def test_what_the_source_printed_is_what_does_not_follow_the_flows(root):
    printed = yaml.safe_load((root / "config" / "source-study.yaml").read_text(encoding="utf-8"))

    def recorded(shift, best):
        models = list(printed["models"].items())
        ours = {f"{part}.{model}.{metric}": {"value": metrics[metric] - (number + 1) * shift, "reason": None}
                for part in ("binary", "binary_all") for number, (model, metrics) in enumerate(models)
                for metric in PRINTED}  # fmt: skip
        return compare(printed, ours | {"binary.best_model": {"value": best}}, "flows").values

    one, other = recorded(0.01, printed["best_model"]), recorded(-0.02, "adaboost")
    changed = {key for key in one if one[key].value != other[key].value}
    # The place of the largest difference may stay where it is; it follows the flows all the same.
    assert changed | {"source.largest_gap_where"} == {key for key in one if measured(key, one[key].to_json())}


def test_steps_of_other_data_are_steps():
    assert {step for one in ORIGINS for step in one.steps} <= {*STEPS, *RECORDED, "settings", "paper.render"}
