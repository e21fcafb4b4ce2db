from __future__ import annotations

import json

import polars as pl
import pytest

from analysis import settings
from analysis.dataset.cleaning import clean as step
from analysis.dataset.cleaning.clean import clean, refuse_too_little
from analysis.dataset.cleaning.policy import Policy
from analysis.dataset.cleaning.report import CHOICES, report_cleaning
from analysis.dataset.input.reading import read
from analysis.dataset.release import load
from analysis.errors import UserError

RELEASE = load("original")
INF, NAN = float("inf"), float("nan")

# Label, attempted, and six of the release's features; the others are absent. Row 9 is an attempted attack that becomes
# equal to row 10 where attempted attacks are benign; row 8 repeats row 7; -7 is no sentinel.
ROWS = [
    ("BENIGN", False, 10, 1.0, 5, 100, -1, 0),
    ("BENIGN", False, 10, INF, 5, 100, 20, 0),
    ("DDoS", False, 10, NAN, 5, 100, 20, 0),
    ("BENIGN", False, -1, 2.0, 5, 100, 20, 0),
    ("DDoS", False, 10, 2.0, -3, -1, 20, 0),
    ("BENIGN", False, 10, 3.0, 5, -1, -1, 0),
    ("DDoS", False, 11, 4.0, 5, 200, 30, 0),
    ("DDoS", False, 11, 4.0, 5, 200, 30, 0),
    ("DDoS", True, 12, 5.0, 6, 200, 30, 0),
    ("BENIGN", False, 12, 5.0, 6, 200, 30, 0),
    ("BENIGN", False, 13, 6.0, 6, 300, -7, 0),
]
DURATION, RATE, LEAST, FORWARD, BACKWARD, FLAG = (
    "Flow Duration", "Flow Packets/s", "Flow IAT Min", "Init_Win_bytes_forward", "Init_Win_bytes_backward",
    "Bwd PSH Flags",
)  # fmt: skip
NAMES = ["Label", "attempted", DURATION, RATE, LEAST, FORWARD, BACKWARD, FLAG]


@pytest.fixture
def table() -> pl.DataFrame:
    made = pl.DataFrame(ROWS, schema=NAMES, orient="row")
    return made.select(
        *NAMES[2:],
        "Label",
        ((pl.col("Label") != "BENIGN") & ~pl.col("attempted")).alias("is_attack"),
        "attempted",
        pl.int_range(1, pl.len() + 1).alias("source_row"),
        pl.lit(443).alias("Source Port"),
    )


def counted(table, **choices):
    """(flows, attacks concerned, flows, attacks left) by decision, and the cleaned flows."""
    cleaned = clean(table.lazy(), RELEASE, Policy(**choices))
    found = {}
    for one in cleaned.decisions:
        key = next(iter(one.cells)) if one.kind == "sentinels" else one.kind
        found[key] = (one.flows, one.attacks, one.left, one.left_attacks)
    return cleaned, found


def test_the_defaults_are_those_of_the_settings_and_every_choice_has_words():
    assert settings.Cleaning().model_dump() == vars(Policy())
    for kind, field in settings.Cleaning.model_fields.items():
        if kind != "blank_rows":
            assert set(CHOICES[kind]) == set(field.annotation.__args__)


def test_the_defaults_drop_what_is_not_finite_and_constant_and_count_the_rest(table):
    cleaned, found = counted(table)
    assert found == {
        "read": (11, 4, 11, 4),
        "attempted": (1, 0, 11, 4),
        "non_finite": (2, 1, 9, 3),
        "magnitude": (0, 0, 9, 3),
        "negatives": (3, 1, 9, 3),
        FORWARD: (2, 1, 9, 3),
        BACKWARD: (2, 0, 9, 3),
        "duplicates": (2, 1, 9, 3),
        "constant": (0, 0, 9, 3),
    }
    assert cleaned.decision("non_finite").cells == {RATE: 2}
    assert cleaned.decision("negatives").cells == {DURATION: 1, LEAST: 1, BACKWARD: 1}
    assert cleaned.marked == 3
    assert cleaned.constant == {FLAG: 0.0}
    assert not cleaned.missing
    left = cleaned.flows.collect()
    assert left["source_row"].to_list() == [1, 4, 5, 6, 7, 8, 9, 10, 11]
    assert left.columns == [name for name in table.columns if name != FLAG]
    assert cleaned.features == 5


