"""Rules beside the forest: planted oracles and unfair baselines are seen, and no rule looks at test labels."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import f1_score

from analysis.dataset.parts import TEST, TRAIN
from analysis.findings.simple_rules import answered, compared, record_rules, record_summary, record_tree, tree
from analysis.record import Record
from tests.findings.conftest import Small, entry, forest, halves, row

FEATURES = ["Length", "Noise"]


def make(n: int = 400, seed: int = 1) -> pl.DataFrame:
    """Attacks are longer, not without error; the port tells half of them; the noise tells nothing."""
    random = np.random.default_rng(seed)
    attack = random.random(n) < 0.3
    return pl.DataFrame({
        "Length": np.round(random.exponential(20, n) + 40 * attack), "Noise": random.normal(size=n),
        "Destination Port": np.where(attack & (random.random(n) < 0.5), 21, 80), "is_attack": attack,
    })  # fmt: skip


def found(small: Small, frame: pl.DataFrame, answers: np.ndarray, features: list[str] = FEATURES) -> Record:
    parts = small.put(frame, halves(frame.height))
    selection = {"selected": features, "count": len(features), "all": features}
    record = Record("simple_rules", "synthetic twin")
    ours = [compared(row(), forest(parts, answers), parts, [selection], 1)]
    record_rules(record, ours, 200, 1)
    record_tree(record, ours)
    record_summary(record, ours)
    return record


def test_an_oracle_is_no_baseline(small: Small) -> None:
    """A column that tells the class on test flows alone, and a rule that is best there, are not found out."""
    frame = make()
    roles, attack = halves(frame.height), frame["is_attack"].to_numpy()
    planted = np.where(roles == TEST, attack, np.random.default_rng(3).random(frame.height) < 0.5)
    frame = frame.with_columns(Oracle=pl.Series(planted.astype(float)))
    (fold,) = small.put(frame, roles)
    ours = answered(entry(), fold, [*FEATURES, "Oracle"], 1)
    assert ours.words["threshold"].startswith("Length")
    for rule in ("threshold", "service", "one_line", "tree"):
        assert f1_score(ours.truth, ours.answers[rule]) < 0.95


def test_no_rule_looks_at_the_labels_that_it_is_judged_by(small: Small) -> None:
    frame = make()
    roles = halves(frame.height)
    (fold,) = small.put(frame, roles)
    before = answered(entry(), fold, FEATURES, 1)
    turned = pl.when(pl.Series(roles == TEST)).then(~pl.col("is_attack")).otherwise(pl.col("is_attack"))
    (fold,) = small.put(frame.with_columns(is_attack=turned), roles)
    after = answered(entry(), fold, FEATURES, 1)
    assert (before.truth != after.truth).all()
    assert before.words == after.words
    for rule, answers in before.answers.items():
        assert (answers == after.answers[rule]).all(), rule


def test_an_unfair_baseline_is_no_baseline(small: Small) -> None:
    """Rules see the flows that the model is fitted on, no fewer and no others, and its features."""
    frame = make()
    roles = halves(frame.height)
    (fold,) = small.put(frame, roles)
    from analysis.conditions.fit import shared_out

    assert fold.train is not None
    fitted, held = shared_out(entry(rows=60), fold.train, 1)
    assert held is not None
    assert fitted.height == 60
    before = answered(entry(rows=60), fold, FEATURES, 1)
    # Other training flows are made worthless: a rule that learnt on them would be another.
    others = ~fitted.rows & ~held.rows & (roles == TRAIN)
    spoilt = frame.with_columns(Length=pl.when(pl.Series(others)).then(1e6).otherwise(pl.col("Length")))
    (fold,) = small.put(spoilt, roles)
    after = answered(entry(rows=60), fold, FEATURES, 1)
    for rule, answers in before.answers.items():
        assert (answers == after.answers[rule]).all(), rule
    # A forest that is no better than one line adds nothing, however good its F1 looks beside calling all attacks.
    line = before.answers["one_line"]
    record = found(small, frame, answered(entry(), small.put(frame, roles)[0], FEATURES, 1).answers["one_line"])
    assert record.values["rules.random.gain"].value == 0
    assert record.values["rules.random.forest"].value > record.values["rules.random.constant"].value + 0.1
    assert record.values["rules.line_better"].value == 0
    assert line.any()


def test_what_the_forest_adds_is_the_difference_of_two_f1(small: Small) -> None:
    frame = make()
    truth = frame["is_attack"].to_numpy()[halves(frame.height) == TEST]
    record = found(small, frame, truth)
    values = record.values
    assert values["rules.random.forest"].value == 1
    gain = values["rules.random.gain"]
    assert gain.value == pytest.approx(1 - values["rules.random.one_line"].value)
    assert gain.low is not None
    assert 0 < gain.low <= gain.value <= (gain.high or 0)
    assert values["rules.random.constant"].value == pytest.approx(f1_score(truth, np.ones(truth.size)))
    assert record.tables["rules"].column("condition") == [row().words]
    assert (values["rules.line_better"].value, values["rules.constant_more"].value) == (0, 0)


def test_a_forest_that_is_worse_than_one_line_or_than_no_rule_is_counted(small: Small) -> None:
    """It misses every attack: one line is better. Where all are attacks, calling every flow one is better still."""
    values = found(small, make(), np.zeros(200, dtype=bool)).values
    assert (values["rules.line_better"].value, values["rules.constant_more"].value) == (1, 0)
    least = values["rules.least.one_line"]
    assert (least.value, least.low) == (values["rules.random.one_line"].value, values["rules.random.one_line"].low)
    assert (values["rules.least.forest"].value, values["rules.least.where"].value) == (0, row().words)
    # In the test part all flows are attacks; in training few are, and benign at every length and port.
    frame = make()
    test = pl.Series(halves(frame.height) == TEST)
    frame = frame.with_columns(pl.when(test).then(True).otherwise("is_attack").alias("is_attack"))
    assert found(small, frame, np.zeros(200, dtype=bool)).values["rules.constant_more"].value == 1


def test_flows_without_port_and_protocol_say_so(small: Small) -> None:
    frame = make().drop("Destination Port")
    record = found(small, frame, np.zeros(frame.height // 2, dtype=bool))
    assert record.values["rules.random.service"].value is None
    assert record.values["rules.random.service"].reason == "the flows have neither port nor protocol"
    assert record.values["rules.random.one_line_rule"].value.startswith("Length")


def test_constant_features_and_a_pure_tree_are_no_failure(small: Small) -> None:
    frame = make().with_columns(Length=pl.lit(1.0), Noise=pl.lit(0.0))
    record = found(small, frame.drop("Destination Port"), np.zeros(frame.height // 2, dtype=bool))
    values = record.values
    assert values["rules.random.threshold"].value == pytest.approx(values["rules.random.constant"].value)
    assert len(record.tables["tree"].rows) == 1


def test_a_test_part_without_attacks_compares_nothing(small: Small) -> None:
    """Where the only campaign stays in training, the test part holds benign flows alone."""
    frame = make().with_columns(Length=pl.when("is_attack").then(100.0).otherwise(1.0))
    frame = frame.sort("is_attack", descending=True)
    parts = small.put(frame, np.where(np.arange(frame.height) < 200, TRAIN, TEST).astype(np.uint8))
    record = Record("simple_rules", "synthetic twin")
    selection = {"selected": FEATURES, "count": 2, "all": FEATURES}
    silent = forest(parts, np.zeros(frame.height - 200, dtype=bool))
    record_rules(record, [compared(row(), silent, parts, [selection], 1)], 50, 1)
    assert not record.tables["rules"].rows
    assert record.values["rules.random.built"].value is False
    assert record.values["rules.random.tree"].reason == "no attack in the test part"


def test_a_row_that_cannot_be_built_has_its_reason() -> None:
    from analysis.findings.simple_rules import Compared

    record = Record("simple_rules", "synthetic twin")
    record_rules(record, [Compared(row("campaigns"), (), np.empty(0, dtype=bool), "the flows have no times")], 200, 1)
    record_summary(record, [Compared(row("campaigns"), (), np.empty(0, dtype=bool), "the flows have no times")])
    assert record.values["rules.campaigns.forest"].reason == "the flows have no times"
    assert record.values["rules.least.gain"].reason == "no condition could be built"
    assert not record.tables["rules"].rows


def test_the_nodes_of_a_tree_give_its_answers() -> None:
    random = np.random.default_rng(2)
    seen = random.normal(size=(300, 2))
    attack = (seen[:, 0] > 0.2) ^ (seen[:, 1] > 1)
    unseen = random.normal(size=(50, 2))
    answers, nodes = tree(seen, attack, unseen, ["a", "b"])
    by = {node["id"]: node for node in nodes}
    assert by["n"]["flows"] == 300
    for vector, answer in zip(unseen, answers, strict=True):
        way = "n"
        while by[way]["answer"] is None:
            way += "l" if np.float32(vector["ab".index(by[way]["feature"])]) <= by[way]["threshold"] else "r"
        assert by[way]["answer"] == ("attack" if answer else "benign")
    for name, node in by.items():
        if node["answer"] is None:
            assert by[f"{name}l"]["flows"] + by[f"{name}r"]["flows"] == node["flows"]
