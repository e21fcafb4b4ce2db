from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.reading import read
from analysis.dataset.input.source import flow_files
from analysis.dataset.release import load
from analysis.errors import UserError
from tests.dataset.input.conftest import parsed

RELEASE = load("original")
OTHER_COLUMNS = ["Label", "is_attack", "attempted", "day", "source_file", "source_row"]


def test_names_are_trimmed_labels_canonical_and_types_kept(content, flow_file):
    table = parsed(content, flow_file).flows
    assert table.columns == [*RELEASE.features, *OTHER_COLUMNS]
    assert table["Label"].unique().sort().to_list() == ["BENIGN", "DoS Hulk", "Web Attack XSS"]
    assert table["Flow Duration"].dtype == pl.Int64
    assert table["Flow Bytes/s"].dtype == pl.Float64
    assert table["is_attack"].sum() == 40
    assert table["source_row"].to_list() == list(range(1, 61))


def test_facts_of_a_file(content, flow_file):
    facts = parsed(content, flow_file).facts
    assert facts["counts"] == {"BENIGN": 20, "DoS Hulk": 20, "Web Attack XSS": 20}
    assert (facts["encoding"], facts["line_ending"], facts["header_spaces"]) == ("cp1252", "LF", 65)
    crlf = content.replace(b"\n", b"\r\n").replace(b"\x96", b"-")
    facts = parsed(b"\xef\xbb\xbf" + crlf, flow_file).facts
    assert (facts["encoding"], facts["line_ending"], facts["bom"]) == ("UTF-8", "CRLF", True)
    assert sum(facts["label_spellings"].values()) == facts["rows"] == 60


def test_infinite_and_missing_cells_are_kept_for_cleaning(lines, flow_file):
    position = [column.name for column in RELEASE.columns].index("Flow Bytes/s")
    for row, cell in ((1, "Infinity"), (2, "NaN"), (3, "")):
        cells = lines[row].split(",")
        cells[position] = cell
        lines[row] = ",".join(cells)
    table = parsed("\n".join(lines).encode("latin-1"), flow_file).flows
    assert table["Flow Bytes/s"].is_infinite().sum() == 1
    assert table["Flow Bytes/s"].is_nan().sum() == 2


def test_a_column_that_stands_there_twice_is_the_dotted_one(lines, flow_file):
    lines[0] = lines[0].replace(" Fwd Header Length.1", " Fwd Header Length")
    table = parsed("\n".join(lines).encode("latin-1"), flow_file).flows
    assert table["Fwd Header Length.1"].to_list() != table["Fwd Header Length"].to_list()


def test_the_day_comes_from_the_file_name(content):
    for name in ("Tuesday-WorkingHours.pcap_ISCX.csv", "tuesday-workinghours.csv"):
        assert parsed(content, FlowFile(name, Path(name))).flows["day"][0] == "Tuesday"
    assert parsed(content, FlowFile("x.csv", Path("x.csv"))).flows["day"][0] is None


def test_blank_rows_are_left_out_and_counted(lines, flow_file):
    blank = "," * lines[0].count(",")
    part = parsed("\n".join([*lines[:3], blank, "", *lines[3:]]).encode("latin-1"), flow_file)
    assert (part.facts["blank_rows"], part.facts["rows"]) == (2, 60)
    assert part.flows["source_row"].to_list()[:4] == [1, 2, 5, 6]


def test_grouped_labels_are_read_as_groups(content, flow_file):
    part = parsed(content.replace(b"DoS Hulk", b"DoS").replace(b"Web Attack \x96 XSS", b"WebAttack"), flow_file)
    assert part.facts["counts"] == {"BENIGN": 20, "DoS": 20, "Web Attack": 20}
    assert part.flows["is_attack"].sum() == 40


