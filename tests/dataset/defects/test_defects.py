from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis.dataset import blocks, identical_rows
from analysis.dataset.defects import columns as column_defects
from analysis.dataset.defects.audit import audit
from analysis.dataset.defects.definitions import flow_defects
from analysis.dataset.defects.repeats import repeats
from analysis.dataset.defects.report import machine_report, quirks, report_defects
from analysis.dataset.input.reading import read
from analysis.dataset.input.source import flow_files
from analysis.dataset.release import load

RELEASE = load("original")
NAN, INF = float("nan"), float("inf")
METADATA = {"data": "original release", "synthetic": False}


def sound(rows: int) -> pl.DataFrame:
    """Flows without a defect: four packets each, of 100 bytes, that differ in port and duration; the last an attack."""
    i = np.arange(rows)
    names = {name: np.zeros(rows, dtype=np.int64) for name in RELEASE.features}
    names |= {c.name: np.zeros(rows) for c in RELEASE.columns if c.type == "float"}
    names |= {"Destination Port": i, "Flow Duration": 1000 + i, "Total Fwd Packets": i * 0 + 2}
    names |= {"Total Backward Packets": i * 0 + 2, "Fwd Header Length": i * 0 + 40, "Bwd Header Length": i * 0 + 40}
    for direction in ("Fwd", "Bwd"):
        names |= {f"{direction} Packet Length {part}": np.full(rows, 100.0) for part in ("Max", "Min", "Mean")}
        names[f"Total Length of {direction} Packets"] = i * 0 + 200
    names |= {"Packet Length Mean": np.full(rows, 100.0), "Average Packet Size": np.full(rows, 125.0)}
    names |= {"Flow Bytes/s": 400e6 / (1000 + i), "Flow Packets/s": 4e6 / (1000 + i)}
    attack = i == rows - 1
    return pl.DataFrame(names).with_columns(
        pl.Series("Label", np.where(attack, "DDoS", "BENIGN")), pl.Series("is_attack", attack),
        pl.lit("one.csv").alias("source_file"), pl.Series("source_row", i + 1),
    )  # fmt: skip


def put(table: pl.DataFrame, **cells: dict[int, object]) -> pl.DataFrame:
    """The table with other values in the given rows; a column name is given with _ for everything but letters."""
    for key, changes in cells.items():
        name = next(c for c in table.columns if "".join(x if x.isalnum() else "_" for x in c) == key)
        column = table[name].to_list()
        for row, value in changes.items():
            column[row] = value
        table = table.with_columns(pl.Series(name, column, dtype=table[name].dtype))
    return table


def counts(table: pl.DataFrame) -> dict[str, tuple[int | None, int | None]]:
    return {finding.id: (finding.count, finding.attacks) for finding in audit(table.lazy(), RELEASE)}


