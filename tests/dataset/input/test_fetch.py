"""Fetching from a real HTTP server on the loopback, which misbehaves as told."""

from __future__ import annotations

import errno
import gzip
import json
import re
import shutil
from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from analysis.dataset.input import fetch as module
from analysis.dataset.input.download import Place
from analysis.dataset.input.fetch import fetch, fetched
from analysis.dataset.input.server import Session, file_name
from analysis.dataset.input.source import located, naming_the_download
from analysis.errors import UserError
from tests.dataset.input.archives import zipped
from tests.dataset.input.http_site import (
    CONTENT,
    SHA256,
    cut,
    fails,
    get,
    parts,
    redirect,
    status,
    whole,
)


def test_a_file_is_fetched_once_and_then_found_without_the_server(site, tmp_path, capfd):
    path = get(site, tmp_path)
    assert (path.name, path.read_bytes(), parts(tmp_path)) == ("flows.csv", CONTENT, [])
    url = site.url()
    assert capfd.readouterr().err == f"fetching {url}\nfetched {url}: {len(CONTENT):,} bytes\n"
    (record,) = tmp_path.glob("*.json")
    known = {"url": url, "name": "flows.csv", "validator": '"one"', "size": len(CONTENT), "sha256": SHA256}
    assert json.loads(record.read_text()) == known
    site.shutdown()
    site.server_close()
    assert get(site, tmp_path) == path
    assert len(site.asked) == 1
    assert capfd.readouterr().err == ""


def test_a_folder_holds_the_same_whatever_happened_on_the_way(site, tmp_path):
    site.script = [cut(1000), status(503)]
    for name in ("a", "b"):
        get(site, tmp_path / name)
    a, b = ({p.relative_to(d): p.read_bytes() for p in d.rglob("*") if p.is_file()} for d in tmp_path.iterdir())
    assert a == b


def test_what_was_altered_or_removed_is_fetched_again(site, tmp_path):
    get(site, tmp_path).write_bytes(b"short")
    path = get(site, tmp_path)
    assert path.read_bytes() == CONTENT
    path.unlink()
    assert get(site, tmp_path).read_bytes() == CONTENT
    next(tmp_path.glob("*.json")).write_text("[")
    assert get(site, tmp_path).read_bytes() == CONTENT
    assert len(site.asked) == 4


def test_a_sum_is_checked_and_a_wrong_one_deletes_nothing(site, tmp_path):
    def ask(digest):
        return get(site, tmp_path, f"/flows.csv#sha256={digest}")

    assert ask(SHA256.upper()).read_bytes() == CONTENT
    for _ in range(2):
        with pytest.raises(UserError, match=rf"flows\.csv: its SHA-256 is {SHA256} but {'0' * 64} was asked for"):
            ask("0" * 64)
    assert ask(SHA256).read_bytes() == CONTENT
    assert len(site.asked) == 1
    with pytest.raises(UserError, match="64 hexadecimal digits"):
        ask("abc")


def test_a_new_download_with_a_wrong_sum_is_kept_and_named(site, tmp_path):
    with pytest.raises(UserError, match="remove the file to fetch it again") as error:
        get(site, tmp_path, f"/flows.csv#sha256={'0' * 64}")
    path = Path(str(error.value).partition(": its")[0])
    assert path.read_bytes() == CONTENT
    path.unlink()
    get(site, tmp_path)
    assert len(site.asked) == 2


def test_other_fragments_mean_nothing(site, tmp_path):
    assert get(site, tmp_path, "/flows.csv#top") == get(site, tmp_path)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (404, r"no such file \(404 Not Found\); check the address"),
        (410, "no such file"),
        (403, "refuses it .403 Forbidd"),
        (401, "login or a form; download the file in a browser"),
        (418, "answers 418"),
        (204, "answers 204"),
    ],
)
def test_an_answer_that_stays_is_said_at_once(site, tmp_path, code, message):
    site.script = [status(code)]
    fails(site, tmp_path, message)
    assert len(site.asked) == 1


def test_a_server_in_trouble_is_asked_again(site, tmp_path):
    site.script = [status(500), status(429)]
    assert get(site, tmp_path).read_bytes() == CONTENT
    site.script = [status(503)] * 3
    fails(site, tmp_path, "answers 503 Service Unavailable, 3 times in a row; try again later", path="/other.csv")


@pytest.mark.parametrize(
    "act",
    [
        lambda visit: whole(visit, b"<form>", Content_Type="text/html; charset=utf-8"),
        lambda visit: whole(visit, b"\xef\xbb\xbf\n <!DOCTYPE html><p>Please log in", Content_Type="text/csv"),
        lambda visit: whole(visit, b"<HTML>", Content_Length=None),
    ],
)
def test_a_web_page_is_not_taken_for_data(site, tmp_path, act):
    site.script = [act]
    fails(
        site,
        tmp_path,
        "a web page came in place of the file, such as a login or a form; download the file in a browser",
    )
    assert parts(tmp_path) == []
    assert get(site, tmp_path).read_bytes() == CONTENT