@pytest.mark.parametrize("size", [1e308, -1e50, float(2**53)])
def test_numbers_that_arithmetic_cannot_hold_are_dropped_or_missing(table, size):
    table = table.with_columns(
        pl.when(pl.col("source_row") == 7).then(size).otherwise(pl.col(RATE)).alias(RATE),
        pl.when(pl.col("source_row") == 4).then(-(2**63)).otherwise(pl.col(DURATION)).alias(DURATION),
    )
    cleaned, found = counted(table)
    assert found["magnitude"] == (2, 1, 7, 2)
    assert cleaned.decision("magnitude").cells == {DURATION: 1, RATE: 1}
    assert cleaned.flows.collect()["source_row"].to_list() == [1, 5, 6, 8, 9, 10, 11]
    cleaned, found = counted(table, magnitude="missing")
    assert found["magnitude"] == (2, 1, 9, 3)
    assert dict(cleaned.missing) == {DURATION: 1, RATE: 1}
    left = cleaned.flows.collect()
    assert left.filter(pl.col("source_row") == 7)[RATE].item() is None


def test_attempted_attacks_are_benign_or_attacks_or_left_out(table):
    benign = counted(table)[0].flows.filter(pl.col("source_row") == 9).collect()
    assert benign["Label"].item() == "BENIGN"
    assert benign["is_attack"].item() is False
    cleaned, found = counted(table, attempted="attack")
    assert found["attempted"] == (1, 1, 11, 5)
    assert found["duplicates"] == (1, 1, 9, 4), "rows 9 and 10 differ in their label"
    attack = cleaned.flows.filter(pl.col("source_row") == 9).collect()
    assert attack["Label"].item() == "DDoS"
    assert attack["is_attack"].item() is True
    cleaned, found = counted(table, attempted="out")
    assert found["attempted"] == (1, 0, 10, 4)
    assert 9 not in cleaned.flows.collect()["source_row"].to_list()


def test_a_table_without_attempted_flows_needs_no_column_of_them(table):
    found = [counted(table.drop("attempted").filter(~table["attempted"]), attempted=c)[1] for c in CHOICES["attempted"]]
    assert found[0] == found[1] == found[2]
    assert found[0]["attempted"] == (0, 0, 10, 4)


@pytest.mark.parametrize(
    ("choices", "decision", "expected", "missing"),
    [
        ({"non_finite": "missing"}, "non_finite", (2, 1, 11, 4), {RATE: 2}),
        ({"negatives": "drop"}, "negatives", (3, 1, 6, 2), {}),
        ({"negatives": "missing"}, "negatives", (3, 1, 9, 3), {DURATION: 1, LEAST: 1, BACKWARD: 1}),
        ({"sentinels": "drop"}, FORWARD, (2, 1, 7, 2), {}),
        ({"sentinels": "drop"}, BACKWARD, (1, 0, 6, 2), {}),
        ({"sentinels": "missing"}, BACKWARD, (2, 0, 9, 3), {FORWARD: 2, BACKWARD: 2}),
        ({"duplicates": "drop"}, "duplicates", (2, 1, 7, 2), {}),
    ],
)
def test_each_choice_concerns_and_leaves_what_it_should(table, choices, decision, expected, missing):
    cleaned, found = counted(table, **choices)
    assert found[decision] == expected
    assert cleaned.missing == missing
    left = cleaned.flows.collect()
    assert {name: n for name in left.columns if (n := left[name].null_count())} == missing
    assert (left.height, left["is_attack"].sum()) == found["constant"][2:]


def test_everything_dropped(table):
    drop = dict.fromkeys(["non_finite", "magnitude", "negatives", "sentinels", "duplicates", "constant"], "drop")
    cleaned, found = counted(table, attempted="out", **drop)
    assert list(found.values()) == [
        (11, 4, 11, 4), (1, 0, 10, 4), (2, 1, 8, 3), (0, 0, 8, 3), (3, 1, 5, 2),
        (1, 0, 4, 2), (1, 0, 3, 2), (1, 1, 2, 1), (0, 0, 2, 1),
    ]  # fmt: skip
    assert cleaned.flows.collect()["source_row"].to_list() == [7, 10], "the first of equal flows stays"
    assert cleaned.constant == {FORWARD: 200.0, BACKWARD: 30.0, FLAG: 0.0}