def test_flows_without_a_defect_have_none_but_the_doubled_first_packet():
    found = {f.id for f in audit(sound(6).lazy(), RELEASE) if f.error and f.count}
    columns = {"constant_columns", "identical_pairs", "correlated_pairs"}
    assert found - columns == {"average_not_bytes_over_packets"}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"Flow_Bytes_s": {0: NAN, 5: NAN, 1: INF}},
         {"nan_flow_bytes_s": (2, 1), "inf_flow_bytes_s": (1, 0), "non_finite_rates": (3, 1),
          "non_finite_timed": (3, 1)}),
        ({"Flow_Bytes_s": {0: NAN, 1: INF}, "Flow_Duration": {0: 0}},
         {"non_finite_rates": (2, 0), "non_finite_timed": (1, 0)}),
        ({"Flow_Packets_s": {0: INF}, "Flow_Bytes_s": {0: NAN}},
         {"inf_flow_packets_s": (1, 0), "nan_flow_bytes_s": (1, 0), "non_finite_rates": (1, 0)}),
        ({"Flow_IAT_Std": {2: NAN}}, {"non_finite_others": (1, 0), "non_finite_rates": (0, 0)}),
        ({"Flow_Duration": {0: 0, 1: -1}}, {"zero_duration": (1, 0), "negative_flow_duration": (1, 0)}),
        ({"Flow_IAT_Min": {5: -1}}, {"negative_flow_iat_min": (1, 1), "disorder": (0, 0)}),
        ({"Fwd_IAT_Min": {1: -2, 2: -2}}, {"negative_fwd_iat_min": (2, 0), "negative_others": (0, 0)}),
        ({"Fwd_Header_Length": {0: -30036}}, {"negative_fwd_header_length": (1, 0), "header_overflow": (1, 0)}),
        ({"Bwd_Header_Length": {0: 0, 1: 15, 2: 16}},
         {"negative_bwd_header_length": (0, 0), "header_overflow": (1, 0)}),
        ({"min_seg_size_forward": {5: -1}}, {"negative_min_seg_size_forward": (1, 1)}),
        ({"Bwd_IAT_Max": {3: -1}, "Idle_Mean": {3: -1.0}}, {"negative_others": (1, 0)}),
        ({"Flow_Packets_s": {3: -2e6}}, {"negative_rates": (1, 0), "negative_others": (0, 0)}),
        ({"Init_Win_bytes_forward": {0: -1, 5: -1, 1: -2, 2: 65535, 3: 65536}},
         {"sentinel_init_win_bytes_forward": (2, 1), "negative_others": (1, 0), "field_16_full": (1, 0),
          "field_16_exceeded": (1, 0)}),
        ({"Fwd_Header_Length_1": {0: -32212234632, 1: 2**31 - 1, 2: 2**31 - 2}}, {"field_32_exceeded": (2, 0)}),
        ({"Packet_Length_Variance": {0: 101.0, 1: 100.5}, "Packet_Length_Std": {0: 9.0, 1: 10.0}},
         {"variance_not_std_squared": (1, 0)}),
        ({"Total_Length_of_Fwd_Packets": {5: 300}},
         {"total_not_mean_times_count_fwd": (1, 1), "total_not_mean_times_count_bwd": (0, 0)}),
        ({"Average_Packet_Size": {0: 100.0}}, {"average_not_bytes_over_packets": (5, 1), "average_not_mean": (1, 0)}),
        ({"Flow_IAT_Max": {0: 1000, 1: 2000}}, {"gap_exceeds_duration": (1, 0)}),
        ({"Fwd_Packet_Length_Max": {0: 90}, "Bwd_Packet_Length_Min": {0: 110, 5: 110}}, {"disorder": (2, 1)}),
    ],
)  # fmt: skip
def test_each_defect_of_a_flow_is_counted_with_its_attacks(cells, expected):
    found = counts(put(sound(6), **cells))
    assert {id: found[id] for id in expected} == expected


def test_fractions_in_whole_number_columns_are_counted_and_the_columns_named():
    cells = {"Destination_Port": {0: 80.5}, "Flow_IAT_Max": {0: 0.25, 5: 1e-9, 1: NAN, 2: INF}}
    cast = sound(6).with_columns(pl.col("Destination Port", "Flow IAT Max").cast(pl.Float64))
    findings = {f.id: f for f in audit(put(cast, **cells).lazy(), RELEASE)}
    found = findings["fractions"]
    assert (found.count, found.attacks, found.columns) == (2, 1, ["Destination Port", "Flow IAT Max"])
    record = report_defects(list(findings.values()), RELEASE, False, [], METADATA)
    assert record.values["defects.fractions.names"].value == ["Destination Port", "Flow IAT Max"]
    assert "Destination Port, Flow IAT Max" in " ".join(record.tables["defects"].notes)
    sane = report_defects(audit(cast.lazy(), RELEASE), RELEASE, False, [], METADATA)
    assert sane.values["defects.fractions"].value == 0
    assert sane.values["defects.fractions.names"].value == []


def test_a_whole_number_beyond_32_bits_counts_whatever_another_cell_makes_of_the_column():
    table = put(sound(6), Flow_IAT_Max={0: 2**31})
    assert counts(table)["field_32_exceeded"] == (1, 0)
    odd = put(table.with_columns(pl.col("Flow IAT Max").cast(pl.Float64)), Flow_IAT_Max={1: NAN, 2: 0.5, 3: INF})
    findings = {f.id: f for f in audit(odd.lazy(), RELEASE)}
    assert (findings["field_32_exceeded"].count, findings["field_32_exceeded"].columns) == (1, ["Flow IAT Max"])


