"""Shared by the input tests: a web server on loopback, and contents read in pieces."""

from __future__ import annotations

import threading

import pytest

from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.reading import Part, parse
from analysis.dataset.release import Release
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


def parsed(content: bytes, flow_file: FlowFile, size: int | None = None, release: Release | None = None) -> Part:
    """The flows of a file with this content, read in pieces of ``size`` bytes (Parquet: rows) or more."""
    step = size or len(content) + 1
    return parse((content[at : at + step] for at in range(0, len(content), step)), flow_file, size, release)