def test_redirects_are_followed(site, tmp_path):
    site.script = [redirect("/a"), redirect(site.url("/b"))]
    assert get(site, tmp_path).read_bytes() == CONTENT
    assert [path for path, _ in site.asked] == ["/flows.csv", "/a", "/b"]


def test_redirects_in_a_loop_end(site, tmp_path):
    site.script = [redirect("/flows.csv")] * 30
    fails(site, tmp_path, "redirects more than 10 times")
    assert len(site.asked) == 11


def test_a_redirect_to_another_scheme_is_refused(site, tmp_path):
    site.script = [redirect("file:///etc/passwd")]
    fails(site, tmp_path, "this address cannot be used")


def test_a_redirect_from_https_to_http_is_refused():
    answer = requests.Response()
    answer.status_code, answer.url = 302, "https://example.org/a.zip"
    for target, refused in [("http://example.org/a.zip", True), ("//example.org/b", False), ("https://b.org", False)]:
        answer.headers["Location"] = target
        if refused:
            with pytest.raises(UserError, match=r"example\.org/a\.zip: the server redirects from https to http"):
                Session().get_redirect_target(answer)
        else:
            assert Session().get_redirect_target(answer) == target


def test_packing_by_the_server_is_undone(site, tmp_path):
    packed = gzip.compress(CONTENT)
    site.script = [
        lambda visit: (
            visit.begin(Content_Length=len(packed), Content_Encoding="gzip"),
            visit.wfile.write(packed[:999]),
        ),
        lambda visit: whole(visit, packed, Content_Encoding="gzip"),
        lambda visit: whole(visit, packed, Content_Encoding="x-gzip"),
        lambda visit: whole(visit, b"x", Content_Encoding="br"),
    ]
    assert get(site, tmp_path).read_bytes() == CONTENT
    assert get(site, tmp_path, "/flows.csv.gz").read_bytes() == packed  # it was packed to begin with
    fails(site, tmp_path, "packed as br", path="/other.csv")


@pytest.mark.parametrize(
    ("path", "disposition", "name"),
    [
        ("/a/flows.csv?token=1", None, "flows.csv"),
        ("/download?id=3", 'attachment; filename="day one.csv"', "day one.csv"),
        ("/download", "attachment; filename*=UTF-8''d%C3%A9j%C3%A0.zip", "d_j_.zip"),
        ("/download", 'attachment; filename="../../evil.csv"', "evil.csv"),
        ("/download", 'attachment; filename="..\\\\..\\\\evil.csv"', "evil.csv"),
        ("/download", 'attachment; filename="/etc/passwd"', "passwd"),
        ("/download", "attachment; filename*=klingon''x.csv", "x.csv"),
        ("/%2e%2e%2f%2e%2e%2fevil.csv", None, "evil.csv"),
        ("/", None, "data"),
        ("/..", None, "data"),
        ("/.bashrc", None, "bashrc"),
        ("/" + "x" * 300 + ".csv", None, "x" * 116 + ".csv"),
    ],
)
def test_names_are_plain_and_stay_in_the_folder(site, tmp_path, path, disposition, name):
    site.script = [lambda visit: whole(visit, b"a,b", Content_Disposition=disposition)]
    made = get(site, tmp_path / "in", path)
    assert made.parent.parent == tmp_path / "in"
    assert made.name == name
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_name_leaves_the_folder(disposition, path):
    answer = requests.Response()
    answer.url = "http://example.org/"
    answer.headers["Content-Disposition"] = f"attachment; filename{disposition}"
    name = file_name(answer, f"http://example.org/{path}")
    assert not name.startswith((".", "-"))
    assert re.fullmatch(r"[A-Za-z0-9_.()+ -]{1,120}", name)


def test_two_addresses_with_one_file_name_do_not_meet(site, tmp_path):
    one, two = get(site, tmp_path, "/a/flows.csv"), get(site, tmp_path, "/b/flows.csv")
    assert one != two
    assert one.name == two.name == "flows.csv"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://example.org/a.csv", "http:// and https:// addresses"),
        ("file:///a.csv", "http:// and https:// addresses"),
        ("http://", "this address cannot be used"),
        ("http://[/a.csv", "this address cannot be used"),
        ("http://a.invalid:port/", "this address cannot be used"),
        ("http://nowhere.invalid/a.csv", r"there is no host nowhere\.invalid, or no network; check the address"),
        ("http://127.0.0.1:9/a.csv", r"no connection \(Connection refused\), 2 times in a row"),
    ],
)
def test_addresses_that_lead_nowhere_are_said(tmp_path, url, message):
    with pytest.raises(UserError, match=message) as error:
        fetch(url, tmp_path, tries=2, pause=0)
    assert str(error.value).startswith(url)


def test_a_password_that_hides_the_host_is_not_shown(tmp_path):
    with pytest.raises(UserError, match="write these as %2F") as error:
        fetch("http://me:se/cret@127.0.0.1:9/a.csv", tmp_path)
    assert "se" not in str(error.value).replace("these", "").replace("password", "")


