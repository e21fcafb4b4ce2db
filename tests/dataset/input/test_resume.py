"""What was begun is carried on: dropped connections, stalls, pieces, lengths and validators."""

from __future__ import annotations

import pytest

from tests.dataset.input.http_site import (
    CONTENT,
    cut,
    fails,
    get,
    parts,
    ranges,
    stall,
    status,
    whole,
)


def test_a_dropped_connection_is_resumed_where_it_broke_off(site, tmp_path):
    site.script = [cut(100_000), lambda visit: ranges(visit, stop=300_000)]
    assert get(site, tmp_path, tries=2).read_bytes() == CONTENT
    assert [asked for _, asked in site.asked] == [None, "bytes=100000-", "bytes=300000-"]


def test_the_next_run_resumes_what_an_earlier_one_left(site, tmp_path):
    site.script = [cut(100_000), status(502)]
    fails(
        site,
        tmp_path,
        r"the server answers 502 .*, 2 times in a row; try again later \(100,000 bytes are kept",
        tries=2,
    )
    assert parts(tmp_path) == [CONTENT[:100_000]]
    assert get(site, tmp_path).read_bytes() == CONTENT
    assert site.asked[-1][1] == "bytes=100000-"


def test_a_stall_is_noticed_and_resumed(site, tmp_path, capfd):
    site.script = [stall(50_000)]
    assert get(site, tmp_path).read_bytes() == CONTENT
    assert site.asked[-1][1] == "bytes=50000-"
    assert "the server sent nothing for 0.3 s; again in 0.01 s" in capfd.readouterr().err


def test_a_server_that_never_answers_is_given_up(site, tmp_path):
    site.script = [lambda visit: visit.server.ended.wait(5)] * 2
    fails(site, tmp_path, "the server sent nothing for 0.1 s, 2 times in a row; try again later$", tries=2, timeout=0.1)


def test_tries_count_anew_after_progress_but_not_without_it(site, tmp_path):
    site.script = [cut(1000), *[lambda visit, n=n: ranges(visit, stop=n * 1000) for n in range(2, 8)]]
    assert get(site, tmp_path, tries=2).read_bytes() == CONTENT
    before = len(site.asked)
    site.script = [cut(1000, ETag=None)] * 20
    fails(site, tmp_path, "the connection broke off, 3 times in a row; try again later$", path="/other.csv", tries=3)
    assert len(site.asked) - before == 3


def test_a_server_that_ignores_ranges_sends_the_whole(site, tmp_path):
    site.script = [cut(100_000), whole]
    assert get(site, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("headers", [{"ETag": None}, {"ETag": 'W/"weak"'}])
def test_without_a_validator_the_whole_is_asked_for_again(site, tmp_path, headers):
    site.script = [cut(100_000, **headers)]
    assert get(site, tmp_path).read_bytes() == CONTENT
    assert [asked for _, asked in site.asked] == [None, None]


def test_the_date_of_the_last_change_is_a_validator_too(site, tmp_path):
    site.etag = "Mon, 03 Jul 2017 08:00:00 GMT"
    site.script = [cut(100_000, ETag=None, Last_Modified=site.etag), lambda visit: ranges(visit, ETag=None)]
    assert get(site, tmp_path).read_bytes() == CONTENT
    assert site.asked[-1][1] == "bytes=100000-"


def test_a_file_that_changed_in_between_is_fetched_whole(site, tmp_path):
    def change(visit):
        cut(100_000)(visit)
        visit.server.content, visit.server.etag = b"new" * 70_000, '"two"'

    site.script = [change]
    assert get(site, tmp_path).read_bytes() == b"new" * 70_000


@pytest.mark.parametrize(
    "headers",
    [
        {"ETag": '"two"'},
        {"Content_Range": "bytes 5-9/10"},
        {"Content_Range": "bytes 1000-1999/2000"},
        {"Content_Range": f"bytes 999-{len(CONTENT) - 1}/{len(CONTENT)}"},
        {"Content_Range": None},
        {"Content_Encoding": "gzip"},
    ],
)
def test_a_piece_that_does_not_fit_is_not_joined(site, tmp_path, headers):
    site.script = [cut(1000), lambda visit: ranges(visit, **headers)]
    assert get(site, tmp_path).read_bytes() == CONTENT
    assert [asked for _, asked in site.asked] == [None, "bytes=1000-", None]


def test_a_part_that_is_too_long_is_thrown_away(site, tmp_path):
    site.script = [cut(1000), status(404)]
    fails(site, tmp_path, "404")
    next(tmp_path.glob("*.part")).write_bytes(CONTENT + b"more")
    assert get(site, tmp_path).read_bytes() == CONTENT


def test_a_run_that_ended_just_before_the_renaming_is_made_good(site, tmp_path):
    path = get(site, tmp_path)
    path.rename(next(tmp_path.glob("*.json")).with_suffix(".part"))
    assert get(site, tmp_path).read_bytes() == CONTENT
    assert len(site.asked) == 1


def test_a_length_that_never_comes_true_is_given_up(site, tmp_path):
    site.script = [lambda visit: whole(visit, Content_Length=len(CONTENT) + 10)] * 3
    fails(site, tmp_path, "the connection broke off, 3 times in a row", tries=3)
    assert not list(tmp_path.rglob("flows.csv"))


def test_without_a_length_what_comes_is_the_file(site, tmp_path):
    site.script = [lambda visit: whole(visit, Content_Length=None)]
    assert get(site, tmp_path).read_bytes() == CONTENT


def test_a_length_that_is_told_later_is_checked_too(site, tmp_path):
    def broken(visit):
        visit.protocol_version = "HTTP/1.1"
        visit.begin(Transfer_Encoding="chunked", Connection="close", ETag=visit.server.etag)
        visit.wfile.write(b"400\r\n" + CONTENT[:1024] + b"\r\n")

    site.script = [broken, lambda visit: ranges(visit, stop=5000)]
    assert get(site, tmp_path).read_bytes() == CONTENT
    assert [asked for _, asked in site.asked] == [None, "bytes=1024-", "bytes=5000-"]


def test_a_server_that_sends_shorter_pieces_than_asked_for_is_asked_for_the_rest(site, tmp_path):
    def piece(visit):
        told = {"Content_Range": f"bytes 1000-5999/{len(CONTENT)}", "Content_Length": 5000, "ETag": visit.server.etag}
        visit.begin(206, **told)
        visit.wfile.write(CONTENT[1000:6000])

    site.script = [cut(1000), piece]
    assert get(site, tmp_path).read_bytes() == CONTENT
    assert [asked for _, asked in site.asked] == [None, "bytes=1000-", "bytes=6000-"]


def test_chunks_count_more_than_a_length(site, tmp_path):
    def chunks(visit):
        visit.protocol_version = "HTTP/1.1"
        visit.begin(Transfer_Encoding="chunked", Content_Length=3, Connection="close")
        visit.wfile.write(b"5\r\nflows\r\n0\r\n\r\n")

    site.script = [chunks]
    assert get(site, tmp_path).read_bytes() == b"flows"


def test_chunks_that_end_early_are_noticed(site, tmp_path):
    def broken(visit):
        visit.protocol_version = "HTTP/1.1"
        visit.begin(Transfer_Encoding="chunked", Connection="close")
        visit.wfile.write(b"5\r\nDesti\r\n400\r\nnat")

    site.script = [broken]
    assert get(site, tmp_path).read_bytes() == CONTENT
    assert len(site.asked) == 2