def test_huge_whole_numbers_stay_floating(lines, flow_file):
    cells = lines[1].split(",")
    cells[1] = "1e300"
    lines[1] = ",".join(cells)
    assert parsed("\n".join(lines).encode("latin-1"), flow_file).flows["Flow Duration"].dtype == pl.Float64


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
        "tabs": (content.replace(b",", b"\t"), "separated by tabs"),
        "utf-16": (content.decode("latin-1").encode("utf-16"), "encoded as UTF-16"),
        "NUL": (content.replace(b"BENIGN", b"BEN\x00GN", 1), "row 1: there is a NUL byte"),
        "web page": (b"<!DOCTYPE html><p>a, b, c</p>\n" * 3, "this is a web page"),
        "old line ends": (content.replace(b"\n", b"\r"), "carriage returns alone"),
        "misspelled column": (
            content.replace(b" Idle Max", b" Idle Maxx", 1),
            "is it Idle Max?",
        ),
        "column twice": (
            content.replace(b" Idle Max", b" Idle Min", 1),
            "Idle Min stands in the header twice",
        ),
        "missing label": (content.replace(b" Label", b" Class", 1), "there is no column Label"),
        "unknown columns": (b"X1,X2,X3,Label\n1,2,3,BENIGN\n", "belong to no known release"),
        "decimal commas": (content.replace(first[3], b'"3,5"', 1), "write decimal points, not commas"),
        "short row": (content.replace(b"," + first[5] + b",", b",", 1), "row 1: 78 cells where the header has 79"),
        "group beside its types": (
            content.replace(b"DoS Hulk", b"DoS", 1),
            "'DoS' stands for a group",
        ),
        "unknown label": (content.replace(b"DoS Hulk", b"DoS Hulc"), "row 2: unknown label 'DoS Hulc'; the nearest"),
        "no label": (content.replace(b",BENIGN", b",", 1), "row 1: there is no label"),
        "text in a number": (content.replace(first[3], b"abc", 1), "'abc' is not a number"),
        "too many cells": (content.replace(b",BENIGN", b",0,BENIGN", 1), "row 1: 80 cells where the header has 79"),
        "cut off": (content[:-30], "row 60: "),
        "header inside": (b"\n".join([*lines[:3], lines[0], *lines[3:]]), "row 3: the header line is repeated"),
    }


@pytest.mark.parametrize("damage", list(damaged(b"a,b,c\n1,2,3,4,5,6,7\n")))
def test_damage_is_named(damage, content, flow_file):
    data, message = damaged(content)[damage]
    with pytest.raises(UserError) as error:
        parsed(data, flow_file)
    assert message in str(error.value)
    assert "flows.csv" in str(error.value)


def test_real_rows(shared_data):
    (flow_file,) = flow_files(shared_data / "cicids2017-sample-12k.csv")
    table = read(flow_file).flows
    assert table.height == 12_001
    assert table["is_attack"].sum() == 2_364
    assert table.filter(pl.col("Label") == "Web Attack XSS").height == 1


def test_a_column_without_any_value_is_named(lines, flow_file):
    emptied = [lines[0], *(",".join(["80", "", *line.split(",")[2:]]) for line in lines[1:])]
    with pytest.raises(UserError, match="column Flow Duration: not one cell has a value"):
        parsed("\n".join(emptied).encode("latin-1"), flow_file)


def test_a_short_row_is_found_beside_quoted_cells(lines, flow_file):
    first, *rest = lines[1].split(",")
    cut = [lines[0], ",".join([f'"{first}"', *rest]), lines[2].split(",", 1)[1], *lines[3:]]
    with pytest.raises(UserError, match=r"row 2: 78 cells where the header has 79"):
        parsed("\n".join(cut).encode("latin-1"), flow_file)


def test_a_carriage_return_inside_a_row_is_named(content, flow_file):
    at = content.index(b"\n", content.index(b"\n") + 1) + 2
    with pytest.raises(UserError, match="row 2: a carriage return stands inside the row"):
        parsed(content[:at] + b"\r" + content[at:], flow_file)
    assert parsed(content.replace(b"\n", b"\r\n"), flow_file).flows.height == parsed(content, flow_file).flows.height


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ("UTF-32", "encoded as UTF-32"),
        (b"\n", "its first line is blank"),
        (b"sep=,\r\n", "its first line, 'sep=,', is a note to a spreadsheet"),
        (b'"', "header line: a quotation mark is not closed"),
    ],
)
def test_what_comes_before_the_header_line_is_named(start, message, content, flow_file):
    damage = content.decode("latin-1").encode("utf-32") if start == "UTF-32" else start + content
    with pytest.raises(UserError, match=message):
        parsed(damage, flow_file)


def test_bytes_that_are_no_utf8_are_told_from_the_replacement_character(content, flow_file):
    facts = parsed(content, flow_file).facts
    assert (facts["encoding"], list(facts["label_spellings"])[-1]) == ("cp1252", "Web Attack \u2013 XSS")
    facts = parsed(content.replace(b"\x96", "\ufffd".encode()), flow_file).facts
    assert (facts["encoding"], list(facts["label_spellings"])[-1]) == ("UTF-8", "Web Attack \ufffd XSS")
    both = content.replace(b"\x96", "\ufffd".encode(), 3)
    facts = parsed(both, flow_file).facts
    assert facts["encoding"] == "cp1252"
    assert {"Web Attack \u2013 XSS", "Web Attack \ufffd XSS"} <= set(facts["label_spellings"])