def test_a_sentinel_that_is_the_usual_value_costs_no_flow(table):
    corrected = load("corrected")
    marked = table.with_columns(pl.lit(-1).alias("ICMP Code"), pl.lit(-1).alias("ICMP Type"))
    kept = clean(marked.lazy(), corrected, Policy(sentinels="drop", constant="keep"))
    assert kept.decisions[-1].left == clean(table.lazy(), RELEASE, Policy(sentinels="drop")).decisions[-1].left
    assert not {name for one in kept.decisions if one.kind == "sentinels" for name in one.cells} & {"ICMP Code"}
    assert kept.decision("negatives").flows == counted(table)[1]["negatives"][0]


@pytest.mark.parametrize(("release", "expected"), [("original", "no, only in these flows"), ("corrected", "not known")])
def test_whether_a_column_is_constant_in_the_release_is_said_only_where_it_is_known(table, release, expected):
    found = load(release)
    cleaned = clean(table.with_columns(pl.lit(443).alias("Destination Port")).lazy(), found, Policy())
    table_of = report_cleaning(cleaned, found, False, "flows").tables["constant_columns"].to_json()
    cells = {row["cells"][0]["text"]: row["cells"][2]["text"] for row in table_of["rows"]}
    assert cells["Destination Port"] == expected


def test_constant_columns_can_be_kept_and_a_column_without_a_value_in_one_class_cannot(table):
    cleaned, _ = counted(table, constant="keep")
    assert FLAG in cleaned.flows.collect_schema().names()
    assert cleaned.features == 6
    assert cleaned.constant == {FLAG: 0.0}
    marked = table.with_columns(pl.when("is_attack").then(-1).otherwise(FORWARD).alias(FORWARD))
    cleaned, _ = counted(marked, constant="keep", sentinels="missing")
    assert cleaned.empty == (FORWARD,)
    assert FORWARD not in cleaned.flows.collect_schema().names()
    assert cleaned.missing == {BACKWARD: 2}


def test_whole_numbers_are_whole_again_when_the_cells_without_one_are_gone(table):
    damaged = table.with_columns(
        pl.when(pl.col("source_row") == 2).then(NAN).otherwise(pl.col(DURATION).cast(pl.Float64)).alias(DURATION),
        pl.when(pl.col("source_row") == 1).then(0.5).otherwise(pl.col(LEAST).cast(pl.Float64)).alias(LEAST),
    )
    for choice in ("drop", "missing"):
        schema = counted(damaged, non_finite=choice)[0].flows.collect_schema()
        assert schema[DURATION] == pl.Int64
        assert schema[LEAST] == pl.Float64, "a fraction is none"


def test_the_report_agrees_with_the_flows_and_leaves_out_what_concerns_nothing(table):
    cleaned, _ = counted(table)
    record = report_cleaning(cleaned, RELEASE, True, "synthetic twin")
    values = {key: value.value for key, value in record.values.items()}
    assert (values["data.flows"], values["data.attacks"]) == (11, 4)
    assert (values["clean.flows"], values["clean.attacks"]) == (9, 3)
    assert values["clean.duplicates_share"] == pytest.approx(2 / 9)
    assert values["clean.sentinels_share"] == pytest.approx(3 / 9)
    assert values["clean.any_attempted"] is values["clean.negatives_kept_some"] is True
    assert values["clean.negatives_dropped_some"] is values["clean.any_missing"] is False
    rows = record.tables["cleaning"].column("what")
    assert rows == [
        "Flows read", "Attempted attacks", "Infinite or not a number in any feature",
        "Impossible negative in any feature", f"{FORWARD} = −1", f"{BACKWARD} = −1", "Repeats of an earlier flow",
        "Columns that do not vary: 1",
    ]  # fmt: skip
    plain = table.filter((pl.min_horizontal(DURATION, LEAST) >= 0) & (pl.col(BACKWARD) > -2) & ~pl.col("attempted"))
    record = report_cleaning(counted(plain)[0], RELEASE, True, "synthetic twin")
    left_out = [rows[1], rows[3]]
    assert record.tables["cleaning"].column("what") == [row for row in rows if row not in left_out]
    record = report_cleaning(counted(plain, attempted="out")[0], RELEASE, True, "synthetic twin", blank_rows=7)
    assert record.tables["cleaning"].column("what")[:3] == [rows[0], "Blank rows beside them", rows[1]]
    assert record.tables["cleaning"].column("flows")[:3] == [plain.height, 7, 0]


