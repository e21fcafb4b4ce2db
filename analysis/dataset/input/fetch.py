"""Fetching flows from an http(s) address: resumed where it broke off, verified, renamed when whole, then kept.

Tries are counted here and not by urllib3: what came since the last one counts, and the next asks for the rest only.
"""

from __future__ import annotations

import errno
import re
import shutil
import sys
import time
from pathlib import Path

import requests
from tqdm import tqdm

from analysis.dataset.input.address import UNREADABLE
from analysis.dataset.input.address import shown as as_shown
from analysis.dataset.input.download import BY_HAND, CHUNK, Dropped, Place, State
from analysis.dataset.input.server import Session, check, continued, errors_explained, told
from analysis.errors import UserError
from analysis.printable import printable

MOST_UNTOLD = 20_000_000_000
"""Bytes of a file of which the server does not tell the length; the largest release has under a third of it."""


def fetched(url: str, folder: Path) -> Path | None:
    """The file at ``url`` where it was fetched into ``folder`` before, without the network; else None."""
    place = Place(url.strip().partition("#")[0], folder)
    state = place.whole()
    return place.file(state) if state else None


def fetch(url: str, folder: Path, *, timeout: float = 30, tries: int = 5, pause: float = 1) -> Path:
    """The file at ``url``, from ``folder`` where it was fetched before, and else over the network.

    The sum it must have may stand in the address: ``#sha256=<hex>``. ``timeout`` is the number of seconds without
    any byte; after ``tries`` failures in a row without progress, ``pause`` seconds and then twice as long apart, it is
    a UserError, as is everything else that goes wrong. What came so far is kept for the next time.
    """
    address, _, fragment = url.strip().partition("#")
    shown = as_shown(address)
    wanted = fragment.removeprefix("sha256=").lower() if fragment.startswith("sha256=") else None
    if wanted is not None and not re.fullmatch(r"[0-9a-f]{64}", wanted):
        raise UserError(f"{shown}: a SHA-256 has 64 hexadecimal digits; correct the one given")
    if not re.match("https?://", address, re.IGNORECASE):
        raise UserError(f"{shown}: data come from http:// and https:// addresses and from paths; {BY_HAND}")
    if shown == UNREADABLE.format(address.partition("://")[0]):
        raise UserError("data: the address has a password with '/', '?' or '#' in it; write these as %2F, %3F and %23")
    place = Place(address, folder)
    try:
        state = place.whole() or _fetch(address, place, timeout, tries, pause)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UserError(f"{shown}: the disk of {folder} is full; make room, then go on from what came") from None
        raise UserError(f"{shown}: {folder} cannot be used ({error.strerror}); check its permissions") from None
    path = place.file(state)
    if wanted not in (None, state.sha256):
        raise UserError(
            f"{path}: its SHA-256 is {state.sha256} but {wanted} was asked for; correct the sum if it is wrong, "
            "and else remove the file to fetch it again"
        )
    return path


def _fetch(address: str, place: Place, timeout: float, tries: int, pause: float) -> State:
    """Try until the file is whole; tries count anew whenever more has come than ever before."""
    shown = as_shown(address)
    place.folder.mkdir(parents=True, exist_ok=True)
    with place.alone(shown), Session() as session:
        if state := place.whole():  # another process was quicker
            return state
        _say(f"fetching {shown}")
        best, failures = place.came(), 0
        while True:
            try:
                state = _once(session, address, place, timeout)
                break
            except Dropped as error:
                failures = 1 if place.came() > best else failures + 1
                best = max(best, place.came())
                if failures >= tries:
                    known, came = place.state(), place.came()
                    kept = f" ({came:,} bytes are kept to go on from)" if came and known and known.validator else ""
                    raise UserError(f"{shown}: {error}, {tries} times in a row; try again later{kept}") from None
                wait = pause * 2 ** (failures - 1)
                print(printable(f"{shown}: {error}; again in {wait:g} s"), file=sys.stderr)
                time.sleep(wait)
        _say(f"fetched {shown}: {state.size:,} bytes")
        return state


def _once(session: Session, address: str, place: Place, timeout: float) -> State:
    """One request, from where the last one broke off; Dropped where another may do better."""
    shown = as_shown(address)
    state, came = place.state(), place.came()
    if state and came and came == state.size:  # ended between the last byte and the new name
        return place.finish(state, shown)
    headers = {"Accept-Encoding": "identity", "User-Agent": "flowpaper"}
    if state and came and state.validator:
        headers |= {"Range": f"bytes={came}-", "If-Range": state.validator}
    with (
        errors_explained(shown, timeout),
        session.get(address, headers=headers, stream=True, timeout=timeout) as response,
    ):
        check(response, shown)
        if response.status_code == 416:
            place.part.unlink(missing_ok=True)
            raise Dropped("the server has no such piece of the file")
        state, packed = told(response, address)
        if response.status_code == 206:
            state = continued(response, place, state, packed)
        else:
            place.part.unlink(missing_ok=True)
            place.note(state)
        _write(response, place, state, packed)
    if state.size is not None and place.came() != state.size:
        raise Dropped(f"the connection ended after {place.came():,} of {state.size:,} bytes")
    return place.finish(state, shown)


def _write(response: requests.Response, place: Place, state: State, packed: bool) -> None:
    """Append what comes to the part that is there, with a bar on a terminal."""
    came, free = place.came(), shutil.disk_usage(place.folder).free
    if state.size is not None and (needed := state.size - came) > free:
        raise UserError(
            f"{state.url}: needs {needed:,} bytes, but the disk of {place.folder} has {free:,} left; make room"
        )
    bar = tqdm(desc=state.name, total=state.size, initial=came, unit="B", unit_scale=True, disable=None)
    with place.part.open("ab") as file, bar:
        # read1 gives what is there; read would hold bytes back until a chunk is full, and lose them in a stall.
        while chunk := response.raw.read1(CHUNK, decode_content=packed):
            file.write(chunk)
            bar.update(len(chunk))
            if state.size is None and file.tell() > MOST_UNTOLD:
                place.part.unlink()
                raise UserError(
                    f"{state.url}: over {MOST_UNTOLD:,} bytes came, of a length that is not told; {BY_HAND}"
                )


def _say(text: str) -> None:
    """A line where there is no terminal for a bar."""
    if not sys.stderr.isatty():
        print(printable(text), file=sys.stderr)
