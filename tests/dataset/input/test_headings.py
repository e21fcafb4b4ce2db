"""Headers as programs write them: read as the release's own names, all at once, or refused in one message."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.dataset.input import layout as module
from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.headings import folded, known, own
from analysis.dataset.input.inspection import inspect
from analysis.dataset.input.layout import recognise
from analysis.dataset.input.sisters import FILE
from analysis.dataset.input.source import flow_files
from analysis.dataset.release import load, names
from analysis.errors import UserError
from tests.dataset.input.conftest import parsed

ORIGINAL, NEWER = load("original"), load("ids2018")
FLOW_FILE = FlowFile("flows.csv", Path("flows.csv"))
SHORT = {column.name: column.header for column in NEWER.columns}


def snake(name: str) -> str:
    return re.sub(r"\W+", "_", name.strip().lower())


def as_in_r(name: str) -> str:
    return re.sub(r"[^\w.]", ".", re.sub(r"^ ", "X.", name))


WRITTEN: dict[str, Callable[[str], str]] = {
    "snake_case": snake,
    "R": as_in_r,
    "R, quoted": lambda name: f'"{as_in_r(name)}"',
    "capitals": str.upper,
    "without spaces": lambda name: name.replace(" ", ""),
    "the newer meter's": lambda name: SHORT.get(name.strip(), name),
    "the newer meter's in snake_case": lambda name: snake(SHORT.get(name.strip(), name)),
}


def headed(lines: list[str], write: Callable[[str], str]) -> bytes:
    return "\n".join([",".join(map(write, lines[0].split(","))), *lines[1:]]).encode("latin-1")


@pytest.mark.parametrize("form", list(WRITTEN))
def test_names_written_otherwise_are_those_of_the_release(form, lines, content, flow_file):
    table = headed(lines, WRITTEN[form])
    part = parsed(table, flow_file, release=ORIGINAL)
    assert part.flows.equals(parsed(content, flow_file).flows)
    assert part.facts["missing"] == part.facts["unknown"] == []


@pytest.mark.parametrize("form", [form for form in WRITTEN if "newer" not in form])
def test_the_release_is_recognised_but_not_called_certain(form, lines, write):
    found = inspect(flow_files(write(headed(lines, WRITTEN[form]))))
    assert (found["release"], found["rows"], found["likeness"]) == ("original", 60, 1)
    certain = form == "capitals"
    assert found["confidence"] == ("certain" if certain else "likely")
    assert certain or "names are written otherwise (" in found["why"]


def without(lines: list[str], name: str) -> list[str]:
    at = [heading.strip() for heading in lines[0].split(",")].index(name)
    return [",".join(cell for i, cell in enumerate(line.split(",")) if i != at) for line in lines]


NEWER_FORMS = ["the newer meter's", "the newer meter's in snake_case"]


@pytest.mark.parametrize("form", NEWER_FORMS)
def test_labels_tell_releases_apart_that_have_the_same_columns(form, lines, write):
    lines = without([line.replace("DoS Hulk", "PortScan") for line in lines], "Fwd Header Length.1")
    found = inspect(flow_files(write(headed(lines, WRITTEN[form]))))
    assert (found["release"], found["confidence"]) == ("original", "likely")
    with pytest.raises(UserError, match=r"unknown label 'Nonsense'; by its columns the file is of the CSE-CIC-IDS2018"):
        inspect(flow_files(write(headed([line.replace("PortScan", "Nonsense") for line in lines], WRITTEN[form]))))


ENGELEN = {column.name: column.header for column in load("wtmc2021").columns}


@pytest.mark.parametrize("spellings", [SHORT, ENGELEN])
def test_a_column_that_one_release_alone_has_tells_it_whatever_the_names(spellings, lines, write):
    found = inspect(flow_files(write(headed(lines, lambda name: spellings.get(name.strip(), name)))))
    assert (found["release"], found["confidence"], found["lacks"]) == ("original", "likely", [])


@pytest.mark.parametrize(
    ("hulk", "web", "release", "confidence"),
    [
        ("DoS slowloris", "Web Attack \x96 XSS", "original", "likely"),
        ("DoS Slowloris", "Web Attack - XSS", "wtmc2021", "likely"),
        ("DoS Hulk - Attempted", "Web Attack \x96 XSS", "wtmc2021", "likely"),
        ("DoS Hulk", "Web Attack \u2013 XSS".encode().decode("latin-1"), "wtmc2021", "possible"),
    ],
)
def test_the_way_labels_are_written_tells_releases_apart_or_they_are_undecided(
    hulk, web, release, confidence, lines, write
):
    lines = without(lines, "Fwd Header Length.1")
    lines = [line.replace("DoS Hulk", hulk).replace("Web Attack \x96 XSS", web) for line in lines]
    found = inspect(flow_files(write(headed(lines, lambda name: ENGELEN.get(name.strip(), name)))))
    assert (found["release"], found["confidence"]) == (release, confidence)
    undecided = "undecided: under other names the columns are as well those of the original release"
    assert (undecided in found["why"]) == (confidence == "possible")


@pytest.mark.parametrize("also", [[], ["Flow ID", "Src IP", "Src Port", "Dst IP"]])
def test_columns_that_only_some_files_of_a_release_have_are_not_missed(also, write):
    header = [*also, "Protocol", "Timestamp", *SHORT.values(), "Label"]
    cells = {"Flow ID": "a", "Src IP": "10.0.0.1", "Dst IP": "10.0.0.2", "Label": "Bot"}
    times = {"2018-02-20": "certain", "2017-07-04": "possible"}
    for day, confidence in times.items():
        stamp = "/".join(reversed(day.split("-"))) + " 08:15:00"
        row = [stamp if name == "Timestamp" else cells.get(name, "1") for name in header]
        found = inspect(flow_files(write("\n".join(map(",".join, [header, row])).encode())))
        assert (found["release"], found["confidence"]) == ("ids2018", confidence), found["why"]
        assert ("none of its times is of a day of the release" in found["why"]) == (confidence == "possible")


def test_labels_that_name_no_type_leave_it_to_the_columns(lines, write):
    rows = [line.replace("DoS Hulk", "Anomaly").replace("Web Attack \x96 XSS", "Anomaly") for line in lines]
    found = inspect(flow_files(write("\n".join(rows).encode())))
    assert (found["release"], found["confidence"]) == ("original", "likely")
    assert found["why"].endswith("its labels name no type of attack")


@pytest.mark.parametrize("name", names())
def test_every_column_of_a_release_has_a_folded_name_of_its_own(name):
    release = load(name)
    spellings = {folded(column.header): column.name for column in release.columns}
    assert len(spellings) == len(release.columns)
    assert set(own(release).values()) == {*release.features, *release.identifiers, "Label"}
    found = recognise(
        [*(column.header for column in release.columns), *release.identifiers, "Label"], FLOW_FILE, release
    )
    assert found.features == release.features


def test_no_spelling_means_two_columns():
    spellings = {key for release in map(load, names()) for key in own(release)}
    assert spellings == set(known())


def test_two_columns_for_one_are_refused(lines):
    header = lines[0].split(",")
    with pytest.raises(UserError, match="the columns Idle Max and idle_max both stand for Idle Max; remove one"):
        recognise([*header, "idle_max"], FLOW_FILE)
    with pytest.raises(UserError, match="the columns Destination Port and Dst Port both stand for Destination Port"):
        recognise([*header, "Dst Port"], FLOW_FILE)


def test_all_misspelled_columns_are_named_at_once(lines):
    header = lines[0].replace(" Idle Max", " Idle Maxx").replace("Flow Duration", "Flow Durration").split(",")
    with pytest.raises(UserError) as refused:
        recognise(header, FLOW_FILE)
    assert "'Flow Durration' (is it Flow Duration?), 'Idle Maxx' (is it Idle Max?); correct the header line" in str(
        refused.value
    )


SISTERS = yaml.safe_load(FILE.read_text(encoding="utf-8"))


BY_COLUMNS = [title for title, entry in SISTERS.items() if entry["telling"]]
SAME_METER = {"CIC-DDoS2019": ORIGINAL, "IoTID20": NEWER}


@pytest.mark.parametrize("title", BY_COLUMNS)
@pytest.mark.parametrize("form", ["as published", "snake_case"])
def test_sister_sets_are_refused_as_themselves(title, form):
    header = SISTERS[title]["telling"]
    if title in SAME_METER:
        header = [*(column.header for column in SAME_METER[title].columns), *header]
    header = [*header, "Label"] if form == "as published" else [*map(snake, header), "label"]
    with pytest.raises(UserError, match=re.escape(f"its columns are those of {title}")) as refused:
        recognise(header, FLOW_FILE)
    assert (
        "give CICIDS2017" in str(refused.value)
        or "describe it as a release" in str(refused.value)
        or ("give the CSV files" in str(refused.value))
    )


@pytest.mark.parametrize(("title", "left"), [("CIC-DDoS2019", "Inbound"), ("IoTID20", "Sub_Cat")])
def test_a_sister_set_is_told_by_one_of_its_columns(title, left):
    header = [*(column.header for column in SAME_METER[title].columns), left, "Label"]
    with pytest.raises(UserError, match=re.escape(f"its columns are those of {title} ({left})")):
        recognise(header, FLOW_FILE)


@pytest.mark.parametrize(
    ("title", "label"), [(title, label) for title, entry in SISTERS.items() for label in entry.get("labels", [])]
)
def test_a_sister_set_without_columns_of_its_own_is_told_by_its_labels(title, label, lines, flow_file):
    with pytest.raises(UserError, match=re.escape(f"row 2: its labels are those of {title} ({label}), which is no")):
        parsed("\n".join(lines).replace("DoS Hulk", label).encode("latin-1"), flow_file)
    assert not any(release.read_label(label) for release in map(load, names()))


def test_a_part_of_the_columns_is_enough_to_tell_a_sister():
    first_version = "L4_SRC_PORT,L4_DST_PORT,PROTOCOL,L7_PROTO,IN_BYTES,OUT_BYTES,IN_PKTS,OUT_PKTS,TCP_FLAGS,Label"
    with pytest.raises(UserError, match="its columns are those of a NetFlow version of a data set"):
        recognise(first_version.split(","), FLOW_FILE)


@pytest.mark.parametrize("name", names())
def test_no_release_is_taken_for_a_sister(name):
    release = load(name)
    header = [*(column.header for column in release.columns), *(s[0] for s in release.identifiers.values()), "Label"]
    assert recognise(header, FLOW_FILE).release is release


def test_a_refusal_says_how_much_fits_and_what_is_foreign(lines):
    header = [*lines[0].split(",")[:30], *(f"X{i}" for i in range(40))]
    with pytest.raises(UserError) as refused:
        recognise(header, FLOW_FILE)
    message = str(refused.value)
    assert "its 70 columns (Destination Port, Flow Duration, Total Fwd Packets, Total Backward Packets, ...)" in message
    counts = (
        r"nearest is the .*: (\d+) of its (\d+) columns are there, and (\d+) that it has not \(.*\); (\d+) are needed"
    )
    found, expected, foreign, needed = map(int, re.search(counts, message).groups())
    assert found + foreign == 70
    assert found < needed == -(-(70 + expected) // 3)
    assert "there is no column of labels either" in message
    with pytest.raises(UserError, match=r"are needed; there is a column of labels"):
        recognise([*header[:-1], "Label"], FLOW_FILE)


def test_needed_is_what_is_needed(lines):
    """With as many columns as the message says the file is recognised, and with one less it is not."""
    own_names = lines[0].split(",")
    kept = [*own_names[-50:], *(f"X{i}" for i in range(20))]
    assert recognise(kept, FLOW_FILE).found == 50
    with pytest.raises(UserError, match="50 are needed"):
        recognise([*own_names[-49:], *(f"X{i}" for i in range(21))], FLOW_FILE)


@given(data=st.data())
def test_some_columns_of_a_release_are_of_it_and_of_no_smaller_one(data):
    """The original release has all columns of its cleaned mirror under the same names."""
    own_names = [column.header.strip() for column in load("original").columns]
    kept = data.draw(st.sets(st.sampled_from(own_names), min_size=20))
    kept |= {column for column in own_names if column not in _mirrored()}
    header = [*sorted(kept, key=own_names.index), "Label"]
    expected = len(own_names) + 1
    if 2 * len(header) >= expected:
        assert recognise(header, FLOW_FILE).release.name == "original"
        return
    with pytest.raises(UserError) as refused:
        recognise(header, FLOW_FILE)
    words = f"{load('original').title}: {len(header)} of its {expected} columns are there, and no others; "
    assert f"nearest is the {words}{-(-expected // 2)} are needed" in str(refused.value)


def _mirrored() -> set[str]:
    """The columns that the mirror has too."""
    return {column.header.strip() for column in load("cleaned").columns}


def test_a_file_without_a_header_line_is_told(lines):
    with pytest.raises(UserError, match=r"there is no header line: its 79 columns .* begin with numbers; put"):
        recognise(lines[1].split(","), FLOW_FILE)


def test_too_many_columns_are_refused():
    with pytest.raises(UserError, match=r"its header line has 1,001 columns, a file of flows about eighty"):
        recognise([f"c{i}" for i in range(module.MOST_COLUMNS + 1)], FLOW_FILE)


def test_names_are_shown_escaped(lines):
    header = [*lines[0].split(","), "a\x1b[2J\u202e"]
    assert recognise(header, FLOW_FILE).unknown == (r"a\x1b[2J\u202e",)
    with pytest.raises(UserError, match=re.escape(r"its 3 columns (a\x1b[2J, b, c)")):
        recognise(["a\x1b[2J", "b", "c"], FLOW_FILE)


MARKS = st.sampled_from(["_", " ", ".", "-", "", "/"])


@settings(max_examples=60)
@given(st.data())
def test_any_case_and_punctuation_is_read(data):
    header = []
    for column in ORIGINAL.columns:
        words = [str.upper, str.lower, str.title][data.draw(st.integers(0, 2))](column.name)
        header.append(re.sub(r"[ /_.]", lambda _: data.draw(MARKS), words))
    assert recognise([*header, "LABEL"], FLOW_FILE).features == ORIGINAL.features


@settings(max_examples=150)
@given(
    st.lists(st.sampled_from([*(c.header for r in map(load, names()) for c in r.columns), "Label", "Timestamp", "x"])),
    st.lists(st.text(max_size=12), max_size=4),
)
def test_any_header_is_read_or_refused_in_one_message(some, others):
    message = "flows.csv: "
    try:
        found = recognise([*some, *others], FLOW_FILE)
        assert len(found.columns) == len(some) + len(others)
    except UserError as refused:
        message = str(refused)
    assert message.startswith("flows.csv: ")
    assert "\n" not in message
