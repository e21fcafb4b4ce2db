from __future__ import annotations

import numpy as np
import polars as pl

from analysis.conditions.splits import Draw, stratified
from analysis.dataset.classes import report_classes
from analysis.dataset.release import load


def test_a_type_is_evaluable_by_its_test_flows_and_not_where_the_twin_sketches_it():
    counts = {"BENIGN": 100, "DDoS": 60, "Bot": 45, "Heartbleed": 11}
    labels = [label for label, n in counts.items() for _ in range(n)]
    flows = pl.DataFrame({"Label": labels, "is_attack": [label != "BENIGN" for label in labels]})
    test = stratified(np.array(labels), Draw(0.2, 5, np.random.default_rng(1)))
    record = report_classes(flows, test, load("original"), "synthetic twin", 5, 10, ["DDoS"])
    rows = {row["label"]: row for row in record.tables["class_inventory"].records()}
    assert {label: row["test"] for label, row in rows.items()} == {"BENIGN": 20, "DDoS": 12, "Bot": 9, "Heartbleed": 2}
    assert [label for label, row in rows.items() if row["evaluable"]] == ["BENIGN"]
    texts = {row.id: row.cells[-1].text for row in record.tables["class_inventory"].rows}
    assert texts == {"BENIGN": "yes", "DDoS": "sketched", "Bot": "no", "Heartbleed": "no"}
    assert record.values["classes.not_evaluable"].value == ["Heartbleed", "Bot"]
