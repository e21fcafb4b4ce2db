from __future__ import annotations

import pytest

from analysis.dataset.input.address import shown, without_secrets


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
