"""The workflow's own graph: what each fit of each condition may read, and which steps load an estimator."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from analysis.conditions.catalogue import batches, plan
from analysis.settings import load
from analysis.sources import sources
from analysis.studies.planned import conditions
from analysis.studies.read import read_all

from .test_fit import EVERY

NONE = "no-such-build"
LEARNS = {
    "split": {"clean"}, "select": {"clean", "split"}, "screen": {"clean", "split", "select"},
    "fit": {"clean", "split", "select"},
}  # fmt: skip
"""Steps that learn, and all that each may need: the flows, and of its splits what training flows have taught."""


@dataclass
class Job:
    """A job of the graph: its rule, its wildcards, and the jobs it needs."""

    rule: str
    wildcards: dict[str, str]
    needs: list[Job] = field(default_factory=list)


@pytest.fixture(scope="module")
def jobs(root: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Job]:
    """All jobs that Snakemake would run for a study that asks for everything."""
    file = tmp_path_factory.mktemp("settings") / "every.yaml"
    file.write_text(yaml.safe_dump(EVERY), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--dag", "dot", "--configfile", str(file), "--config", f"build={NONE}"],
        cwd=root, capture_output=True, text=True,
    )  # fmt: skip
    assert not done.returncode, done.stderr
    found = {}
    for number, label in re.findall(r'^\s*(\d+)\[label = "([^"]+)"', done.stdout, re.MULTILINE):
        rule, *wildcards = label.split("\\n")
        found[number] = Job(rule, dict(wildcard.split(": ", 1) for wildcard in wildcards))
    for one, other in re.findall(r"^\s*(\d+) -> (\d+)", done.stdout, re.MULTILINE):
        found[other].needs.append(found[one])
    return list(found.values())


def test_what_learns_reads_the_flows_through_its_own_splits_alone(jobs: list[Job]) -> None:
    seen = []
    study, told = load(EVERY), ("types",)
    planned = batches(plan(study, told=told, further=conditions(study, read_all(), told).values()))
    for job in jobs:
        if job.rule not in LEARNS:
            continue
        of_batch = planned[job.wildcards["batch"]] if job.rule == "fit" else []
        added = {one.condition.split_id for one in of_batch if one.condition.group.features == "added"}
        known = LEARNS[job.rule] | ({"screen"} if added else set())
        assert {other.rule for other in job.needs} == known, job
        of_rule = {rule: [other for other in job.needs if other.rule == rule] for rule in LEARNS}
        if job.rule == "fit":
            splits = sorted(other.wildcards["split"] for other in of_rule["split"])
            assert splits == sorted({one.condition.split_id for one in of_batch}), "of the splits of its conditions"
            for rule, number in (("select", len(splits)), ("screen", len(added))):
                read = [other for one in of_rule[rule] for other in one.needs if other.rule == "split"]
                assert len(of_rule[rule]) == len(read) == number
                assert all(any(one is other for other in of_rule["split"]) for one in read)
            seen.append(job.wildcards["batch"])
        else:
            assert len(job.needs) == len(known), "of one split only"
    assert sorted(seen) == sorted(planned), "each condition has its place"


def test_all_that_is_fitted_is_scored(jobs: list[Job]) -> None:
    (scores,) = [job for job in jobs if job.rule == "scores"]
    assert all(job in scores.needs for job in jobs if job.rule == "fit")


def test_only_what_fits_loads_an_estimator(root: Path) -> None:
    """Reports read arrays: of all steps with a rule only these import scikit-learn's estimators."""
    smk = "\n".join(path.read_text(encoding="utf-8") for path in sorted((root / "analysis").rglob("*.smk")))
    modules = sorted(set(re.findall(r'sources\(\s*"(analysis\.[\w.]+)"', smk)))
    assert "analysis.detection.binary_report" in modules
    loaded = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps(sorted({"sklearn.ensemble", "sklearn.linear_model", "sklearn.pipeline"} & set(sys.modules))))
"""
    steps = (
        "conditions.fit",
        "conditions.elsewhere",
        "findings.shuffled",
        "findings.simple_rules",
        "retraining.retraining",
        "evasion.evasion",
        "explanation.explanation",
        "tooling.tooling",
    )
    fits = {f"analysis.{step}" for step in (*steps, "conditions.screen")}
    rest = [module for module in modules if module not in fits]
    done = subprocess.run([sys.executable, "-c", loaded, *rest], cwd=root, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
    found = {module for module in modules if "analysis/conditions/estimator.py" in sources(module)}
    assert found == fits - {"analysis.conditions.screen"}
