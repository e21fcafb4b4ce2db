"""Evidence for the ledger's rules, to be doctored: numbers at which every rule finds what the source says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml

from analysis.audit.verdicts.claims import load_claims
from analysis.audit.verdicts.evidence import Evidence
from analysis.audit.verdicts.rules import RULES, judge
from analysis.detection.names import MODELS, VARIANT_NAMES

TOP = ("Average Packet Size", "Flow IAT Std")
METADATA = {
    "synthetic": False,
    "data": "original release",
    "release": "original",
    "sampling": "natural",
    "grouped": [],
    "typed": True,
    "features": ["Fwd Packet Length Max", "Flow Duration", "Flow IAT Std", "Bwd Packets/s"],
}


def predictions(tn: int, fp: int, fn: int, tp: int, **more: list[Any]) -> pl.DataFrame:
    """Predictions with these counts, in this order of flows; scores agree with the decision."""
    truth = np.repeat([False, False, True, True], [tn, fp, fn, tp])
    called = np.repeat([False, True, False, True], [tn, fp, fn, tp])
    return pl.DataFrame(
        {"is_attack": truth, "predicted": called, "score": np.where(called, 0.9, 0.1)} | more, strict=False
    )


def types(counts: dict[tuple[str, str], int]) -> pl.DataFrame:
    """Predictions of types with counts by label and answer."""
    rows = [pair for pair, n in counts.items() for _ in range(n)]
    return pl.DataFrame({"label": [a for a, _ in rows], "predicted": [b for _, b in rows]})


def variants(**right: float) -> pl.DataFrame:
    """1,000 attacks and 1,000 benign flows; each variant finds that share of the attacks, and raises no false alarm."""
    truth = np.arange(2000) < 1000
    return pl.DataFrame({"is_attack": truth} | {k: truth & (np.arange(2000) < 1000 * v) for k, v in right.items()})


def flows(attack: np.ndarray, values: np.ndarray) -> pl.DataFrame:
    """Flows with ``values`` in both ranked features; attacks are DDoS."""
    return pl.DataFrame({
        "Average Packet Size": values,
        "Flow IAT Std": values,
        "Flow IAT Mean": np.full(values.size, 2.0),
        "Label": np.where(attack, "DDoS", "BENIGN"),
        "is_attack": attack,
    })  # fmt: skip


@pytest.fixture
def source(root: Path) -> dict[str, Any]:
    """config/source-study.yaml."""
    return yaml.safe_load((root / "config/source-study.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def evidence(source: dict[str, Any]) -> Evidence:
    """80,000 benign test flows and 20,000 attacks; the forest as good as the source's."""
    counts = {
        "random_forest": (79_840, 160, 2_600, 17_400),
        "gradient_boosting": (79_600, 400, 3_200, 16_800),
        "adaboost": (79_200, 800, 4_200, 15_800),
        "logistic_regression": (79_800, 200, 11_400, 8_600),
    }
    generator = np.random.default_rng(1)
    attack = np.arange(4000) < 1000
    values = generator.exponential(100, 4000) + np.where(attack, 400, 0)
    values[::7] = 0.0
    entries = {
        "binary.train_rows": 400_000,
        "binary_all.train_rows": 400_000,
        "binary_all.features": 70,
        "single.features": 70,
        "single.rejected": 66,
        "split.min_support": 10,
        "types.nearest": "all_attacks_only",
        "types.all_attacks_only.train_rows": 80_000,
    }
    extra = variants(unscaled=0.5, standardised=0.7, winsorised=0.7, ranks=0.7)
    forest = variants(unscaled=0.7, standardised=0.9, winsorised=0.7, ranks=0.7, trees_1=0.5, trees_30=0.7,
                      trees_300=0.9, leaf_5=0.89, leaf_20=0.85)  # fmt: skip
    boosting = extra.with_columns(variants(interacting=0.9, stumps=0.7).drop("is_attack"))
    top = {model: predictions(*counts[model]) for model in MODELS}
    return Evidence(
        values={key: {"value": value, "reason": None, "n": 1} for key, value in entries.items()},
        binary={"selected": top, "all": {model: predictions(79_900, 100, 200, 19_800) for model in MODELS}},
        types={name: types({("DDoS", "DDoS"): 5000}) for name in VARIANT_NAMES},
        extra={"random_forest": forest, "gradient_boosting": boosting, "adaboost": extra, "logistic_regression": extra},
        extra_train=6000,
        train=flows(attack, values),
        test=flows(attack, values),
        top=TOP,
        metadata=METADATA,
        printed=source,
        tolerance=0.02,
        margin=0.01,
        resamples=300,
        seed=1,
    )


Doctor = Callable[..., Evidence]


@pytest.fixture
def doctored(evidence: Evidence) -> Doctor:
    """The evidence with other values (by key, dots as __) or other parts."""

    def change(values: dict[str, Any] | None = None, **parts: Any) -> Evidence:
        entries = {key: {"value": value, "reason": "absent" if value is None else None, "n": 100}
                   for key, value in (values or {}).items()}  # fmt: skip
        return replace(evidence, values={**evidence.values, **entries}, _counts={}, **parts)

    return change


@pytest.fixture
def verdict(source: dict[str, Any]) -> Callable[[str, Evidence], str]:
    """What the ledger says of a claim of the source, on some evidence."""
    claims = {claim.id: claim for claim in load_claims(source, RULES)}

    def of(name: str, evidence: Evidence) -> str:
        return judge(claims[name], evidence).verdict

    return of


def with_model(
    evidence: Evidence, model: str, frame: pl.DataFrame, features: str = "selected"
) -> dict[str, dict[str, pl.DataFrame]]:
    """The binary predictions with one frame exchanged."""
    return {key: {**frames, model: frame} if key == features else frames for key, frames in evidence.binary.items()}
