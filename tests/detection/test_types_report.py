"""The four variants of the attack-type forest from predictions counted by hand."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from analysis.dataset.release import load
from analysis.detection.names import BENIGN, VARIANT_NAMES, variant_parts
from analysis.detection.types_report import report_types
from analysis.detection.web_attacks import value_counts
from analysis.record import Record, snake

LABELS = list(load("original").labels)
BRUTE, XSS = "Web Attack Brute Force", "Web Attack XSS"
# (label, answer): test flows. Heartbleed is too rare, Bot has no training flow, PortScan no test flow.
PAIRS = {
    (BENIGN, BENIGN): 90,
    (BENIGN, XSS): 1,
    ("DDoS", "DDoS"): 20,
    (BRUTE, BRUTE): 6,
    (BRUTE, XSS): 3,
    (BRUTE, BENIGN): 1,
    (XSS, XSS): 2,
    (XSS, BRUTE): 2,
    (XSS, "DDoS"): 1,
    ("Heartbleed", "DDoS"): 1,
    ("Bot", BENIGN): 5,
}
TRAIN = {BENIGN: 400, "DDoS": 80, BRUTE: 40, XSS: 20, "Heartbleed": 2, "PortScan": 5}
SOURCE = {"accuracy": 0.99, "f1": {BRUTE: 0.66, XSS: 0.36, "Heartbleed": 1.0, "PortScan": 1.0}}


def inputs(pairs: dict[tuple[str, str], int]) -> dict[str, Any]:
    """Predictions, descriptions and inventory; attacks-only variants leave BENIGN out."""
    predictions, descriptions = {}, {}
    for variant in VARIANT_NAMES:
        with_benign = variant_parts(variant)[1]
        kept = {pair: n for pair, n in pairs.items() if with_benign or pair[0] != BENIGN}
        rows = [
            pair if with_benign or pair[1] != BENIGN else (pair[0], "DDoS")
            for pair, n in kept.items()
            for _ in range(n)
        ]
        predictions[variant] = pl.DataFrame(rows, schema=["label", "predicted"], orient="row")
        train = {label: n for label, n in TRAIN.items() if with_benign or label != BENIGN}
        descriptions[variant] = {"train": train, "n_train": sum(train.values()), "n_train_all": sum(train.values())}
    tested: dict[str, int] = {}
    for (label, _), n in pairs.items():
        tested[label] = tested.get(label, 0) + n
    inventory = []
    for label in LABELS:
        flows = TRAIN.get(label, 0) + tested.get(label, 0)
        if flows:
            inventory.append({"label": label, "flows": flows})
    return {"predictions": predictions, "descriptions": descriptions, "inventory": inventory}


@pytest.fixture(scope="module")
def record() -> Record:
    return report_types(**inputs(PAIRS), labels=LABELS, source=SOURCE, data="synthetic twin", min_support=5)


def test_every_type_has_its_keys_in_every_reading(record: Record) -> None:
    for variant in VARIANT_NAMES:
        for label in LABELS:
            known = label != BENIGN or variant_parts(variant)[1]
            for field in ("f1", "precision", "recall", "recall_low", "recall_high", "support", "wrong"):
                assert (f"types.{variant}.{field}.{snake(label)}" in record.values) == known


def test_scores_by_hand(record: Record) -> None:
    values = record.values
    key = "types.all_with_benign"
    assert values[f"{key}.accuracy"].value == pytest.approx(118 / 132)
    assert values[f"{key}.recall.web_attack_brute_force"].value == pytest.approx(6 / 10)
    assert values[f"{key}.precision.web_attack_brute_force"].value == pytest.approx(6 / 8)
    assert values[f"{key}.f1.web_attack_brute_force"].value == pytest.approx(12 / 18)
    assert values[f"{key}.recall_low.web_attack_brute_force"].value == pytest.approx(0.3127, abs=1e-4)
    assert values[f"{key}.recall_high.web_attack_brute_force"].value == pytest.approx(0.8318, abs=1e-4)
    assert values[f"{key}.support.web_attack_xss"].value == 5
    assert values[f"{key}.wrong.web_attack_brute_force"].value == XSS
    assert "no wrong answer" in values[f"{key}.wrong.ddos"].text


def test_what_cannot_be_scored_says_why_and_stays_out_of_macro_f1(record: Record) -> None:
    values = record.values
    reasons = {
        "bot": "no flow of this type in the training part",
        "portscan": "no flow of this type in the test part",
        "infiltration": "no flow of this type in the data",
    }
    for label, reason in reasons.items():
        assert values[f"types.all_with_benign.f1.{label}"].value is None
        assert reason in values[f"types.all_with_benign.f1.{label}"].text
    scored = [values[f"types.all_with_benign.f1.{snake(label)}"].value for label in (BENIGN, "DDoS", BRUTE, XSS)]
    assert values["types.all_with_benign.macro_f1"].value == pytest.approx(sum(scored) / 4)
    assert values["types.all_with_benign.macro_f1"].n == 4


def test_readings_without_benign(record: Record) -> None:
    assert record.values["types.selected_attacks_only.n"].value == 41
    rows = {row.id: row for row in record.tables["types_f1"].rows}
    keys = [column.key for column in record.tables["types_f1"].columns]
    cell = rows["benign"].cells[keys.index("selected_attacks_only")]
    assert cell.value is None
    assert "BENIGN" in str(cell.reason)
    assert "benign" not in [column.key for column in record.tables["types_confusion_selected_attacks_only"].columns]


def test_confusion_counts_all_flows(record: Record) -> None:
    table = record.tables["types_confusion_all_with_benign"]
    counts = {
        (row.cells[0].value, column.title): cell.value
        for row in table.rows
        for column, cell in zip(table.columns[1:], row.cells[1:], strict=True)
    }
    assert {pair: n for pair, n in counts.items() if n} == PAIRS


def test_nearest_reading_is_the_one_of_least_distance(record: Record) -> None:
    values = record.values
    assert values["types.compared"].value == [BRUTE, XSS] or set(values["types.compared"].value) == {BRUTE, XSS}
    assert set(values["types.not_compared"].value) == {"Heartbleed", "PortScan"}
    f1 = {label: values[f"types.all_with_benign.f1.{snake(label)}"].value for label in (BRUTE, XSS)}
    expected = (abs(118 / 132 - 0.99) + abs(f1[BRUTE] - 0.66) + abs(f1[XSS] - 0.36)) / 3
    assert values["types.all_with_benign.distance"].value == pytest.approx(expected)
    distances = {variant: values[f"types.{variant}.distance"].value for variant in VARIANT_NAMES}
    assert distances[values["types.nearest"].value] == min(distances.values())
    assert values["types.nearest_distance"].value == min(distances.values())


def test_web_attacks_by_outcome(record: Record) -> None:
    assert value_counts(PAIRS, BRUTE) == {"correct": 6, "within": 3, "benign": 1, "other": 0}
    shares = {
        key: record.values[f"types.web.all_with_benign.{key}"].value for key in ("correct", "within", "benign", "other")
    }
    assert shares == pytest.approx({"correct": 8 / 15, "within": 5 / 15, "benign": 1 / 15, "other": 1 / 15})
    assert record.values["types.web.all_with_benign.within_of_wrong"].value == pytest.approx(5 / 7)
    assert record.values["types.web.flows"].value == 15
    assert record.values["types.web.any"].value is True


def test_data_without_web_attacks_or_rare_types() -> None:
    plain = {(BENIGN, BENIGN): 30, ("DDoS", "DDoS"): 10}
    record = report_types(**inputs(plain), labels=LABELS, source=SOURCE, data="synthetic twin", min_support=5)
    assert record.values["types.web.present"].value is False
    assert record.values["types.web.any"].value is False
    assert record.values["types.web.all_with_benign.correct"].value is None
    assert record.values["types.web.all_with_benign.correct"].reason
    assert record.values["types.compared"].value == []
    assert record.values["types.all_with_benign.macro_f1"].value == 1


def test_sketched_types_are_printed_and_enter_no_mean_and_no_comparison(record: Record) -> None:
    found = report_types(
        **inputs(PAIRS), labels=LABELS, source=SOURCE, data="synthetic twin", min_support=5, sketched=[XSS]
    )
    plain, values = record.values, found.values
    f1 = f"types.all_with_benign.f1.{snake(XSS)}"
    assert values[f1].value == plain[f1].value is not None
    scores = [plain[f"types.all_with_benign.f1.{snake(label)}"].value for label in (BENIGN, "DDoS", BRUTE)]
    assert values["types.all_with_benign.macro_f1"].value == pytest.approx(sum(scores) / 3)
    assert plain["types.compared"].value == [BRUTE, XSS]
    assert values["types.compared"].value == [BRUTE]
    assert values["types.web.flows"].value == 10
    assert {row["label"]: row["evaluable"] for row in found.tables["types_f1"].records()}[XSS] == "sketched"
    assert "sketch" in found.tables["types_f1"].notes[0]
    assert "sketch" not in record.tables["types_f1"].notes[0]


def test_a_type_of_few_test_flows_is_counted_and_enters_no_mean(record: Record) -> None:
    found = report_types(**inputs(PAIRS), labels=LABELS, source=SOURCE, data="synthetic twin", min_support=10)
    key, values = snake(XSS), found.values
    f1 = values[f"types.all_with_benign.f1.{key}"]
    assert f1.value == record.values[f"types.all_with_benign.f1.{key}"].value, "the number itself stays"
    assert (f1.text, values[f"types.all_with_benign.precision.{key}"].text) == ("2 of 5", "2 of 6")
    scores = [values[f"types.all_with_benign.f1.{snake(label)}"].value for label in (BENIGN, "DDoS", BRUTE)]
    assert values["types.all_with_benign.macro_f1"].value == pytest.approx(sum(scores) / 3)
    assert values["types.compared"].value == [BRUTE]
    row = next(row for row in found.tables["types_f1"].rows if row.id == key)
    keys = [column.key for column in found.tables["types_f1"].columns]
    assert row.cells[keys.index("all_with_benign")].text == "2 of 5"
    assert row.cells[keys.index("evaluable")].text == "no"
    assert "fewer than 10 test flows" in found.tables["types_f1"].notes[0]


def test_few_or_grouped_web_attacks_get_no_sentence(record: Record) -> None:
    assert record.values["types.web.present"].value is True
    few = report_types(**inputs(PAIRS), labels=LABELS, source=SOURCE, data="synthetic twin", min_support=16)
    assert few.values["types.web.present"].value is False
    assert few.values["types.web.few"].value is True
    grouped = {(BENIGN, BENIGN): 50, ("Web Attack", "Web Attack"): 40, ("Web Attack", BENIGN): 5}
    labels = [BENIGN, "DDoS", "Web Attack"]
    told = inputs(grouped)
    for description in told["descriptions"].values():
        description["train"]["Web Attack"] = 90
    found = report_types(**told, labels=labels, source=SOURCE, data="original release", min_support=5)
    assert found.values["types.web.few"].value is False
    assert found.values["types.web.present"].value is False


def test_web_attacks_are_counted(record: Record) -> None:
    keys = ("correct", "within", "benign", "other")
    assert [record.values[f"types.web.all_with_benign.{key}_flows"].value for key in keys] == [8, 5, 1, 1]