@pytest.mark.parametrize(
    ("cells", "places"),
    [
        ({"Flow_IAT_Mean": {0: 1e308, 5: -1e50, 1: 2.0**53 - 1, 2: INF, 3: NAN}},
         ["one.csv, row 1, Flow IAT Mean", "one.csv, row 6, Flow IAT Mean"]),
        ({"Flow_Duration": {0: 2**53, 5: -(2**63), 1: 2**53 - 1}},
         ["one.csv, row 1, Flow Duration", "one.csv, row 6, Flow Duration"]),
    ],
    ids=["fractions", "whole"],
)  # fmt: skip
def test_a_number_that_arithmetic_cannot_hold_is_named_with_its_place(cells, places):
    (finding,) = (f for f in audit(put(sound(6), **cells).lazy(), RELEASE) if f.id == "magnitude")
    assert (finding.count, finding.attacks, finding.places) == (2, 1, places)
    record = report_defects(audit(put(sound(6), **cells).lazy(), RELEASE), RELEASE, False, [], METADATA)
    assert "; ".join(places) in " ".join(record.tables["defects"].notes)
    assert counts(sound(6))["magnitude"] == (0, 0)


@pytest.mark.parametrize(
    ("release", "expected"),
    [("original", (6, 1)), ("corrected", (0, 0)), ("wtmc2021", None)],
)
def test_an_identity_is_that_of_the_meter_of_the_release(release, expected):
    # In a flow whose first packet counts once, the average is the mean.
    table = sound(6).with_columns(pl.col("Packet Length Mean").alias("Average Packet Size"))
    (finding,) = (f for f in audit(table.lazy(), load(release)) if f.id == "average_not_mean")
    if expected is None:
        assert finding.count is None
        assert "not known" in (finding.reason or "")
    else:
        assert (finding.count, finding.attacks) == expected


def test_each_sentinel_says_what_it_means():
    corrected = load("corrected")
    table = pl.DataFrame({"Init_Win_bytes_forward": [-1, 0], "ICMP Code": [-1, 8]})
    said = {d.id: d.definition for d in flow_defects(corrected, table.schema)}
    assert "no TCP window seen" in said["sentinel_init_win_bytes_forward"]
    assert "not an ICMP flow" in said["sentinel_icmp_code"]


def test_columns_that_a_copy_lacks_are_said_to_be_lacking():
    table = sound(6).drop("Flow Duration", "Destination Port", "Flow Bytes/s", "Init_Win_bytes_forward")
    findings = {f.id: f for f in audit(table.lazy(), RELEASE)}
    assert findings["negative_flow_duration"].count is None
    assert "lack" in str(findings["duplicates_no_port"].reason)
    assert findings["non_finite_rates"].count == 0
    record = report_defects(list(findings.values()), RELEASE, False, [], METADATA)
    assert record.values["defects.has_times"].value is False
    assert record.values["defects.nan_flow_bytes_s"].value is None
    assert {f.id for f in audit(sound(6).lazy(), RELEASE)} == set(findings)


def identical(table: pl.DataFrame) -> list[tuple[str, str]]:
    flows = table.lazy()
    return column_defects.identical(flows, column_defects.extremes(flows, table.columns), table.columns, table.columns)


def test_columns_are_compared_by_hand():
    x = np.array([1.0, 2.0, 3.0, 4.0, 9.0])
    table = pl.DataFrame({
        "a": x, "copy": x * (1 + 1e-12), "near": x + np.array([0, 0, 0, 0, 1e-3]), "back": -x, "one": [7] * 5,
        "hole": [7.0, 7.0, 7.0, 7.0, NAN], "other": [1, -1, 1, -1, 0],
    })  # fmt: skip
    names = table.columns
    assert column_defects.constant(column_defects.extremes(table.lazy(), names), names) == ["one"]
    assert identical(table) == [("a", "copy")]
    whole = [name for name in names if name not in ("hole", "one")]
    assert [pair[:2] for pair in column_defects.correlated(table.lazy(), whole)] == [
        ("a", "copy"), ("a", "near"), ("a", "back"), ("copy", "near"), ("copy", "back"), ("near", "back"),
    ]  # fmt: skip


