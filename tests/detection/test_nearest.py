"""Which variant is nearest, and whether a bootstrap over the test flows tells the others from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import f1_score

from analysis.detection.names import BENIGN, VARIANT_NAMES, variant_parts
from analysis.detection.nearest import Printed, distances, record_nearest
from analysis.record import Record

TYPES = [BENIGN, "DDoS", "PortScan"]
PRINTED = Printed(0.9, {"DDoS": 0.95, "PortScan": 0.8})


def predictions(errors: dict[str, float], n: int = 400) -> dict[str, pl.DataFrame]:
    """Variants that are wrong on a given share of the flows."""
    generator = np.random.default_rng(1)
    labels = generator.choice(TYPES, n, p=[0.5, 0.3, 0.2])
    frames = {}
    for variant, share in errors.items():
        answers = np.where(generator.random(n) < share, generator.choice(TYPES[1:], n), labels)
        keep = np.ones(n, dtype=bool) if variant_parts(variant)[1] else labels != BENIGN
        frames[variant] = pl.DataFrame({"label": labels[keep].tolist(), "predicted": answers[keep].tolist()})
    return frames


def run(frames: dict[str, pl.DataFrame]) -> Record:
    record = Record("x", "synthetic twin")
    source: dict[str, Any] = {"accuracy": PRINTED.accuracy, "f1": dict(PRINTED.f1)}
    overall = dict.fromkeys(frames, (0.9, 0.8))
    record_nearest(record, frames, overall, source, list(PRINTED.f1), 500, np.random.default_rng(2))
    return record


def by_hand(frame: pl.DataFrame) -> float:
    gaps = [abs((frame["label"] == frame["predicted"]).mean() - PRINTED.accuracy)]
    for label, f1 in PRINTED.f1.items():
        ours = f1_score(frame["label"] == label, frame["predicted"] == label, zero_division=0)
        gaps.append(abs(ours - f1))
    return float(np.mean(gaps))


def test_distances_agree_with_scikit_learn_and_with_drawing_flows() -> None:
    frames = predictions(dict(zip(VARIANT_NAMES, (0.1, 0.2, 0.3, 0.4), strict=True)))
    found = distances(frames, PRINTED, 2000, np.random.default_rng(3))
    for variant, frame in frames.items():
        assert found[variant][0] == pytest.approx(by_hand(frame))
    frame = frames["all_with_benign"]
    generator = np.random.default_rng(4)
    drawn = [by_hand(frame[generator.integers(0, frame.height, frame.height)]) for _ in range(300)]
    assert np.mean(found["all_with_benign"][1:]) == pytest.approx(np.mean(drawn), abs=0.004)
    assert np.std(found["all_with_benign"][1:]) == pytest.approx(np.std(drawn), rel=0.2)


def test_a_nearest_reading_that_others_match_is_not_marked() -> None:
    shares = dict(zip(VARIANT_NAMES, (0.12, 0.12, 0.6, 0.6), strict=True))
    record = run(predictions(shares))
    assert record.values["types.nearest_alone"].value is False
    assert len(record.values["types.near_names"].value) == 2
    table = record.tables["types_distance"]
    assert not any(cell.strong for row in table.rows for cell in row.cells)
    assert sorted(table.column("apart")) == ["least", "no", "yes", "yes"]


def test_a_nearest_reading_that_is_told_from_the_others_is_marked() -> None:
    shares = dict(zip(VARIANT_NAMES, (0.12, 0.6, 0.6, 0.6), strict=True))
    record = run(predictions(shares, 4000))
    assert record.values["types.nearest_alone"].value is True
    strong = [row.id for row in record.tables["types_distance"].rows if row.cells[1].strong]
    assert strong == [record.values["types.nearest"].value] == ["all_with_benign"]
    lead = record.values["types.selected_with_benign.lead"]
    assert 0 < lead.low < lead.value < lead.high


def test_predictions_of_other_flows_are_refused() -> None:
    frames = predictions(dict.fromkeys(VARIANT_NAMES, 0.1))
    frames["selected_attacks_only"] = frames["selected_attacks_only"].reverse()
    with pytest.raises(ValueError, match="other flows"):
        distances(frames, PRINTED, 10, np.random.default_rng(1))
