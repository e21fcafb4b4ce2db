"""Fixtures of the input tests: a web server on loopback."""

from __future__ import annotations

import threading

import pytest

from tests.dataset.input.http_site import Site


@pytest.fixture
def site():
    made = Site()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.ended.set()
    made.shutdown()
    made.server_close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