NUMBER = st.sampled_from([0.0, 1.0, 1.0 + 1e-12, 1.0 + 1e-6, -1e9, 1e-9, INF, -INF, NAN])


@example([(1e9 + 1, 1e9, 1e9 + 2)])  # as far apart as equal numbers may be, and further
@given(st.lists(st.tuples(NUMBER, NUMBER, NUMBER), min_size=1, max_size=12))
def test_equal_columns_are_those_that_numpy_calls_close(rows):
    table = pl.DataFrame(rows, schema=["a", "b", "c"], orient="row")
    expected = [
        (a, b)
        for a, b in combinations(table.columns, 2)
        if np.allclose(table[a], table[b], rtol=column_defects.SAME, atol=0, equal_nan=True)
    ]
    assert identical(table) == expected


def test_a_correlation_that_rounding_puts_below_the_border_is_strong():
    x, e = np.array([1.0, -1, 1, -1]), np.array([1.0, 1, -1, -1])
    for less, strong in ((4e-13, True), (4e-11, False)):
        r = column_defects.STRONG - less
        table = pl.DataFrame({"x": x, "y": r * x + np.sqrt(1 - r**2) * e})
        assert bool(column_defects.correlated(table.lazy(), table.columns)) is strong


def test_correlations_are_those_of_numpy_over_the_flows_that_are_finite(monkeypatch):
    generator = np.random.default_rng(3)
    x = generator.normal(1e6, 1, 500)
    table = pl.DataFrame({"x": x, "y": x + generator.normal(0, 0.3, 500), "z": generator.normal(size=500)})
    table = table.with_columns(pl.when(pl.int_range(500) % 50 == 7).then(INF).otherwise("z").alias("z"))
    rows = table.filter(pl.col("z").is_finite())
    monkeypatch.setattr(blocks, "BLOCK", 64)
    ((first, second, r),) = column_defects.correlated(table.lazy(), table.columns)
    assert (first, second) == ("x", "y")
    assert r == pytest.approx(np.corrcoef(rows["x"], rows["y"])[0, 1], abs=1e-8)
    assert column_defects.correlated(table.lazy().head(0), table.columns) == []


def test_duplicates_by_every_definition_by_hand():
    rows = [  # port, value, label, file
        (80, 1.0, "BENIGN", "a"),
        (80, 1.0, "BENIGN", "a"),  # within
        (80, 1.0, "BENIGN", "b"),  # across
        (80, 1.0, "BENIGN", "b"),  # within b
        (80, 1.0, "DDoS", "b"),  # contradicts the four
        (443, 1.0, "DDoS", "b"),  # the same without the port
        (80, 0.0, "DDoS", "a"),
        (80, -0.0, "DDoS", "b"),  # minus zero is zero: across
        (80, NAN, "Bot", "a"),
        (80, -NAN, "Bot", "a"),  # undefined is undefined: within
        (80, 2.0, "Bot", "a"),
        (80, 2.0, "DDoS", "a"),  # two attacks contradict
        (80, 3.0, "BENIGN", "a"),
    ]
    table = pl.DataFrame(rows, schema=["Destination Port", "x", "Label", "source_file"], orient="row")
    table = table.with_columns((pl.col("Label") != "BENIGN").alias("is_attack"))
    found = {id: (c.flows, c.attacks) for id, c in repeats(table.lazy(), ["Destination Port", "x"]).items()}
    assert found == {
        "duplicates": (5, 2), "duplicates_within": (3, 1), "duplicates_across": (2, 1), "duplicates_features": (7, 4),
        "duplicates_no_port": (6, 3), "duplicates_all_copies": (8, 4), "duplicates_connection": (None, None),
        "contradictory": (7, 3), "contradictory_groups": (2, None), "contradictory_benign": (5, 1),
    }  # fmt: skip


