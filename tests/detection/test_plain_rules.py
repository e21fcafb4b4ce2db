"""Rules that anybody could write, against scikit-learn and against a dictionary of training flows."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from analysis.detection.plain_rules import Rule, learn, look_up, value_rule

flows = st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=2, max_size=25).filter(
    lambda pairs: any(attack for _, attack in pairs)
)
vectors = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.booleans()), min_size=1, max_size=20)


@given(flows)
def test_no_other_threshold_has_a_higher_f1(pairs):
    values, attack = (np.array(column) for column in zip(*pairs, strict=True))
    values = values.astype(float)
    ours = f1_score(attack, learn(values, attack).calls(values))
    others = [Rule(float(at), above) for at in (*set(values), values.max()) for above in (True, False)]
    best = max(f1_score(attack, rule.calls(values), zero_division=0) for rule in others)
    assert ours == pytest.approx(best)
    assert ours >= f1_score(attack, np.ones(len(pairs), dtype=bool)) - 1e-12


def test_a_threshold_is_learnt_on_training_flows_and_asked_of_others():
    rule = learn(np.array([1.0, 2.0, 3.0, 4.0]), np.array([False, False, True, True]))
    assert rule == Rule(2.0, True)
    assert rule.calls(np.array([2.0, 2.5, 9.0])).tolist() == [False, True, True]
    assert learn(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, True, False, False])) == Rule(2.0, False)


@given(vectors, vectors)
def test_a_look_up_is_a_dictionary_of_votes(train, test):
    votes: dict[tuple[int, int], Counter[bool]] = {}
    for a, b, attack in train:
        votes.setdefault((a, b), Counter())[attack] += 1
    attacks = sum(attack for *_, attack in train)
    commoner = attacks > len(train) - attacks
    seen, unseen = (np.array([row[:2] for row in rows], dtype=float) for rows in (train, test))
    answers, known = look_up(seen, np.array([row[2] for row in train]), unseen)
    assert known.tolist() == [(a, b) in votes for a, b, _ in test]
    assert answers.tolist() == [
        votes[a, b][True] > votes[a, b][False] if (a, b) in votes else commoner for a, b, _ in test
    ]


@pytest.mark.parametrize("commoner", [True, False])
def test_a_value_that_no_training_flow_has_gets_the_commoner_class_and_a_tie_is_benign(commoner):
    seen = pl.Series([80, 80, 21, 21, 21, 53, 53])
    attack = np.array([True, False, True, True, False, commoner, commoner])
    assert value_rule(seen, attack, pl.Series([80, 21, 53, 443])).tolist() == [False, True, commoner, commoner]
