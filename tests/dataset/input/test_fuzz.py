"""Damaged files are refused or reported, never read as if they were whole, and never crash the reader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.dataset.input.cells import INFINITE, MISSING
from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.headings import folded
from analysis.dataset.input.reading import Part
from analysis.dataset.release import load
from analysis.errors import UserError
from tests.dataset.input.conftest import parsed

RELEASE = load("original")
FLOW_FILE = FlowFile("flows.csv", Path("flows.csv"))
FUZZ = settings(max_examples=150)
COLUMNS = len(RELEASE.columns) + 1
TEXT = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=12)


def made() -> list[list[str]]:
    """Header and twelve rows of cells."""
    random = np.random.default_rng(2)
    header = [*(column.header for column in RELEASE.columns), " Label"]
    rows = [[str(n) for n in random.integers(0, 1000, COLUMNS - 1)] for _ in range(12)]
    return [header, *([*row, ("BENIGN", "DoS Hulk", "Bot")[i % 3]] for i, row in enumerate(rows))]


def joined(cells: list[list[str]]) -> bytes:
    return "\n".join(",".join(row) for row in cells).encode() + b"\n"


WHOLE = parsed(joined(made()), FLOW_FILE)


def tried(content: bytes, size: int | None = None) -> Part | None:
    """The part, or None where it was refused with a message that names the file; read in pieces of that size."""
    try:
        return parsed(content, FLOW_FILE, size)
    except UserError as refused:
        message = str(refused)
    assert "flows.csv" in message
    assert "\n" not in message
    return None


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text.strip() == ""
    return True


@FUZZ
@given(row=st.integers(1, 12), column=st.integers(0, COLUMNS - 2), text=TEXT)
def test_text_where_a_number_belongs(row, column, text):
    assume(not is_number(text) and not set(text) & set('\n\r,"'))
    assume(text.strip().lower().lstrip("+-") not in ("inf", "infinity", "nan", *MISSING, *INFINITE))
    cells = made()
    cells[row][column] = text
    assert tried(joined(cells)) is None


@FUZZ
@given(row=st.integers(1, 12), text=TEXT)
def test_a_label_that_is_none(row, text):
    assume(RELEASE.read_label(text) is None and not set(text) & set('\n\r,"'))
    cells = made()
    cells[row][-1] = text
    assert tried(joined(cells)) is None


@FUZZ
@given(row=st.integers(1, 12), start=st.integers(0, COLUMNS - 1), length=st.integers(1, COLUMNS - 1))
def test_cells_that_are_gone(row, start, length):
    cells = made()
    assume(len(cells[row][start : start + length]) < COLUMNS)
    del cells[row][start : start + length]
    assert tried(joined(cells)) is None


@FUZZ
@given(column=st.integers(0, COLUMNS - 1), name=st.one_of(TEXT, st.just(""), st.sampled_from(RELEASE.features)))
def test_another_column_name_is_refused_or_reported(column, name):
    cells = made()
    was = cells[0][column].strip()
    assume(folded(name.strip().strip('"')) != folded(was))
    # Two columns of one name: the second is the one called '.1'.
    assume((was, folded(name)) != ("Fwd Header Length.1", folded("Fwd Header Length")))
    cells[0][column] = name
    part = tried(joined(cells))
    if part is not None:
        assert was in part.facts["missing"]
        assert was not in part.flows.columns


@FUZZ
@given(order=st.permutations(range(COLUMNS)))
def test_the_order_of_columns_does_not_matter(order):
    part = tried(joined([[row[i] for i in order] for row in made()]))
    if part is not None:
        assert part.flows.equals(WHOLE.flows)
    else:
        # Two columns of one name: the second is the one called '.1', whichever it is; nothing else is refused.
        pytest.fail("a whole file was refused")


@FUZZ
@given(where=st.floats(0, 1), length=st.integers(0, 40), inserted=st.binary(max_size=12))
def test_mutated_bytes(where, length, inserted):
    content = joined(made())
    position = int(where * (len(content) - 1))
    mutated = content[:position] + inserted + content[position + length :]
    part = tried(mutated)
    if part is not None:
        assert set(part.flows["Label"]) <= set(RELEASE.types(part.flows["Label"])) | set(RELEASE.labels)
        filled = [line for line in mutated.splitlines()[1:] if line.strip(b", \t")]
        assert part.flows.height == len(filled) or b'"' in mutated


@FUZZ
@given(
    where=st.floats(0, 1),
    length=st.integers(0, 40),
    inserted=st.one_of(st.binary(max_size=12), st.sampled_from([b"\n", b"\r\n\r\n", b",,", b"\x96\xe2\x80\x93", b'"'])),
    size=st.integers(1600, 6000),  # the header line stands in the first piece, as it does at any size that is used
)
def test_a_file_in_pieces_is_read_as_the_whole_file_is(where, length, inserted, size):
    content = joined(made())
    position = int(where * (len(content) - 1))
    mutated = content[:position] + inserted + content[position + length :]
    # Of several mistakes, such as the two halves of a row, another one may be named.
    part, whole = tried(mutated, size), tried(mutated)
    if part is None or whole is None:
        assert part is whole
    else:
        assert part.facts == whole.facts
        assert part.flows.equals(whole.flows)
        assert part.flows.schema == whole.flows.schema


@FUZZ
@given(
    encoding=st.sampled_from(
        [
            "utf-8",
            "utf-8-sig",
            "utf-16",
            "utf-16-be",
            "utf-32",
            "cp1252",
            "cp437",
            "cp500",
            "koi8-r",
            "shift_jis",
            "gb18030",
        ]
    ),
    label=st.sampled_from(["Web Attack – XSS", "DoS Hulk", "Ботнет", "流量"]),
    size=st.sampled_from([None, 2000]),
)
def test_any_encoding_is_read_right_or_refused(encoding, label, size):
    cells = made()
    cells[3][-1] = label
    try:
        content = joined(cells).decode().encode(encoding)
    except UnicodeEncodeError:
        assume(False)
    part = tried(content, size)
    if part is not None:
        assert part.flows["Label"][2] == RELEASE.canonical_label(label)
        assert part.flows.drop("Label", "is_attack").equals(WHOLE.flows.drop("Label", "is_attack"))


@FUZZ
@given(content=st.binary(max_size=400))
def test_arbitrary_bytes(content):
    assert tried(content) is None


@FUZZ
@given(rest=st.one_of(st.binary(max_size=400), st.text('",\n\r 1a', max_size=20).map(str.encode)))
def test_arbitrary_bytes_after_a_header(rest):
    tried(joined(made()[:1]) + rest)


# Each starts a process. Without its marks at both ends, which chance does not give, no file is read any further.
@settings(FUZZ, max_examples=12)
@given(
    content=st.one_of(
        st.binary(min_size=8, max_size=300).map(lambda some: b"PAR1" + some + b"PAR1"), st.binary(max_size=300)
    )
)
def test_arbitrary_bytes_as_parquet(content):
    with pytest.raises(UserError):
        parsed(content, FlowFile("x.parquet", Path("x.parquet"), kind="parquet"))
