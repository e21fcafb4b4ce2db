from __future__ import annotations

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.dataset.reading import flows, label_counts
from analysis.dataset.release import label_key, load
from analysis.dataset.source import Member, members
from analysis.errors import UserError

RELEASE = load("original")


def test_names_are_trimmed_labels_canonical_and_types_kept(content, member):
    table = flows(content, member, RELEASE)
    assert table.columns == [*RELEASE.features, "Label", "is_attack", "day", "source_file", "source_row"]
    assert table["Label"].unique().sort().to_list() == ["BENIGN", "DoS Hulk", "Web Attack XSS"]
    assert table["Flow Duration"].dtype == pl.Int64
    assert table["Flow Bytes/s"].dtype == pl.Float64
    assert table["is_attack"].sum() == 40
    assert table["source_row"].to_list() == list(range(1, 61))


def test_counts_of_labels(content, member):
    assert label_counts(content, member, RELEASE) == {"BENIGN": 20, "DoS Hulk": 20, "Web Attack XSS": 20}


@pytest.mark.parametrize("dash", ["\x96", "–", "�", "â€“", "ï¿½", "-", "—", " - "])
def test_spellings_of_the_web_labels(dash):
    assert RELEASE.canonical_label(f"Web Attack {dash} Sql Injection") == "Web Attack SQL Injection"
    assert RELEASE.canonical_label(f" web attack {dash}XSS ") == "Web Attack XSS"


def test_every_label_has_a_key_of_its_own():
    assert len({label_key(label) for label in RELEASE.labels}) == len(RELEASE.labels) == 15


def test_inventory_adds_up_to_the_published_total():
    assert sum(RELEASE.counts.values()) == sum(file.rows for file in RELEASE.files) == 2_830_743
    assert RELEASE.counts["BENIGN"] == 2_273_097


def test_infinite_and_missing_cells_are_kept_for_cleaning(lines, member):
    position = [column.name for column in RELEASE.columns].index("Flow Bytes/s")
    for row, cell in ((1, "Infinity"), (2, "NaN"), (3, "")):
        cells = lines[row].split(",")
        cells[position] = cell
        lines[row] = ",".join(cells)
    table = flows("\n".join(lines).encode("latin-1"), member, RELEASE)
    assert table["Flow Bytes/s"].is_infinite().sum() == 1
    assert table["Flow Bytes/s"].is_nan().sum() == 2


def test_a_column_that_stands_there_twice_is_the_dotted_one(lines, member):
    lines[0] = lines[0].replace(" Fwd Header Length.1", " Fwd Header Length")
    table = flows("\n".join(lines).encode("latin-1"), member, RELEASE)
    assert table["Fwd Header Length.1"].to_list() != table["Fwd Header Length"].to_list()


def test_the_day_comes_from_the_file_name(content):
    from pathlib import Path

    for name in ("Tuesday-WorkingHours.pcap_ISCX.csv", "tuesday-workinghours.csv"):
        assert flows(content, Member(name, Path(name)), RELEASE)["day"][0] == "Tuesday"
    assert flows(content, Member("x.csv", Path("x.csv")), RELEASE)["day"][0] is None


def damaged(content: bytes) -> dict[str, tuple[bytes, str]]:
    lines = content.split(b"\n")
    first = lines[1].split(b",")
    return {
        "empty": (b"", "the file is empty"),
        "blank": (b"\n \n", "the file is empty"),
        "header only": (lines[0] + b"\n", "a header but no flows"),
        "random bytes": (bytes(range(256)) * 20, "no CSV file of flows"),
        "prose": (b"Dear reader,\nthis is, no, CSV\n", "no CSV file of flows"),
        "semicolons": (content.replace(b",", b";"), "separated by semicolons"),
        "missing column": (
            content.replace(b" Idle Max", b" Idle Peak", 1),
            "Idle Max (nearest to Idle Max: Idle Peak)",
        ),
        "missing label": (content.replace(b" Label", b" Class", 1), "missing: Label"),
        "unknown label": (content.replace(b"DoS Hulk", b"DoS Hulc"), "row 2: unknown label 'DoS Hulc'; the nearest"),
        "no label": (content.replace(b",BENIGN", b",", 1), "row 1: there is no label"),
        "text in a number": (content.replace(first[3], b"abc", 1), "'abc' is not a number"),
        "too many cells": (content.replace(b",BENIGN", b",0,BENIGN", 1), "row 1: 80 cells where the header has 79"),
        "cut off": (content[:-30], "row 60: there is no label"),
        "header inside": (b"\n".join([*lines[:3], lines[0], *lines[3:]]), "row 3: the header line is repeated"),
    }


@pytest.mark.parametrize("damage", list(damaged(b"a,b,c\n1,2,3,4\n")))
def test_damage_is_named(damage, content, member):
    data, message = damaged(content)[damage]
    with pytest.raises(UserError) as error:
        flows(data, member, RELEASE)
    assert message in str(error.value)
    assert "flows.csv" in str(error.value)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1), length=st.integers(0, 40), inserted=st.binary(max_size=12))
def test_mutated_bytes_are_read_or_refused_but_never_crash(where, length, inserted, request):
    content, member = request.getfixturevalue("content"), request.getfixturevalue("member")
    position = int(where * (len(content) - 1))
    mutated = content[:position] + inserted + content[position + length :]
    try:
        table = flows(mutated, member, RELEASE)
    except UserError as refused:
        message = str(refused)
    else:
        message = ""
        assert set(table["Label"]) <= set(RELEASE.labels)
    assert not message or "flows.csv" in message


def test_real_rows(shared_data):
    (member,) = members(shared_data / "cicids2017-sample-12k.csv")
    table = flows(member.read(), member, RELEASE)
    assert table.height == 12_001
    assert table["is_attack"].sum() == 2_364
    assert table.filter(pl.col("Label") == "Web Attack XSS").height == 1
    (other,) = members(shared_data / "cicids2017-grouped-labels.zip")
    with pytest.raises(UserError, match="Destination Port"):
        flows(other.read(), other, RELEASE)
