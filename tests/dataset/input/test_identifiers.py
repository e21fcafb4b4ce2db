"""Times and addresses: their forms, the clock of twelve hours, and what holds for a whole file read in pieces."""

from __future__ import annotations

import datetime
import io

import polars as pl
import pytest

from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.inspection import inspect
from analysis.dataset.input.source import flow_files
from analysis.dataset.input.spool import Spool
from analysis.dataset.release import load
from analysis.errors import UserError
from tests.dataset.input.conftest import parsed


def one_file(content, write):
    return flow_files(write(content))


def labelled_lines(times):
    release = load("labelled")
    roles = [spellings[0] for spellings in release.identifiers.values()]
    rows = [",".join([*roles, *(column.header for column in release.columns), "Label"])]
    for time in times:
        cells = {"Timestamp": time, "Flow ID": "a-b", "Source IP": "10.0.0.1", "Source Port": "1234",
                 "Destination IP": "10.0.0.2", "Protocol": "6"}  # fmt: skip
        rows.append(",".join([*(cells[role] for role in roles), *["1"] * len(release.columns), "BENIGN"]))
    return "\n".join(rows).encode()


def test_a_clock_of_twelve_hours(write, tmp_path):
    files = one_file(labelled_lines(["4/7/2017 8:54", "4/7/2017 12:59", "4/7/2017 1:05"]), write)
    spool = Spool(tmp_path, files)
    found = inspect(files, examine=spool.examine)
    assert found["release"] == "labelled"
    flows = spool.table().collect()
    assert [t.hour for t in flows["timestamp"]] == [8, 12, 13]
    assert flows["day"].unique().to_list() == ["Tuesday"]
    assert found["has_timestamps"]
    assert found["has_five_tuple"]


def test_a_time_that_is_none_is_named(write):
    with pytest.raises(UserError, match=r"row 2, column Timestamp: 'noon' is not a time"):
        inspect(one_file(labelled_lines(["4/7/2017 8:54", "noon"]), write))


def test_columns_that_hold_no_times_or_addresses_are_left_out(write):
    content = labelled_lines(["181", "182"]).replace(b"10.0.0.1", b"77")
    found = inspect(one_file(content, write))
    assert not found["has_timestamps"]
    assert not found["has_five_tuple"]
    assert sum("left out" in line for line in found["warnings"]) == 2


def test_the_clock_of_a_file_is_known_from_all_of_its_pieces(flow_file):
    morning, evening = "4/7/2017 1:05", "4/7/2017 13:05"
    twelve = parsed(labelled_lines([morning] * 40), flow_file, 6000)
    assert {t.hour for t in twelve.flows["timestamp"]} == {13}
    for times in ([morning] * 40 + [evening], [evening] + [morning] * 40):
        assert {t.hour for t in parsed(labelled_lines(times), flow_file, 6000).flows["timestamp"]} == {1, 13}


def test_times_and_addresses_in_some_pieces_only(flow_file):
    time = "4/7/2017 8:54"
    with pytest.raises(UserError, match="row 41, column Timestamp: 'noon' is not a time"):
        parsed(labelled_lines([time] * 40 + ["noon"]), flow_file, 6000)
    with pytest.raises(UserError, match="row 1, column Timestamp: 'noon' is not a time"):
        parsed(labelled_lines(["noon"] * 40 + [time]), flow_file, 6000)
    content = labelled_lines([time] * 40 + ["4/7/2017 8:55"])
    at = content.rindex(b"10.0.0.1")
    part = parsed(content[:at] + b"77" + content[at + 8 :], flow_file, 6000)
    assert not part.facts["has_five_tuple"]
    assert part.facts["unusable"] == ["Source IP holds no addresses (but '77')"]
    assert not {"Source IP", "Destination IP", "Source Port", "Protocol"} & set(part.flows.columns)
    assert part.facts["has_timestamps"]


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2017-07-04 15:30:00", 15), ("2017-07-04T15:30:00.250", 15), ("2017-07-04T15:30:00Z", 15),
     ("4/7/2017 3:30:00 PM", 15), ("04/07/2017 03:30 PM", 15), ("4/7/2017 9:30:00 AM", 9),
     ("2017-07-04 03:30", 15), ("2017-07-04 09:30", 9), ("4/7/2017 7:30:00 AM", 7),
     ("2017-07-04T15:30:00.5-03:00", 15), ("2017-07-04 15:30:00+0000", 15)],
)  # fmt: skip
def test_forms_of_time_in_which_tables_are_written_again(text, hour, flow_file):
    (time,) = parsed(labelled_lines([text]), flow_file).flows["timestamp"]
    assert (time.date(), time.hour, time.minute) == (datetime.date(2017, 7, 4), hour, 30)


def test_a_year_of_two_digits_is_not_the_year_seventeen(flow_file):
    assert not parsed(labelled_lines(["03/07/17 09:00:30"] * 3), flow_file).facts["has_timestamps"]
    with pytest.raises(UserError, match="row 2, column Timestamp: '03/07/17 09:00:30' is not a time"):
        parsed(labelled_lines(["03/07/2017 09:00:30", "03/07/17 09:00:30"]), flow_file)


def test_the_first_columns_without_addresses_is_told_alike_in_pieces(flow_file):
    rows = labelled_lines(["4/7/2017 8:54"] * 40).split(b"\n")
    rows[3] = rows[3].replace(b"10.0.0.2", b"x")
    rows[30] = rows[30].replace(b"10.0.0.1", b"y")
    for size in (2000, None):
        facts = parsed(b"\n".join(rows), flow_file, size).facts
        assert facts["unusable"] == ["Source IP holds no addresses (but 'y')"]


def as_parquet(content, stamps):
    table = pl.read_csv(content).with_columns(pl.Series("Timestamp", stamps))
    buffer = io.BytesIO()
    table.write_parquet(buffer)
    return buffer.getvalue()


def test_times_of_a_parquet_file(tmp_path):
    flow_file = FlowFile("flows.parquet", tmp_path / "flows.parquet", kind="parquet")
    times = [datetime.datetime(2017, 7, 4, hour, 5) for hour in (8, 12, 1)]
    content = labelled_lines(["x"] * 3)
    part = parsed(as_parquet(content, times), flow_file)
    assert [t.hour for t in part.flows["timestamp"]] == [8, 12, 13]
    zoned = pl.Series(times).dt.replace_time_zone("America/Halifax")
    assert parsed(as_parquet(content, zoned), flow_file).flows.equals(part.flows)
    with pytest.raises(UserError, match="row 2, column Timestamp: an empty cell is not a time"):
        parsed(as_parquet(content, [times[0], None, times[1]]), flow_file)
    none = parsed(as_parquet(content, pl.Series([None] * 3, dtype=pl.Datetime)), flow_file)
    assert none.facts["unusable"] == ["Timestamp is in no known form of time (but an empty cell)"]
    assert none.facts["days"] == []


def test_days_that_the_release_does_not_have_are_said(write):
    found = inspect(one_file(labelled_lines(["13/7/2017 9:00"] * 3), write))
    assert any("days that the release does not have: 2017-07-13" in line for line in found["warnings"])
