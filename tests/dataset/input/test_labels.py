"""Labels as mirrors write them: names with any mark, groups, codes; and what is refused."""

from __future__ import annotations

import csv
import io

import pytest

from analysis.dataset.input import inventory
from analysis.dataset.input.inspection import inspect
from analysis.dataset.input.source import flow_files
from analysis.dataset.release import load
from analysis.errors import UserError
from tests.dataset.input.conftest import parsed

ORIGINAL, CORRECTED = load("original"), load("corrected")


@pytest.mark.parametrize("mark", [
    "?", "*", ":", "/", "|", "~", "_", "", "\N{MIDDLE DOT}", "\N{BULLET}", "\x13", "\xa0", "û", "ÔÇô", "тАУ", "вЂ“",
    "&ndash;", "&#150;", "&#8211;", r"\x96", r"\u2013", "<96>", "???", "Ã¢â‚¬â€œ", "- -", "鈥�",
])  # fmt: skip
def test_any_mark_after_web_attack_is_read(mark):
    for gap in (" ", ""):
        assert ORIGINAL.canonical_label(f"Web Attack{gap}{mark}{gap}XSS") == "Web Attack XSS"
        assert ORIGINAL.canonical_label(f"web attacks{gap}{mark}{gap}Brute Force") == "Web Attack Brute Force"
    assert ORIGINAL.canonical_label(f"Web Attack {mark}") in ("Web Attack", None)


@pytest.mark.parametrize("quoted", ["'{}'", '"{}"', "`{}`", " '{}' ", "b'{}'"])
def test_quotes_that_are_part_of_a_label_are_set_aside(quoted, lines, write):
    """As programs leave them that export what was quoted before, or write bytes of Python."""
    text = io.StringIO()
    csv.writer(text).writerows([[*row[:-1], quoted.format(row[-1])] for row in csv.reader(lines[1:])])
    found = inspect(flow_files(write(f"{lines[0]}\n{text.getvalue()}".encode())))
    assert found["counts"] == {"BENIGN": 20, "DoS Hulk": 20, "Web Attack XSS": 20}


@pytest.mark.parametrize(
    "label",
    [
        "Web Attack XSSX",
        "Web Attack x XSS",
        "BENIGNé",
        "DoS Hülk",
        "2",
        "01",
        "yes",
        "'BENIGN",
        "'BENIGN\"",
        "c'BENIGN'",
    ],
)
def test_what_is_no_label_stays_none(label):
    assert ORIGINAL.canonical_label(label) is None


@pytest.mark.parametrize(
    ("benign", "attack"),
    [("0", "1"), ("0.0", "1.0"), ("false", "true"), ("False", "TRUE"), ("Benign", "Attack"), ("Normal", "Malicious"),
     ("normal", "anomaly"), ('"0"', '"1"'), ("'0'", "'1'"), ("b'Benign'", "b'Attack'")],
)  # fmt: skip
def test_labels_of_two_kinds_make_a_study_without_types(benign, attack, lines, write):
    rows = [line.rpartition(",") for line in lines[1:]]
    text = [lines[0], *(f"{cells},{benign if label == 'BENIGN' else attack}" for cells, _, label in rows)]
    found = inspect(flow_files(write("\n".join(text).encode())))
    assert found["counts"] == {"BENIGN": 20, "Attack": 40}
    assert found["grouped"] == ["Attack"]
    assert any("codes" in line for line in found["warnings"]) == (benign.strip("\"'") in ("0", "0.0", "false", "False"))


