"""Thresholds and the rule of the port do not move with the test flows."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from analysis.detection.overlap import PORT, places
from analysis.detection.plain_rules import value_rule
from tests.detection.conftest import FEATURES, make_flows


def with_port(flows: pl.DataFrame) -> pl.DataFrame:
    """Flows to a few ports, of which the attacks prefer one, not without exceptions."""
    port = (pl.col("source_row") * 7 % 5 + 2 * pl.col("is_attack").cast(pl.Int64)).alias(PORT)
    return flows.with_columns(port)


TRAIN, TEST = with_port(make_flows(300, 1)), with_port(make_flows(100, 2))


@given(st.integers(0, 99), st.integers(-1000, 1000))
def test_places_do_not_move_with_the_test_flows(kept: int, shift: int) -> None:
    other = pl.concat([TEST.with_columns(pl.col(FEATURES) + shift), TEST[:kept]]).with_columns(~pl.col("is_attack"))
    first, second = (places(TRAIN, test, FEATURES, {}) for test in (TEST, other))
    for kind in first:
        assert [place.threshold for place in first[kind]] == [place.threshold for place in second[kind]]
    benign = TRAIN.filter(~pl.col("is_attack"))
    assert [place.threshold for place in first["minimum"]] == [TRAIN[name].min() for name in FEATURES]
    assert [place.threshold for place in first["median"]] == [benign[name].quantile(0.5, "lower") for name in FEATURES]


@given(st.integers(0, 99))
def test_the_rule_of_the_port_gives_a_flow_one_answer_beside_whichever_others(kept: int) -> None:
    seen, attack = TRAIN[PORT], TRAIN["is_attack"].to_numpy()
    alone = value_rule(seen, attack, TEST[PORT])
    beside = value_rule(seen, attack, pl.concat([TEST, TEST[:kept]])[PORT])
    assert (beside[: TEST.height] == alone).all()
    share = dict(TRAIN.group_by(PORT).agg(pl.col("is_attack").mean()).rows())
    assert alone.tolist() == [share.get(port, 0) > 0.5 for port in TEST[PORT].to_list()]
    assert 0 < alone.sum() < TEST.height
