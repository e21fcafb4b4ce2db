"""Every column of the tables of types, repetitions, weights, minima and single features, recomputed by its title."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn.metrics as sk
from statsmodels.stats.proportion import proportion_confint

from analysis.detection import overlap, seeds, single_features, types_report, weighted
from analysis.detection.names import MODELS
from analysis.record import Column, Record, Table
from tests.detection.conftest import FEATURES, make_flows

LABELS = ["BENIGN", "DDoS", "Web Attack Brute Force", "Web Attack XSS"]
SCOPES = {
    "all, with BENIGN": "all_with_benign", "all, attacks only": "all_attacks_only",
    "ranked, with BENIGN": "selected_with_benign", "ranked, attacks only": "selected_attacks_only",
}  # fmt: skip
"""The forest of types in its four forms, by title."""
PRINTED = {"DDoS": 0.9, "Web Attack XSS": 0.4}
FITTED = {label: 100 * (i + 1) for i, label in enumerate(LABELS)}


def by_title(table: Table) -> list[dict[str, Any]]:
    """Rows by the titles of their columns; titles of a table differ."""
    titles = [column.title for column in table.columns]
    assert len(set(titles)) == len(titles) or {title for title in titles if titles.count(title) > 1} == {"n"}
    return [dict(zip(titles, (cell.value for cell in row.cells), strict=True)) for row in table.rows]


def answers(scope: str, seed: int) -> pl.DataFrame:
    """Answers to the same 400 flows, or to the attacks among them; no two forms of the forest give the same."""
    label = np.random.default_rng(9).choice(LABELS, 400, p=[0.4, 0.3, 0.2, 0.1])
    generator, kept = np.random.default_rng(seed), (LABELS[1:] if scope.endswith("only") else LABELS)
    label = label[np.isin(label, kept)]
    right = generator.random(label.size) < 0.5 + seed / 20
    return pl.DataFrame({"label": label, "predicted": np.where(right, label, generator.choice(kept, label.size))})


PREDICTED = {scope: answers(scope, i) for i, scope in enumerate(SCOPES.values())}


@pytest.fixture(scope="module")
def types() -> dict[str, Table]:
    """The tables of the attack-type forest."""
    told = {scope: {"train": FITTED, "n_train": 900, "n_train_all": 1000} for scope in SCOPES.values()}
    flows = [{"label": label, "flows": 1000 * (i + 1)} for i, label in enumerate(LABELS)]
    source = {"accuracy": 0.9, "f1": PRINTED}
    return types_report.report_types(PREDICTED, told, flows, LABELS, source, "test", 5, resamples=20).tables


def scores(frame: pl.DataFrame, label: str) -> dict[str, Any]:
    """What can be said of one type against the rest, by title."""
    truth, called = (frame[column].to_numpy() == label for column in ("label", "predicted"))
    low, high = proportion_confint((truth & called).sum(), truth.sum(), method="wilson")
    wrong = frame.filter((pl.col("label") == label) & (pl.col("predicted") != label))["predicted"].value_counts()
    return {
        "Training": FITTED[label], "Test": truth.sum(), "Precision": sk.precision_score(truth, called),
        "Recall": sk.recall_score(truth, called), "F1": sk.f1_score(truth, called), "95% low": low, "95% high": high,
        "Most frequent wrong answer": set(wrong.filter(pl.col("count") == pl.col("count").max())["predicted"]),
    }  # fmt: skip


def test_a_score_of_a_type_stands_under_its_title(types: dict[str, Table]) -> None:
    rows = by_title(types["types_detail"])
    assert len(rows) == 4 * len(LABELS) - 2
    for row in rows:
        expected = scores(PREDICTED[SCOPES[row["Variant"]]], row["Type"])
        assert set(row) == {"Variant", "Type", *expected}
        assert row["Most frequent wrong answer"] in expected.pop("Most frequent wrong answer")
        for title, value in expected.items():
            assert row[title] == pytest.approx(value), (row, title)


def test_each_form_of_the_forest_stands_under_its_title(types: dict[str, Table]) -> None:
    for i, row in enumerate(by_title(types["types_f1"])):
        label = row["Type"]
        assert (label, row["Flows"]) == (LABELS[i], 1000 * (i + 1))
        assert row["Source study"] == PRINTED.get(label)
        assert row["Evaluable"] == "True" or row["Evaluable"] is True
        supports = []
        for title, scope in SCOPES.items():
            if label == "BENIGN" and scope.endswith("only"):
                assert row[title] is None
                continue
            assert row[title] == pytest.approx(scores(PREDICTED[scope], label)["F1"]), (label, title)
            supports.append(scores(PREDICTED[scope], label)["Test"])
        assert row["Test"] == max(supports)


@pytest.mark.parametrize("scope", SCOPES.values())
def test_rows_of_a_confusion_table_are_labels_and_columns_answers(scope: str, types: dict[str, Table]) -> None:
    frame = PREDICTED[scope].to_dict(as_series=False)
    counts = pd.crosstab(pd.Series(frame["label"]), pd.Series(frame["predicted"]))
    rows = by_title(types[f"types_confusion_{scope}"])
    assert [row["Type"] for row in rows] == list(counts.index)
    for row in rows:
        assert {title: n for title, n in row.items() if title != "Type"} == counts.loc[row["Type"]].to_dict()
    assert not counts.equals(counts.T), "a table laid on its side would be seen"


def test_an_answer_to_a_web_attack_stands_under_its_title(types: dict[str, Table]) -> None:
    rows = by_title(types["types_web"])
    assert len(rows) == 8
    for row in rows:
        frame, label = PREDICTED[SCOPES[row["Variant"]]], row["Type"]
        given = frame.filter(pl.col("label") == label)["predicted"]
        other = next(name for name in LABELS[2:] if name != label)
        expected = {"Test": given.len(), "Own type": (given == label).sum(), "Another web attack":
                    (given == other).sum(), "BENIGN": (given == "BENIGN").sum(), "Another attack":
                    (given == "DDoS").sum()}  # fmt: skip
        assert {title: n for title, n in row.items() if title not in ("Variant", "Type")} == expected


METRICS = ("accuracy", "f1", "precision", "recall", "fpr", "mcc", "roc_auc", "pr_auc")
SPREAD = {"Mean": np.mean, "SD": lambda x: np.std(x, ddof=1), "Least": np.min, "Greatest": np.max}


def test_the_spread_over_repetitions_stands_under_its_title() -> None:
    generator = np.random.default_rng(1)
    drawn = {(model, metric): generator.random(5) for model in MODELS for metric in METRICS}
    repetitions = [
        {"features": ["a"], "metrics": {model: {metric: drawn[model, metric][i] for metric in METRICS}
                                        for model in MODELS}}
        for i in range(5)
    ]  # fmt: skip
    titles = ("Accuracy", "F1", "Precision", "Recall", "FPR", "MCC", "ROC-AUC", "PR-AUC")
    table = seeds.report_seeds(repetitions, "test").tables["seeds"]
    rows = by_title(table)
    assert set(rows[0]) == {"Model", "Over seeds", *titles}
    for row, model in zip(rows, np.repeat(list(MODELS), 4), strict=True):
        for title, metric in zip(titles, METRICS, strict=True):
            assert row[title] == pytest.approx(SPREAD[row["Over seeds"]](drawn[model, metric])), (row, title)
    assert [row["Model"].lower() for row in rows[::4]] == [name.lower() for name in MODELS.values()]


def test_a_weighted_measure_stands_beside_its_raw_one() -> None:
    generator = np.random.default_rng(2)
    labels = np.repeat(["BENIGN", "DDoS", "Bot"], 200)
    published = {"BENIGN": 20_000, "DDoS": 6000, "Bot": 400}
    frames = {
        features: {
            model: pl.DataFrame({"label": labels, "is_attack": labels != "BENIGN",
                                 "predicted": generator.random(600) < np.repeat(generator.random(3), 200)})
            for model in MODELS
        }
        for features in ("selected", "all")
    }  # fmt: skip
    weight = np.repeat([100, 30, 2], 200)
    measures = {
        "Precision": sk.precision_score, "Recall": sk.recall_score, "F1": sk.f1_score,
        "FPR": lambda t, c, sample_weight: 1 - sk.recall_score(~t, ~c, sample_weight=sample_weight),
    }  # fmt: skip
    rows = by_title(weighted.report_weighted(frames, published, "test", 1).tables["binary_weighted"])
    assert [row["Features"] for row in rows] == ["ranked"] * 4 + ["all"] * 4
    for row, (features, model) in zip(rows, [(f, m) for f in frames for m in MODELS], strict=True):
        frame = frames[features][model]
        truth, called = (frame[column].to_numpy() for column in ("is_attack", "predicted"))
        assert row["Model"].lower() == MODELS[model].lower()
        for title, measure in measures.items():
            assert row[title] == pytest.approx(measure(truth, called, sample_weight=np.ones(600)))
            value = row[f"{title}, weighted"]
            assert value == pytest.approx(measure(truth, called, sample_weight=weight))
            assert row[f"{title}, weighted, low"] < value < row[f"{title}, weighted, high"]
    added = [f"{title}, weighted{end}" for title in measures for end in ("", ", low", ", high")]
    assert set(rows[0]) == {"Features", "Model", *measures, *added}


@pytest.mark.parametrize(("name", "threshold"), [("at_minimum", "Minimum"), ("up_to_median", "Benign median")])
def test_who_lies_at_a_minimum_stands_under_its_title(
    name: str, threshold: str, predictions: dict[str, dict[str, pl.DataFrame]]
) -> None:
    train, test = make_flows(400, 1), make_flows(150, 2)
    table = overlap.report_overlap(train, test, FEATURES, predictions, "test").tables[name]
    best = max(
        MODELS, key=lambda model: sk.f1_score(*(predictions["selected"][model][c] for c in ("is_attack", "predicted")))
    )
    attack = test["is_attack"].to_numpy()
    wrong = {key: (predictions[key][best]["predicted"] != test["is_attack"]).to_numpy() for key in ("selected", "all")}
    benign = train.filter(~pl.col("is_attack"))
    titles = [column.title for column in table.columns]
    assert titles.count("n") == 2
    for row in table.rows:
        cells = [cell.value for cell in row.cells]
        feature = cells[titles.index("Feature")]
        at = train[feature].min() if threshold == "Minimum" else benign[feature].quantile(0.5, "lower")
        there = test[feature].to_numpy() <= at
        expected = {"Feature": feature, threshold: at, "Flows": there.mean(), "Benign": there[~attack].mean(),
                    "Attacks": there[attack].mean()}  # fmt: skip
        for title, mask in (("Errors, ranked features", wrong["selected"]), ("Errors, all features", wrong["all"])):
            expected[title] = there[mask].mean()
            assert titles[titles.index(title) + 1] == "n"
            assert cells[titles.index(title) + 1] == there[mask].sum()
        assert set(titles) == {*expected, "n"}
        for title, value in expected.items():
            assert cells[titles.index(title)] == (value if title == "Feature" else pytest.approx(value)), title
    assert [row.cells[0].value for row in table.rows] == FEATURES


def test_what_a_feature_can_do_alone_stands_under_its_title() -> None:
    rules = {"a": single_features.Rule(3.5, True), "b": single_features.Rule(7.25, False)}
    columns = [Column("feature", "Feature"), Column("d", "D", "fixed:3"), Column("p_holm", "p", "p")]
    tests = [{"feature": "a", "d": 0.25, "p_holm": 0.0}, {"feature": "b", "d": 0.75, "p_holm": 0.0}]
    ks = Record("x", "test").table("ks_all", "t", columns, tests)
    table = single_features.report_single_features(rules, {"a": 0.5, "b": 0.625}, 0.3, 0.01, ks).tables[
        "single_features"
    ]
    assert by_title(table) == [
        {"Feature": "b", "D": 0.75, "Attack where": "up to", "Threshold": 7.25, "F1": 0.625},
        {"Feature": "a", "D": 0.25, "Attack where": "above", "Threshold": 3.5, "F1": 0.5},
    ]
