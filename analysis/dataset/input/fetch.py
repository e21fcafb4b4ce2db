"""Fetching flows from an http(s) address: resumed where it broke off, verified, renamed when whole, then kept.

In the folder stand ``<key>.json`` (what is known of the file), ``<key>.part`` (what has come so far) and
``<key>/<file name>``, where the key is made from the address.
"""

from __future__ import annotations

import errno
import fcntl
import gzip
import hashlib
import re
import shutil
import sys
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from email.message import Message
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

import requests
import urllib3
from tqdm import tqdm

from analysis.dataset.input.address import UNREADABLE, without_secrets
from analysis.dataset.input.address import shown as _shown
from analysis.errors import UserError
from analysis.printable import printable
from analysis.record.files import read_json, write_json

MAX_REDIRECTS = 10
CHUNK = 1 << 18
MOST_UNTOLD = 20_000_000_000
"""Bytes of a file of which the server does not tell the length; the largest release has under a third of it."""
BY_HAND = "download the file in a browser and give its path"
SILENT = "the server sent nothing"
KNOWN = (".csv", ".gz", ".parquet", ".zip", ".tar", ".tgz", ".xz", ".bz2", ".zst")
AGAIN = (408, 429, 500, 502, 503, 504)
"""Answers that may be other ones a little later."""


