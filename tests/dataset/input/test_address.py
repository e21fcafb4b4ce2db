from __future__ import annotations

import pytest

from analysis.dataset.input.address import mistyped, shown, without_secrets


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("https://me:pw@host.org/a/b.csv?token=1#sha256=2", "https://host.org/a/b.csv"),
        ("https://me:p@w@host.org:8080/a.csv", "https://host.org:8080/a.csv"),
        ("https://me:p/w@host.org/a.csv", "https://..."),
        ("https://me:p#w@host.org/a.csv", "https://..."),
        ("https://host.org/a@b/c.csv", "https://host.org/a@b/c.csv"),
        ("  HTTP://host.org/a.csv?x", "HTTP://host.org/a.csv"),
        ("/flows#1/a?.csv", "/flows#1/a?.csv"),
        ("flows/a://b.csv", "flows/a://b.csv"),
    ],
)
def test_secrets_of_an_address_are_not_shown(data, text):
    assert shown(data) == text


def test_secrets_are_taken_out_of_a_message():
    said = "Invalid URL 'https://me:pw@host/a?token=1': exceeded with url: /a/b.csv?token=1 (tried)"
    assert without_secrets(said) == "Invalid URL 'https://host/a': exceeded with url: /a/b.csv (tried)"


@pytest.mark.parametrize(
    "path",
    ["http:/me:s3cret@host.org/flows.zip", "/me:s3cret@host.org/flows.zip", "me:x@host.org/flows.zip?token=s3cret"],
)
def test_a_mistyped_address_shows_no_secret(path: str) -> None:
    told = mistyped(path)
    assert "s3cret" not in told
    assert "host.org/flows.zip" in told
    assert mistyped("data/Monday?.csv") == "data/Monday?.csv"