def test_tokens_are_sent_but_neither_shown_nor_kept(site, tmp_path, capfd):
    url = site.url() + "?token=secret"
    fetch(url, tmp_path)
    assert "secret" not in capfd.readouterr().err + next(tmp_path.glob("*.json")).read_text()
    assert fetched(url, tmp_path) == fetch(url, tmp_path)
    assert fetched(site.url() + "?token=other", tmp_path) is None


def test_passwords_are_sent_but_neither_shown_nor_kept(site, tmp_path, capfd):
    url = site.url().replace("//", "//user:secret@")
    fetch(url, tmp_path)
    assert "secret" not in capfd.readouterr().err + next(tmp_path.glob("*.json")).read_text()
    site.script = [status(404)]
    with pytest.raises(UserError) as error:
        fetch(url + "x", tmp_path)
    assert "secret" not in str(error.value)


def test_a_full_disk_keeps_what_came(site, tmp_path, monkeypatch):
    real = module.tqdm

    class Full(real):
        def update(self, n=1):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "tqdm", Full)
    fails(site, tmp_path, "the disk of .* is full; make room, then go on from what came")
    (kept,) = parts(tmp_path)
    assert 0 < len(kept) < len(CONTENT)
    monkeypatch.setattr(module, "tqdm", real)
    assert get(site, tmp_path).read_bytes() == CONTENT
    assert site.asked[-1][1] == f"bytes={len(kept)}-"


def test_a_file_larger_than_the_disk_is_not_begun(site, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    fails(site, tmp_path, rf"needs {len(CONTENT):,} bytes, but the disk of .* has 1,000 left; make room")


def test_a_folder_that_cannot_be_used_is_named(site, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    fails(site, tmp_path / "file" / "in", r"file/in cannot be used \(Not a directory\)")


def test_two_processes_do_not_write_one_file(site, tmp_path):
    site.script = [cut(1000), status(404)]
    fails(site, tmp_path, "404")
    with Place(site.url(), tmp_path).alone("x"):
        fails(site, tmp_path, "another process is fetching it; wait for it to end")


def test_what_another_process_fetched_meanwhile_is_used(site, tmp_path, monkeypatch):
    path = get(site, tmp_path)
    real, seen = Place.whole, []

    def late(place):
        seen.append(place)
        return real(place) if len(seen) > 1 else None

    monkeypatch.setattr(Place, "whole", late)
    assert get(site, tmp_path) == path
    assert len(site.asked) == 1


def test_paths_are_left_alone(tmp_path, site, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert located("a/b.csv") == Path("a/b.csv")
    assert located("C:\\a.csv") == Path("C:\\a.csv")
    assert located(site.url()).read_bytes() == CONTENT


def test_a_file_without_a_length_that_does_not_end_is_refused(site, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_UNTOLD", 100_000)

    def endless(visit):
        visit.begin()
        visit.wfile.write(CONTENT)

    site.script = [endless]
    fails(site, tmp_path, r"over 100,000 bytes came, of a length that is not told; download the file in a browser")
    assert parts(tmp_path) == []
    site.script = [whole]
    assert get(site, tmp_path).read_bytes() == CONTENT


def test_what_a_server_says_moves_no_cursor(site, tmp_path, capfd):
    def rude(visit):
        visit.wfile.write(b"HTTP/1.0 503 no\x1b[2J\xe2\x80\xae way\r\n\r\n")

    site.script = [rude] * 3
    fails(site, tmp_path, r"the server answers 503 no\\x1b\[2J.* way, 3 times in a row")
    assert "\x1b" not in capfd.readouterr().err
    site.script = [lambda visit: visit.wfile.write(b"HTTP/1.0 418 tea\x1b]0;x\x07\r\n\r\n")]
    fails(site, tmp_path, r"the server answers 418 tea\\x1b\]0;x\\x07 in place of the file")


def test_an_empty_file_and_json_are_no_data(site, tmp_path):
    site.script = [lambda visit: whole(visit, b"")]
    fails(site, tmp_path, "the server sent an empty file")
    site.script = [lambda visit: whole(visit, b'{"error": "no such file"}')]
    fails(site, tmp_path, "JSON came in place of the file")
    assert parts(tmp_path) == []
    assert get(site, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("pack", ["zip", "gzip"])
def test_a_packed_file_that_is_cut_off_without_a_length_is_fetched_again(site, tmp_path, pack):
    site.content = zipped({"flows.csv": CONTENT}) if pack == "zip" else gzip.compress(CONTENT)
    cut_off = site.content[: len(site.content) // 2]

    def short(visit):
        visit.begin()
        visit.wfile.write(cut_off)

    site.script = [short]
    assert get(site, tmp_path, "/flows").read_bytes() == site.content
    assert len(site.asked) == 2


def test_what_is_wrong_with_a_fetched_file_says_how_to_have_it_anew():
    with (
        pytest.raises(UserError, match=r"row 3: no number\n.*to fetch it anew, remove the folder"),
        naming_the_download("http://x/y"),
    ):
        raise UserError("flows.csv, row 3: no number")
    with pytest.raises(UserError, match=r"^flows\.csv$"), naming_the_download("flows.csv"):
        raise UserError("flows.csv")