class _Dropped(Exception):
    """The transfer broke off and is worth another try; what a server says of it is escaped."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


@dataclass
class _State:
    """What is known of a file: ``size`` in bytes as soon as the server tells it, ``sha256`` once the file is whole."""

    url: str
    name: str
    validator: str | None = None
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class _Place:
    """Where one address is kept."""

    folder: Path
    key: str

    @property
    def record(self) -> Path:
        return self.folder / f"{self.key}.json"

    @property
    def part(self) -> Path:
        return self.folder / f"{self.key}.part"

    def file(self, state: _State) -> Path:
        return self.folder / self.key / state.name

    def state(self) -> _State | None:
        try:
            return _State(**read_json(self.record))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def whole(self) -> _State | None:
        """The state, where the file was fetched before and still has its size."""
        state = self.state()
        there = state is not None and state.sha256 is not None and self.file(state).is_file()
        return state if there and state and self.file(state).stat().st_size == state.size else None

    def resumable(self) -> bool:
        """Whether a server that can do so may be asked for the rest only."""
        state = self.state()
        return state is not None and state.validator is not None and self.came() > 0

    def came(self) -> int:
        """Number of bytes that came so far."""
        return self.part.stat().st_size if self.part.is_file() else 0


class _Session(requests.Session):
    """Follows ten redirects at most, and none from https to http."""

    def __init__(self) -> None:
        super().__init__()
        self.max_redirects = MAX_REDIRECTS

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        target = super().get_redirect_target(resp)
        if target and urlsplit(resp.url).scheme == "https" and urlsplit(urljoin(resp.url, target)).scheme == "http":
            raise UserError(
                f"{_shown(resp.url)}: the server redirects from https to http, which is not safe; {BY_HAND}"
            )
        return target


def local(data: str, folder: Path) -> Path:
    """``data`` as a path; what stands at an address is fetched into ``folder`` first."""
    return fetch(data, folder) if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", data) else Path(data)


def fetched(url: str, folder: Path) -> Path | None:
    """The file at ``url`` where it was fetched into ``folder`` before, without the network; else None."""
    place = _place(url.strip().partition("#")[0], folder)
    state = place.whole()
    return place.file(state) if state else None


def _place(address: str, folder: Path) -> _Place:
    return _Place(folder, hashlib.sha256(address.encode()).hexdigest()[:12])


def fetch(
    url: str, folder: Path, *, sha256: str | None = None, timeout: float = 30, tries: int = 5, pause: float = 1
) -> Path:
    """The file at ``url``, from ``folder`` where it was fetched before, and else over the network.

    The sum it must have may stand in the address too: ``#sha256=<hex>``. ``timeout`` is the number of seconds without
    any byte; after ``tries`` failures in a row without progress, ``pause`` seconds and then twice as long apart, it is
    a UserError, as is everything else that goes wrong. What came so far is kept for the next time.
    """
    address, _, fragment = url.strip().partition("#")
    shown = _shown(address)
    sums = {sha256} if sha256 else set()
    if fragment.startswith("sha256="):
        sums.add(fragment.removeprefix("sha256="))
    if any(not re.fullmatch(r"[0-9a-fA-F]{64}", text) for text in sums):
        raise UserError(f"{shown}: a SHA-256 has 64 hexadecimal digits; correct the one given")
    if not re.match("https?://", address, re.IGNORECASE):
        raise UserError(f"{shown}: data come from http:// and https:// addresses and from paths; {BY_HAND}")
    if shown == UNREADABLE.format(address.partition("://")[0]):
        raise UserError("data: the address has a password with '/', '?' or '#' in it; write these as %2F, %3F and %23")
    place = _place(address, folder)
    try:
        state = place.whole() or _fetch(address, place, timeout, tries, pause)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UserError(f"{shown}: the disk of {folder} is full; make room, then go on from what came") from None
        raise UserError(f"{shown}: {folder} cannot be used ({error.strerror}); check its permissions") from None
    path = place.file(state)
    for wanted in sorted({text.lower() for text in sums} - {state.sha256}):
        raise UserError(
            f"{path}: its SHA-256 is {state.sha256} but {wanted} was asked for; correct the sum if it is wrong, "
            "and else remove the file to fetch it again"
        )
    return path


def _fetch(address: str, place: _Place, timeout: float, tries: int, pause: float) -> _State:
    """Try until the file is whole; tries count anew whenever more has come than ever before."""
    shown = _shown(address)
    place.folder.mkdir(parents=True, exist_ok=True)
    with _alone(place, shown), _Session() as session:
        if state := place.whole():  # another process was quicker
            return state
        _say(f"fetching {shown}")
        best, failures = place.came(), 0
        while True:
            try:
                state = _once(session, address, place, timeout)
                break
            except _Dropped as error:
                failures = 1 if place.came() > best else failures + 1
                best = max(best, place.came())
                if failures >= tries:
                    kept = f" ({place.came():,} bytes are kept to go on from)" if place.resumable() else ""
                    raise UserError(f"{shown}: {error}, {tries} times in a row; try again later{kept}") from None
                wait = pause * 2 ** (failures - 1)
                print(printable(f"{shown}: {error}; again in {wait:g} s"), file=sys.stderr)
                time.sleep(wait)
        _say(f"fetched {shown}: {state.size:,} bytes")
        return state


@contextmanager
def _alone(place: _Place, shown: str) -> Iterator[None]:
    """Hold the place for this process; the system frees it when the process ends, however it ends."""
    with (place.folder / f"{place.key}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"{shown}: another process is fetching it; wait for it to end") from None
        yield


def _once(session: _Session, address: str, place: _Place, timeout: float) -> _State:
    """One request, from where the last one broke off; _Dropped where another may do better."""
    shown = _shown(address)
    state, came = place.state(), place.came()
    if state and came and came == state.size:  # ended between the last byte and the new name
        return _finish(place, state, shown)
    headers = {"Accept-Encoding": "identity", "User-Agent": "flowpaper"}
    if state and came and state.validator:
        headers |= {"Range": f"bytes={came}-", "If-Range": state.validator}
    try:
        with session.get(address, headers=headers, stream=True, timeout=timeout) as response:
            _check_answer(response, shown)
            if response.status_code == 416:
                place.part.unlink(missing_ok=True)
                raise _Dropped("the server has no such piece of the file")
            told = _told(response, address)
            decode = _decoded(response, told.name, shown)
            if decode:  # the sizes told are those of the packed form, and no part of it can be asked for
                told.validator = told.size = None
            if response.status_code == 206:
                state = _continued(response, place, state, told, decode)
            else:
                place.part.unlink(missing_ok=True)
                state, came = told, 0
                write_json(place.record, asdict(state), noted=False)
            _check_room(place.folder, state.size, came, shown)
            _write(response, place.part, state, came, decode)
    except requests.TooManyRedirects:
        raise UserError(f"{shown}: the server redirects more than {MAX_REDIRECTS} times; {BY_HAND}") from None
    except requests.exceptions.SSLError as error:
        raise UserError(f"{shown}: no trusted connection ({_reason(error)}); {BY_HAND}") from None
    except (requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError) as error:
        if isinstance(_cause(error), urllib3.exceptions.NameResolutionError):
            host = re.search(r"resolve '([^']*)'", str(_cause(error)))
            name = host[1] if host else ""
            raise UserError(f"{shown}: there is no host {name}, or no network; check the address") from None
        raise _Dropped(_reason(error).replace(SILENT, f"{SILENT} for {timeout:g} s")) from None
    except (requests.RequestException, ValueError) as error:
        raise UserError(f"{shown}: this address cannot be used ({_reason(error)}); check it") from None
    if state.size is not None and place.came() != state.size:
        raise _Dropped(f"the connection ended after {place.came():,} of {state.size:,} bytes")
    return _finish(place, state, shown)


def _write(response: requests.Response, part: Path, state: _State, came: int, decode: bool) -> None:
    """Append what comes to ``part``, with a bar on a terminal."""
    with (
        part.open("ab") as file,
        tqdm(
            desc=state.name, total=state.size, initial=came, unit="B", unit_scale=True, disable=None, file=sys.stderr
        ) as bar,
    ):
        # read1 gives what is there; read would hold bytes back until a chunk is full, and lose them in a stall.
        while chunk := response.raw.read1(CHUNK, decode_content=decode):
            file.write(chunk)
            bar.update(len(chunk))
            if state.size is None and file.tell() > MOST_UNTOLD:
                part.unlink()
                raise UserError(
                    f"{state.url}: over {MOST_UNTOLD:,} bytes came, of a length that is not told; {BY_HAND}"
                )


def _finish(place: _Place, state: _State, shown: str) -> _State:
    """Give the whole file its name and sum; UserError where it is no file of data, _Dropped where it is cut off."""
    if not place.came():
        place.part.unlink(missing_ok=True)
        raise UserError(f"{shown}: the server sent an empty file; {BY_HAND}")
    with place.part.open("rb") as file:
        first = file.read(512).removeprefix(b"\xef\xbb\xbf").lstrip().lower()
        if first.startswith((b"<!doctype", b"<html", b"{", b"[")):
            place.part.unlink()
            raise UserError(_no_file(shown, "a web page" if first.startswith(b"<") else "JSON"))
        if not _opens(place.part, first):
            place.part.unlink()
            raise _Dropped("what came is a cut-off or damaged archive")
        file.seek(0)
        state.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    state.size = place.came()
    path = place.file(state)
    path.parent.mkdir(exist_ok=True)
    write_json(place.record, asdict(state), noted=False)  # first, so that an end here is noticed and made good
    place.part.replace(path)
    return state


def _opens(path: Path, first: bytes) -> bool:
    """Whether a zip has its directory and a gzip its end: a server need not have told the length."""
    try:
        if first.startswith(b"pk\x03\x04"):
            with zipfile.ZipFile(path):
                return True
        if first.startswith(b"\x1f\x8b"):
            with gzip.open(path) as file:
                while file.read(CHUNK):
                    pass
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error):
        return False
    return True


def _check_answer(response: requests.Response, shown: str) -> None:
    """UserError for an answer that is not the file; _Dropped for one that may be another one later."""
    status = response.status_code
    answer = f"{status} {response.reason or ''}".strip()
    if status in AGAIN:
        raise _Dropped(f"the server answers {answer}")
    if status in (401, 403):
        raise UserError(f"{shown}: the server refuses it ({answer}), perhaps for want of a login or a form; {BY_HAND}")
    if status in (404, 410):
        raise UserError(f"{shown}: there is no such file ({answer}); check the address")
    if status not in (200, 206, 416):
        raise UserError(f"{shown}: the server answers {answer} in place of the file; {BY_HAND}")
    if response.headers.get("Content-Type", "").lower().startswith(("text/html", "application/xhtml")):
        raise UserError(_no_file(shown, "a web page"))


def _no_file(shown: str, what: str) -> str:
    hint = ", such as a login or a form" if what == "a web page" else ""
    return f"{shown}: {what} came in place of the file{hint}; {BY_HAND}"


def _told(response: requests.Response, address: str) -> _State:
    """What the headers of an answer say of the file."""
    headers = response.headers
    etag = headers.get("ETag", "")
    # A weak ETag promises the same meaning, not the same bytes, so it cannot join two pieces.
    validator = etag if etag.startswith('"') else headers.get("Last-Modified")
    length = headers.get("Content-Length", "")
    if response.status_code == 206:
        length = headers.get("Content-Range", "").rpartition("/")[2]
    elif "Transfer-Encoding" in headers:
        length = ""
    size = int(length) if re.fullmatch(r"[0-9]{1,18}", length) else None
    return _State(_shown(address), _file_name(response, address), validator, size)


def _continued(response: requests.Response, place: _Place, state: _State | None, told: _State, decode: bool) -> _State:
    """The state of a piece that continues the one at hand; _Dropped, with nothing kept, where it does not."""
    starts = re.match(r"bytes ([0-9]{1,18})-", response.headers.get("Content-Range", ""))
    if state and starts and int(starts[1]) == place.came() and not decode:
        sizes = {state.size, told.size} - {None}
        if told.validator in (None, state.validator) and len(sizes) <= 1:
            return replace(state, size=state.size or told.size)
    place.part.unlink(missing_ok=True)
    raise _Dropped("the file on the server changed, or the server sends another piece than asked for")


def _decoded(response: requests.Response, name: str, shown: str) -> bool:
    """Whether the bytes are to be unpacked on their way: packed by the server, though that was not asked for."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise UserError(f"{shown}: the server sends the file packed as {encoding}, which is not read here; {BY_HAND}")
    # Some servers call a stored .gz file so; it is kept as it is.
    return encoding in ("gzip", "x-gzip") and not name.lower().endswith(".gz")