def test_labels_of_two_kinds_are_compared_with_the_published_shares():
    attacks = sum(ORIGINAL.counts.values()) - ORIGINAL.counts["BENIGN"]
    counts = {"BENIGN": ORIGINAL.counts["BENIGN"] // 10, "Attack": attacks // 10}
    assert inventory.sampling(counts, ORIGINAL)[0] == "natural"
    assert inventory.overall({"BENIGN": 2_273_097, "Attack": attacks}, {}, ORIGINAL).status == "complete"
    day = {"name": "Friday-WorkingHours-Afternoon-DDos.pcap_ISCX.csv", "attempted": {}, "blank_rows": 0}
    assert inventory.compare(day | {"counts": {"BENIGN": 97718, "Attack": 128027}}, ORIGINAL).status == "complete"
    assert inventory.compare(day | {"counts": {"BENIGN": 183910, "Attack": 41835}}, ORIGINAL).status == "altered"


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ("1", "row 2: the label 'Attack' stands for a group|row 2: the label '1' stands for a group"),
        ("0", "row 2: the label '0' is a code, but names occur too"),
        ("2", "row 2: the label '2' is a number; codes are read where they are 0"),
        ("14", "row 2: the label '14' is a number"),
        ("Attack", "row 2: the label 'Attack' stands for a group, but single types of it occur too"),
    ],
)
def test_codes_and_groups_beside_names_are_refused(other, message, lines, flow_file):
    lines[2] = ",".join([*lines[2].split(",")[:-1], other])
    with pytest.raises(UserError, match=message):
        parsed("\n".join(lines).encode("latin-1"), flow_file)


def test_a_group_beside_the_group_of_all_is_refused(lines, flow_file):
    text = "\n".join(lines).replace("DoS Hulk", "DoS").replace("Web Attack \x96 XSS", "Attack")
    with pytest.raises(UserError, match=r"the label 'Attack' stands for a group, but .* occur too \(DoS\)"):
        parsed(text.encode(), flow_file)


def test_the_nearest_label_is_named_only_where_the_release_is_sure(lines, flow_file):
    bad = [line.replace("DoS Hulk", "DoS Hulc") for line in lines]
    with pytest.raises(UserError, match="unknown label 'DoS Hulc'; the nearest known one is DoS Hulk; by its columns"):
        parsed("\n".join(bad).encode("latin-1"), flow_file)
    with pytest.raises(UserError) as refused:
        parsed("\n".join([f"{bad[0]},more", *(f"{line},1" for line in bad[1:])]).encode("latin-1"), flow_file)
    assert "nearest" not in str(refused.value)
    assert (
        "by its columns the file is of the original release (MachineLearningCVE) (79 of its 79 columns are there, "
        in (str(refused.value))
    )
    assert "and 1 that it has not (more)), whose labels are BENIGN" in str(refused.value)
    assert "or for groups Brute Force, DoS, Web Attack, Attack" in str(refused.value)


def test_groups_are_among_the_candidates(lines, flow_file):
    bad = "\n".join(line.replace("DoS Hulk", "BruteForcing") for line in lines)
    with pytest.raises(UserError, match="the nearest known one is Brute Force;"):
        parsed(bad.encode("latin-1"), flow_file)


def test_a_label_that_moves_the_cursor_is_shown_escaped(lines, flow_file):
    bad = "\n".join(line.replace("DoS Hulk", "DoS\x1b[2JHulk") for line in lines)
    with pytest.raises(UserError, match=r"unknown label 'DoS\\x1b\[2JHulk'"):
        parsed(bad.encode("latin-1"), flow_file)


def test_labels_drawn_in_nearly_equal_numbers_are_drawn_per_label():
    seven = dict.fromkeys(["BENIGN", "DoS Hulk", "PortScan", "DDoS", "FTP-Patator", "SSH-Patator", "Bot"], 1714)
    seven |= {"BENIGN": 1715, "DDoS": 1715}
    drawn, why = inventory.sampling(seven, ORIGINAL)
    assert (drawn, why) == ("per_label", "up to 1,715 flows of each label, 1,714 to 1,715 of each of 7 labels")
    assert inventory.sampling({**seven, "Heartbleed": 11}, ORIGINAL)[0] == "per_label"
    assert inventory.sampling({**seven, "Heartbleed": 10}, ORIGINAL)[0] == "unknown"
    assert inventory.sampling({**seven, "Bot": 1700}, ORIGINAL)[0] == "unknown"