def test_what_holds_for_a_file_is_summed_over_its_pieces(lines, flow_file):
    gap = ",".join(["80", "", *lines[1].split(",")[2:]])
    many = [lines[0], *[gap] * 20, *lines[1:] * 3]
    content = ("\n".join(many) + "\n").encode("latin-1")
    part, whole = parsed(content, flow_file, 7000), parsed(content, flow_file)
    assert part.facts == whole.facts
    assert part.flows.equals(whole.flows)
    assert part.facts["rows"] == 200
    bad = content.replace(b"Web Attack", b"Wob Attack").replace(b"Wob Attack", b"Web Attack", 59)
    with pytest.raises(UserError, match="row 200: unknown label 'Wob Attack"):
        parsed(bad, flow_file, 7000)
    at = content.rindex(b"DoS Hulk")
    with pytest.raises(UserError, match="row 199: the label 'DoS' stands for a group"):
        parsed(content[:at] + b"DoS" + content[at + 8 :], flow_file, 7000)
    gaps = "\n".join([lines[0], *(",".join(["80", "", *line.split(",")[2:]]) for line in lines[1:])]).encode("latin-1")
    with pytest.raises(UserError, match="column Flow Duration: not one cell has a value"):
        parsed(gaps, flow_file, 7000)


def test_header_lines_are_left_out_of_every_piece():
    release = load("ids2018")
    header = ",".join([*(column.header for column in release.columns), "Label"])
    row = ",".join([*["1"] * len(release.columns), "Benign"])
    lines = ([header] + [row] * 12) * 10
    content = "\n".join(lines).encode()
    flow_file = FlowFile("a.csv", Path("a.csv"))
    part = parsed(content, flow_file, len(header) + 40)
    assert part.facts["repeated_headers"] == 9
    assert part.flows["source_row"].to_list() == [i for i, line in enumerate(lines) if line == row]
    last = content[: -len("Benign")] + b"Bening"
    with pytest.raises(UserError, match=f"row {len(lines) - 1}: unknown label 'Bening'"):
        parsed(last, flow_file, len(header) + 40)


@pytest.mark.parametrize("cell", ['"12"3', '"1,2"3', '1"a,b"', '1"2"'])
@pytest.mark.parametrize("row", [1, 30, 60])
@pytest.mark.parametrize("size", [None, 3000])
def test_a_quotation_mark_inside_a_cell_is_named(cell, row, size, lines, flow_file):
    lines[row] = ",".join([cell, *lines[row].split(",")[1:]])
    with pytest.raises(UserError, match=f"row {row}: a quotation mark stands inside a cell"):
        parsed("\n".join(lines).encode("latin-1"), flow_file, size)


def test_quoted_cells_are_read_like_others(lines, flow_file, content):
    quoted = [lines[0], *(",".join(f'"{cell}"' for cell in line.split(",")) for line in lines[1:])]
    part = parsed(("\n".join(quoted) + "\n").encode("latin-1"), flow_file)
    assert part.flows.equals(parsed(content, flow_file).flows)
    with pytest.raises(UserError, match="row 5: 80 cells where the header has 79"):
        parsed("\n".join([*quoted[:5], '"0",' + quoted[5], *quoted[6:]]).encode("latin-1"), flow_file)


def test_line_ends_of_two_kinds_are_both_said(content, flow_file):
    first, rest = content.split(b"\n", 1)
    facts = parsed(first + b"\n" + rest.replace(b"\n", b"\r\n"), flow_file).facts
    assert facts["line_ending"] == "CRLF and LF"
    assert parsed(content.replace(b"\n", b"\r\n"), flow_file).facts["line_ending"] == "CRLF"


def test_bytes_that_are_no_text_are_no_csv(flow_file):
    with pytest.raises(UserError, match="no CSV file of flows"):
        parsed(bytes(range(1, 10)) + b"\r\x80\x04,,,," * 40, flow_file)


def test_groups_beside_single_types_are_told_alike_in_pieces(lines, flow_file):
    for row, label in ((3, "DoS Hulk"), (10, "DoS"), (30, "DoS slowloris"), (20, "WebAttack")):
        lines[row] = ",".join([*lines[row].split(",")[:-1], label])
    content = "\n".join(lines).encode("latin-1")
    told = set()
    for size in (1600, 3000, None):
        with pytest.raises(UserError) as refused:
            parsed(content, flow_file, size)
        told.add(str(refused.value))
    (message,) = told
    assert "row 10: the label 'DoS' stands for a group, but single types of it occur too (DoS Hulk, DoS slow" in message


def test_a_header_line_at_the_end_without_a_line_break():
    release = load("ids2018")
    header = ",".join([*(column.header for column in release.columns), "Label"])
    row = ",".join([*["1"] * len(release.columns), "Benign"])
    content = "\r\n".join([header, row, row, header]).encode()
    part = parsed(content, FlowFile("a.csv", Path("a.csv")))
    assert (part.facts["rows"], part.facts["repeated_headers"]) == (2, 1)
    only = parsed("\n".join([header, row, *[header] * 40]).encode(), FlowFile("a.csv", Path("a.csv")), len(header) + 1)
    assert (only.facts["rows"], only.facts["repeated_headers"]) == (1, 40)