def test_addresses_and_times_and_attempts_tell_flows_apart():
    table = pl.DataFrame({
        "x": [1, 1, 1, 1], "Label": ["Bot"] * 4, "is_attack": [True, True, True, False], "source_file": ["a"] * 4,
        "timestamp": [1, 1, 2, 2], "Source IP": ["h"] * 4, "Destination IP": ["k", "k", "k", "k"],
        "attempted": [False, False, False, True],
    })  # fmt: skip
    found = repeats(table.lazy(), ["x"])
    assert (found["duplicates"].flows, found["duplicates_connection"].flows) == (2, 1)
    assert (found["contradictory"].flows, found["contradictory_groups"].flows) == (4, 1)


CELL = st.sampled_from([0.0, -0.0, 1.0, NAN, INF])
ROW = st.tuples(st.integers(1, 2), CELL, CELL, st.sampled_from(["BENIGN", "Bot"]), st.sampled_from("abc"))


@settings(max_examples=150)
@given(st.lists(ROW, min_size=1, max_size=25))
def test_duplicates_agree_with_pandas_and_add_up(rows):
    names = ["Destination Port", "x", "y", "Label", "source_file"]
    table = pl.DataFrame(rows, schema=names, orient="row").with_columns((pl.col("Label") == "Bot").alias("is_attack"))
    found = {id: c.flows for id, c in repeats(table.lazy(), names[:3]).items()}
    frame = pd.DataFrame(rows, columns=names).replace(-0.0, 0.0)
    assert found["duplicates"] == frame.duplicated(names[:4]).sum()
    assert found["duplicates_within"] == frame.duplicated(names).sum()
    assert found["duplicates_within"] + found["duplicates_across"] == found["duplicates"]
    assert found["duplicates_features"] == frame.duplicated(names[:3]).sum()
    assert found["duplicates_no_port"] == frame.duplicated(["x", "y", "Label"]).sum()
    assert found["duplicates_all_copies"] == frame.duplicated(names[:4], keep=False).sum()
    assert found["duplicates"] <= found["duplicates_features"]
    kinds = frame.groupby(names[:3], dropna=False)["Label"].agg(["nunique", "size"])
    odd = kinds[kinds["nunique"] > 1]
    assert (found["contradictory"], found["contradictory_groups"]) == (odd["size"].sum(), len(odd))


def test_a_hash_that_collides_changes_nothing(monkeypatch):
    table = sound(30)
    table = pl.concat([table, table.head(4)])
    expected = repeats(table.lazy(), RELEASE.features)
    monkeypatch.setattr(identical_rows, "hashes", lambda cells: np.zeros(len(cells), dtype=np.uint64))
    assert repeats(table.lazy(), RELEASE.features) == expected
    assert expected["duplicates"].flows == 4


CELLS = st.tuples(st.sampled_from([0.0, -0.0, 1.0, NAN, None]), st.sampled_from(["a", "b", None]))


@given(st.lists(CELLS, max_size=12), st.integers(1, 3))
def test_rows_are_numbered_by_the_first_equal_one_however_hashes_collide(rows, kinds):
    frame = pl.DataFrame(rows, schema={"x": pl.Float64, "y": pl.String}, orient="row")

    def few(cells):
        return hashes(cells) % np.uint64(kinds)

    hashes = identical_rows.hashes
    plain = [tuple("nan" if cell != cell else cell for cell in row) for row in rows]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identical_rows, "hashes", few)
        found = identical_rows.first_identical(frame.get_column, ["x", "y"], frame.height)
    assert found.tolist() == [plain.index(row) for row in plain]


def test_published_counts_stand_beside_the_complete_release_only():
    table = sound(6)
    findings = audit(table.lazy(), RELEASE)
    for complete in (True, False):
        record = report_defects(findings, RELEASE, complete, [], METADATA)
        keys = [column.key for column in record.tables["defects"].columns]
        assert ("published" in keys) is complete
    assert set(RELEASE.published) <= {f.id for f in findings}
    entry = machine_report(findings, RELEASE, False, [], METADATA)
    by_id = {d["id"]: d for d in entry["defects"]}
    assert by_id["duplicates"]["published"] == 308_381
    assert by_id["average_not_bytes_over_packets"]["share"] == 1.0


