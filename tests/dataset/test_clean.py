from __future__ import annotations

import polars as pl
import pytest

from analysis.dataset.clean import clean, report
from analysis.dataset.reading import parse, read
from analysis.dataset.release import load

RELEASE = load("original")


@pytest.fixture
def table(content, member):
    made = parse(content, member).flows
    rate = pl.when(pl.col("source_row") <= 4).then(float("inf")).otherwise(pl.col("Flow Packets/s"))
    window = pl.when(pl.col("source_row") % 2 == 0).then(-1).otherwise(pl.col("Init_Win_bytes_forward"))
    made = made.with_columns(
        rate.alias("Flow Packets/s"), window.alias("Init_Win_bytes_forward"), pl.lit(0).alias("Bwd PSH Flags")
    )
    return pl.concat([made, made.tail(3)])


def test_every_decision_is_counted(table):
    cleaned = clean(table, RELEASE, "keep")
    assert cleaned.stages == [("read", 63, 42), ("finite", 59, 40), ("distinct", 59, 40)]
    assert cleaned.duplicates == (3, 2)
    assert cleaned.non_finite == {"Flow Packets/s": 4}
    assert cleaned.constant == [("Bwd PSH Flags", 0.0, True)]
    assert ("Init_Win_bytes_forward", -1, 30) in cleaned.sentinels
    assert "Bwd PSH Flags" not in cleaned.flows.columns


def test_duplicates_can_be_dropped_and_the_first_stays(table):
    cleaned = clean(table, RELEASE, "drop")
    assert cleaned.stages[-1] == ("distinct", 56, 38)
    assert cleaned.flows["source_row"].to_list() == list(range(5, 61))


def test_the_report_agrees_with_the_flows(table):
    cleaned = clean(table, RELEASE, "keep")
    record = report(cleaned, RELEASE, True, "synthetic twin", "keep")
    assert record.values["data.flows"].value == 63
    assert record.values["data.attacks"].value == 42
    assert record.values["clean.flows"].value == cleaned.flows.height
    assert record.values["data.synthetic"].value is True
    assert record.tables["cleaning"].column("left")[-1] == 59


def test_real_rows_agree_with_pandas(shared_data):
    import numpy as np
    import pandas as pd

    from analysis.dataset.source import members

    (member,) = members(shared_data / "cicids2017-sample-12k.csv")
    cleaned = clean(read(member).flows, RELEASE, "drop")
    expected = pd.read_csv(shared_data / "cicids2017-sample-12k.csv").replace([np.inf, -np.inf], np.nan).dropna()
    assert cleaned.stages[1][1] == len(expected)
    assert cleaned.duplicates[0] == expected.duplicated().sum()
    assert {name for name, _, _ in cleaned.constant} == {c.strip() for c in expected if expected[c].nunique() == 1}