def _check_room(folder: Path, size: int | None, came: int, shown: str) -> None:
    free = shutil.disk_usage(folder).free
    if size is not None and size - came > free:
        raise UserError(f"{shown}: needs {size - came:,} bytes, but the disk of {folder} has {free:,} left; make room")


def _file_name(response: requests.Response, address: str) -> str:
    """A plain file name: from the server, else the address asked for, else the one it led to. Never leaves a folder."""
    message = Message()
    message["Content-Disposition"] = response.headers.get("Content-Disposition", "")
    paths = (unquote(urlsplit(url).path, errors="replace") for url in (address, response.url))
    try:
        given = message.get_filename()
    except (LookupError, ValueError):  # a character set that there is not
        given = None
    names = []
    for name in (given or "", *paths):
        last = re.sub(r"[^A-Za-z0-9_.()+ -]", "_", PurePosixPath(name.replace("\\", "/")).name)[-120:].strip(" .-")
        names += [last] if last else []
    known = (name for name in names if name.lower().endswith(KNOWN))
    return next(known, names[0] if names else "data")


def _cause(error: BaseException) -> object:
    """What urllib3 says behind an error of requests."""
    inner = error.args[0] if error.args else None
    return getattr(inner, "reason", inner)


def _reason(error: BaseException) -> str:
    """An error in a few words, without the addresses of objects."""
    cause = _cause(error)
    # A connection refused counts as a timeout in urllib3, so it comes first.
    if isinstance(cause, urllib3.exceptions.NewConnectionError):
        return f"no connection ({str(cause).rpartition('] ')[2]})"
    timeouts = (requests.Timeout, urllib3.exceptions.TimeoutError)
    if isinstance(error, timeouts) or isinstance(cause, timeouts):
        return SILENT
    if isinstance(error, urllib3.exceptions.ProtocolError) or isinstance(cause, urllib3.exceptions.ProtocolError):
        return "the connection broke off"
    said = re.sub(r"<[^>]*>:? ?", "", without_secrets(str(cause or error)))
    return said.strip()[:200] or type(error).__name__


def _say(text: str) -> None:
    """A line where there is no terminal for a bar."""
    if not sys.stderr.isatty():
        print(printable(text), file=sys.stderr)