def test_the_form_of_the_files_is_shown_where_it_is_known():
    inspection = {"files": [
        {"name": "old.csv", "rows": 3, "counts": {}},
        {"name": "x.csv", "encoding": "cp1252", "bom": True, "line_ending": "CRLF", "header_spaces": 65,
         "unknown": ["Unnamed: 0"], "blank_rows": 288602,
         "label_spellings": {"Web Attack \x96 XSS": 652, "BENIGN": 7}},
        {"name": "y.csv", "encoding": "utf-8", "bom": None},
    ]}  # fmt: skip
    files = quirks(inspection, RELEASE)
    record = report_defects(audit(sound(6).lazy(), RELEASE), RELEASE, False, files, METADATA)
    assert record.tables["file_quirks"].column("name") == ["x.csv", "y.csv"]
    text = record.tables["file_quirks"].column("quirks")[0]
    for part in ("cp1252", "byte-order mark", "CRLF", "65", "Unnamed: 0", "288,602 blank rows", r"\x96"):
        assert part in text
    assert "BENIGN" not in text
    assert quirks({"files": [{"name": "old.csv", "counts": {}}]}, RELEASE) == []


def test_real_rows_agree_with_pandas(shared_data):
    path = shared_data / "cicids2017-sample-12k.csv"
    (flow_file,) = flow_files(path)
    table = read(flow_file).flows
    found = {f.id: f for f in audit(table.lazy(), RELEASE)}
    frame = pd.read_csv(path).rename(columns=str.strip)
    features = [name for name in frame.columns if name != "Label"]
    assert found["duplicates"].count == frame.duplicated().sum()
    assert found["duplicates_features"].count == frame.duplicated(features).sum()
    assert found["duplicates_no_port"].count == frame.drop(columns="Destination Port").duplicated().sum()
    assert found["duplicates_all_copies"].count == frame.duplicated(keep=False).sum()
    labels = frame.groupby(features, dropna=False)["Label"].nunique()
    assert found["contradictory_groups"].count == (labels > 1).sum()
    assert found["negative_flow_iat_min"].count == (frame["Flow IAT Min"] < 0).sum()
    assert found["inf_flow_packets_s"].count == np.isinf(frame["Flow Packets/s"]).sum()
    assert found["nan_flow_bytes_s"].count == frame["Flow Bytes/s"].isna().sum()
    finite = frame[features].replace([np.inf, -np.inf], np.nan).dropna()
    r = finite.loc[:, finite.nunique() > 1].corr().abs().to_numpy()
    assert found["correlated_pairs"].count == (np.round(r[np.triu_indices_from(r, 1)], 12) >= 0.9).sum()
    assert {tuple(pair) for pair in found["identical_pairs"].columns} >= set(RELEASE.identical)
    assert set(found["constant_columns"].columns) == set(RELEASE.constant)


def test_the_corrected_release_has_whole_numbers_where_it_declares_them(shared_data):
    (source,) = shared_data.glob("cicids2017-improved.zip")
    table = pl.concat([read(flow_file).flows for flow_file in flow_files(source)], how="diagonal_relaxed")
    found = {f.id: f.count for f in audit(table.lazy(), load("corrected"))}
    assert (found["fractions"], found["field_16_exceeded"]) == (0, 0)
    assert (found["average_not_mean"], found["average_not_bytes_over_packets"]) == (0, 0)


def test_columns_that_differ_in_a_later_block_are_not_equal(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 2)
    x = [1.0, 2.0, 3.0, 4.0]
    table = pl.DataFrame({"a": x, "b": x, "late": [1.0, 2.0, 4.0, 3.0], "early": [2.0, 1.0, 3.0, 4.0]})
    assert identical(table) == [("a", "b")]
    assert identical(table.drop("b")) == []


def test_columns_of_unlike_extremes_are_not_read():
    table = pl.DataFrame({"a": [1.0, 2.0], "b": [1.0, 3.0], "c": [1.0, 2.0]})
    found = column_defects.extremes(table.lazy(), table.columns)
    assert column_defects.identical(None, found, table.columns, ["a", "b"]) == []
    with pytest.raises(AttributeError):
        column_defects.identical(None, found, table.columns, ["a", "c"])
