"""A web server: the redirects that are followed, and what its answers and the errors of the connection mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.message import Message
from pathlib import PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

import requests
import urllib3

from analysis.dataset.input.address import shown, without_secrets
from analysis.dataset.input.download import BY_HAND, Dropped, Place, State, no_file
from analysis.dataset.input.packed import ARCHIVES, PACKINGS
from analysis.errors import UserError

MAX_REDIRECTS = 10
KNOWN = (".csv", ".parquet", *PACKINGS, *ARCHIVES)
AGAIN = (408, 429, 500, 502, 503, 504)
"""Answers that may be other ones a little later."""


class Session(requests.Session):
    """Follows ten redirects at most, and none from https to http."""

    def __init__(self) -> None:
        super().__init__()
        self.max_redirects = MAX_REDIRECTS

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Where an answer leads to; UserError where that is less safe."""
        target = super().get_redirect_target(resp)
        if target and urlsplit(resp.url).scheme == "https" and urlsplit(urljoin(resp.url, target)).scheme == "http":
            raise UserError(f"{shown(resp.url)}: the server redirects from https to http, which is not safe; {BY_HAND}")
        return target


@contextmanager
def errors_explained(where: str, timeout: float) -> Iterator[None]:
    """Turns errors of the connection into Dropped, or into a UserError where another try does no better."""
    try:
        yield
    except requests.TooManyRedirects:
        raise UserError(f"{where}: the server redirects more than {MAX_REDIRECTS} times; {BY_HAND}") from None
    except requests.exceptions.SSLError as error:
        raise UserError(f"{where}: no trusted connection ({_reason(error, timeout)}); {BY_HAND}") from None
    except (requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError) as error:
        if isinstance(cause := _cause(error), urllib3.exceptions.NameResolutionError):
            host = re.search(r"resolve '([^']*)'", str(cause))
            name = host[1] if host else ""
            raise UserError(f"{where}: there is no host {name}, or no network; check the address") from None
        raise Dropped(_reason(error, timeout)) from None
    except (requests.RequestException, ValueError) as error:
        raise UserError(f"{where}: this address cannot be used ({_reason(error, timeout)}); check it") from None


def check(response: requests.Response, where: str) -> None:
    """UserError for an answer that is not the file; Dropped for one that may be another one later."""
    status = response.status_code
    answer = f"{status} {response.reason or ''}".strip()
    if status in AGAIN:
        raise Dropped(f"the server answers {answer}")
    if status in (401, 403):
        raise UserError(f"{where}: the server refuses it ({answer}), perhaps for want of a login or a form; {BY_HAND}")
    if status in (404, 410):
        raise UserError(f"{where}: there is no such file ({answer}); check the address")
    if status not in (200, 206, 416):
        raise UserError(f"{where}: the server answers {answer} in place of the file; {BY_HAND}")
    if response.headers.get("Content-Type", "").lower().startswith(("text/html", "application/xhtml")):
        raise no_file(where, "a web page")


def told(response: requests.Response, address: str) -> tuple[State, bool]:
    """What an answer says of the file, and whether its bytes are to be unpacked on their way."""
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
    state = State(shown(address), file_name(response, address), validator, size)
    encoding = headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise UserError(f"{state.url}: the server sends it packed as {encoding}, which is not read here; {BY_HAND}")
    # Some servers call a stored .gz file so; it is kept as it is.
    if encoding in ("gzip", "x-gzip") and not state.name.lower().endswith(".gz"):
        # The sizes told are those of the packed form, and no part of it can be asked for.
        return replace(state, validator=None, size=None), True
    return state, False


def continued(response: requests.Response, place: Place, found: State, packed: bool) -> State:
    """The state of a piece that continues what came; Dropped, with nothing kept, where it does not."""
    state = place.state()
    starts = re.match(r"bytes ([0-9]{1,18})-", response.headers.get("Content-Range", ""))
    if state and starts and int(starts[1]) == place.came() and not packed:
        sizes = {state.size, found.size} - {None}
        if found.validator in (None, state.validator) and len(sizes) <= 1:
            return replace(state, size=state.size or found.size)
    place.part.unlink(missing_ok=True)
    raise Dropped("the file on the server changed, or the server sends another piece than asked for")


def file_name(response: requests.Response, address: str) -> str:
    """A plain file name: from the server, else the address asked for, else the one it led to. Never leaves a folder."""
    message = Message()
    message["Content-Disposition"] = response.headers.get("Content-Disposition", "")
    try:
        given = message.get_filename() or ""
    except (LookupError, ValueError):  # a character set that there is not
        given = ""
    names = []
    for name in (given, *(unquote(urlsplit(url).path, errors="replace") for url in (address, response.url))):
        last = re.sub(r"[^A-Za-z0-9_.()+ -]", "_", PurePosixPath(name.replace("\\", "/")).name)[-120:].strip(" .-")
        names += [last] if last else []
    known = (name for name in names if name.lower().endswith(KNOWN))
    return next(known, names[0] if names else "data")


def _cause(error: BaseException) -> object:
    """What urllib3 says behind an error of requests."""
    inner = error.args[0] if error.args else None
    return getattr(inner, "reason", inner)


def _reason(error: BaseException, timeout: float) -> str:
    """An error in a few words, without the addresses of objects."""
    cause = _cause(error)
    # A connection refused counts as a timeout in urllib3, so it comes first.
    if isinstance(cause, urllib3.exceptions.NewConnectionError):
        return f"no connection ({str(cause).rpartition('] ')[2]})"
    for one in (error, cause):
        if isinstance(one, (requests.Timeout, urllib3.exceptions.TimeoutError)):
            return f"the server sent nothing for {timeout:g} s"
        if isinstance(one, urllib3.exceptions.ProtocolError):
            return "the connection broke off"
    said = re.sub(r"<[^>]*>:? ?", "", without_secrets(str(cause or error)))
    return said.strip()[:200] or type(error).__name__