@pytest.mark.parametrize(
    ("choices", "least", "message"),
    [
        ({"sentinels": "drop"}, 3, r"cleaning\.sentinels: drop takes 1 of the attacks; left after cleaning: 2"),
        ({"negatives": "drop", "duplicates": "drop", "sentinels": "drop"}, 3, "at least 3 attacks"),
        ({"attempted": "out", "non_finite": "missing"}, 5, r"cleaning\.attempted: out takes 1 of the attacks"),
        ({"non_finite": "missing", "attempted": "attack"}, 9, "data: left after cleaning: 5 .* give more"),
    ],
)
def test_too_few_attacks_name_the_setting_responsible(table, choices, least, message):
    with pytest.raises(UserError, match=message):
        refuse_too_little(counted(table, **choices)[0], least)


def test_one_class_only_names_the_setting_responsible(table):
    benign_is_marked = table.with_columns(pl.when("is_attack").then(9).otherwise(-1).alias(FORWARD))
    cleaned, _ = counted(benign_is_marked, sentinels="drop")
    with pytest.raises(UserError, match=r"cleaning\.sentinels: drop takes 6 of the benign flows; .* no benign flow"):
        refuse_too_little(cleaned, 1)
    refuse_too_little(counted(table)[0], 3)


def test_the_step_refuses_blank_rows_where_it_is_told_to_and_writes_its_files_otherwise(table, tmp_path):
    table.write_parquet(tmp_path / "flows.parquet")
    (tmp_path / "metadata.json").write_text('{"data": "original release", "synthetic": false, "release": "original"}')
    (tmp_path / "inspection.json").write_text('{"blank_rows": 2}')
    read, *files = (tmp_path / name for name in ("flows.parquet", "metadata.json", "inspection.json"))
    made = {
        "flows": tmp_path / "clean.parquet", "values": tmp_path / "v.json",
        "tables": [tmp_path / f"{name}.json" for name in ("cleaning", "constant_columns")],
    }  # fmt: skip
    with pytest.raises(UserError, match=r"cleaning\.blank_rows: the input holds 2 blank rows"):
        step.step(read, *files, policy={"blank_rows": "refuse"}, min_attacks=3, **made)
    with pytest.raises(UserError, match="the study needs at least 99 attacks"):
        step.step(read, *files, policy=settings.Cleaning().model_dump(), min_attacks=99, **made)
    assert not made["flows"].exists()
    step.step(read, *files, policy=settings.Cleaning().model_dump(), min_attacks=3, **made)
    assert pl.read_parquet(made["flows"]).height == 9
    assert json.loads(made["values"].read_text())["clean.flows"]["value"] == 9


def test_real_rows_agree_with_pandas(shared_data):
    import numpy as np
    import pandas as pd

    from analysis.dataset.input.source import flow_files

    (flow_file,) = flow_files(shared_data / "cicids2017-sample-12k.csv")
    table = read(flow_file).flows
    cleaned, found = counted(table, duplicates="drop")
    csv = pd.read_csv(shared_data / "cicids2017-sample-12k.csv").rename(columns=str.strip)
    expected = csv.replace([np.inf, -np.inf], np.nan).dropna()
    assert found["non_finite"][2] == len(expected)
    assert found["duplicates"][0] == expected.duplicated().sum()
    assert found["duplicates"][2] == len(expected.drop_duplicates()) == cleaned.flows.collect().height
    assert set(cleaned.constant) == {c for c in expected if expected[c].nunique() == 1}
    below = expected.drop(columns="Label").lt(0) & ~(expected[[FORWARD, BACKWARD]] == -1).reindex(
        columns=expected.columns.drop("Label"), fill_value=False
    )
    assert found["negatives"][0] == below.any(axis=1).sum()
    assert cleaned.decision("negatives").cells == {name: n for name, n in below.sum().items() if n}
    assert cleaned.marked == (expected[[FORWARD, BACKWARD]] == -1).any(axis=1).sum()
