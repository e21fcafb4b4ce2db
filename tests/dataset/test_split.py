from __future__ import annotations

import numpy as np
import polars as pl
from analysis.dataset.split import Filled, fill, report, split
from hypothesis import given
from hypothesis import strategies as st

from analysis.dataset.release import load


@given(
    counts=st.lists(st.integers(1, 400), min_size=1, max_size=6),
    fraction=st.floats(0.05, 0.5),
    seed=st.integers(0, 2**31 - 1),
)
def test_each_type_keeps_its_share(counts, fraction, seed):
    labels = pl.Series([f"type {i}" for i, n in enumerate(counts) for _ in range(n)])
    test = split(labels, fraction, seed, 5)
    for i, n in enumerate(counts):
        taken = int(test[(labels == f"type {i}").to_numpy()].sum())
        if n >= 5:
            assert taken == min(max(round(fraction * n), 1), n - 1)
        else:
            assert taken <= n


def test_rare_types_are_one_stratum():
    labels = pl.Series(["BENIGN"] * 100 + [f"rare {i}" for i in range(20)])
    assert split(labels, 0.2, 1, 5)[100:].sum() == 4


def test_the_seed_decides_and_nothing_else():
    labels = pl.Series(["a", "b"] * 500)
    assert np.array_equal(split(labels, 0.2, 7, 5), split(labels, 0.2, 7, 5))
    assert not np.array_equal(split(labels, 0.2, 7, 5), split(labels, 0.2, 8, 5))


def test_missing_cells_are_filled_with_the_training_median_and_no_other():
    train = pl.DataFrame({"Whole": [1, 2, 3, 100, None], "Half": [0.5, 1.5, None, None, None], "Full": [1, 2, 3, 4, 5],
                          "Source Port": [None, 1, 2, 3, 4], "Label": ["BENIGN"] * 5})  # fmt: skip
    test = pl.DataFrame({"Whole": [None, 900, 900, 900], "Half": [7.0, 7.0, 7.0, None], "Full": [9, 9, 9, 9],
                         "Source Port": [None] * 4, "Label": ["DDoS"] * 4}, schema=train.schema)  # fmt: skip
    filled_train, filled_test, filled = fill(train, test)
    # The lower of the two middle values; with the test part the medians would be 100 and 7.
    assert filled == [Filled("Whole", 2, 1, 1), Filled("Half", 0.5, 3, 1)]
    assert filled_train["Whole"].to_list() == [1, 2, 3, 100, 2]
    assert filled_test["Whole"].to_list() == [2, 900, 900, 900]
    assert filled_test["Half"].to_list() == [7.0, 7.0, 7.0, 0.5]
    assert filled_train.schema == train.schema, "whole numbers stay whole"
    assert filled_train["Source Port"].null_count() == 1, "no feature"
    assert np.quantile([1, 2, 3, 100], 0.5, method="inverted_cdf") == 2


def test_without_missing_cells_nothing_changes():
    part = pl.DataFrame({"a": [1, 2], "b": [1.5, 2.5]})
    assert fill(part, part)[2] == []
    assert fill(part, part)[0].equals(part)


def test_a_feature_without_a_training_value_is_filled_with_zero():
    train, test = (pl.DataFrame({"a": cells}, schema={"a": pl.Int64}) for cells in ([None, None], [4, None]))
    assert fill(train, test)[1]["a"].to_list() == [4, 0]


def test_a_type_is_evaluable_by_its_test_flows_and_not_where_the_twin_sketches_it():
    counts = {"BENIGN": 100, "DDoS": 60, "Bot": 45, "Heartbleed": 11}
    labels = [label for label, n in counts.items() for _ in range(n)]
    flows = pl.DataFrame({"Label": labels, "is_attack": [label != "BENIGN" for label in labels]})
    test = split(flows["Label"], 0.2, 1, 5)
    record = report(flows, test, load("original"), "synthetic twin", 5, 10, ["DDoS"])
    rows = {row["label"]: row for row in record.tables["class_inventory"].records()}
    assert {label: row["test"] for label, row in rows.items()} == {"BENIGN": 20, "DDoS": 12, "Bot": 9, "Heartbleed": 2}
    assert [label for label, row in rows.items() if row["evaluable"]] == ["BENIGN"]
    texts = {row.id: row.cells[-1].text for row in record.tables["class_inventory"].rows}
    assert texts == {"BENIGN": "yes", "DDoS": "sketched", "Bot": "no", "Heartbleed": "no"}
    assert record.values["classes.not_evaluable"].value == ["Heartbleed", "Bot"]
