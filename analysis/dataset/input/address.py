"""An http(s) address as it may be shown, kept and published: without what may be a secret."""

from __future__ import annotations

import re

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")

UNREADABLE = "{}://..."
"""What is shown of an address with a '/', '?' or '#' in its password, of which nobody can say where it ends."""


def is_address(data: str) -> bool:
    """Whether data are given by an address, and not by a path."""
    return SCHEME.match(data.strip()) is not None


def shown(data: str) -> str:
    """Where data come from; of an address without user and password, query and fragment. A path is left as it is."""
    if not is_address(data):
        return data
    scheme, _, rest = data.strip().partition("://")
    authority = re.split(r"[/?#]", rest)[0]
    path = re.split(r"[?#]", rest[len(authority) :])[0]
    host = authority.rpartition("@")[2]
    if "@" in rest[len(authority) :] and not re.fullmatch(r"[^:]*(:\d*)?|\[.*\](:\d*)?", host):
        return UNREADABLE.format(scheme)
    return f"{scheme}://{host}{path}"


def mistyped(path: str) -> str:
    """A path that is not there, as it may be shown: it may be an address that lacks a character, with its secrets."""
    return re.sub(r"\?[^/]*=.*", "?...", re.sub(r"[^/]*:[^/]*@", "...@", path))


def without_secrets(text: str) -> str:
    """A message in which addresses stand as they may be shown."""
    text = re.sub(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"<>]+", lambda found: shown(found[0]), text)
    return re.sub(r"(?<=/)([^\s?'\"<>]*)\?[^\s'\"<>)]+", r"\1", text)
