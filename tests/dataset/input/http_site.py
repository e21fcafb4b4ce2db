"""A web server on loopback that misbehaves as told: stalls, drops connections, redirects, sends the wrong piece."""

from __future__ import annotations

import hashlib
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from analysis.dataset.input.fetch import fetch
from analysis.errors import UserError

CONTENT = b"Destination Port,Label\n" + b"".join(b"%d,BENIGN\n" % i for i in range(60_000))
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Site(ThreadingHTTPServer):
    """Answers each request with the next act of ``script``, and with ``ranges`` after the last."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Visit)
        self.script, self.content, self.etag = [], CONTENT, '"one"'
        self.asked = []
        self.ended = threading.Event()

    def url(self, path="/flows.csv"):
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def handle_error(self, *_):
        """A client that went away is no error here."""


class Visit(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Range")))
        (self.server.script.pop(0) if self.server.script else ranges)(self)

    def log_message(self, *_):
        pass

    def begin(self, status=200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()


def whole(visit, content=None, **headers):
    content = visit.server.content if content is None else content
    visit.begin(**{"Content_Length": len(content), "ETag": visit.server.etag} | headers)
    visit.wfile.write(content)


def ranges(visit, stop=None, **headers):
    content = visit.server.content
    asked = re.fullmatch(r"bytes=(\d+)-", visit.headers.get("Range", ""))
    if not asked or visit.headers.get("If-Range") != visit.server.etag:
        return whole(visit, **headers)
    start = int(asked[1])
    if start >= len(content):
        return visit.begin(416, Content_Range=f"bytes */{len(content)}", Content_Length=0)
    told = {"Content_Range": f"bytes {start}-{len(content) - 1}/{len(content)}", "ETag": visit.server.etag}
    visit.begin(206, **told | {"Content_Length": len(content) - start} | headers)
    visit.wfile.write(content[start:stop])


def cut(at, **headers):
    """The whole is promised, ``at`` bytes come, and the connection ends."""

    def act(visit):
        visit.begin(**{"Content_Length": len(visit.server.content), "ETag": visit.server.etag} | headers)
        visit.wfile.write(visit.server.content[:at])

    return act


def stall(at):
    """The whole is promised, ``at`` bytes come, and then nothing."""

    def act(visit):
        cut(at)(visit)
        visit.wfile.flush()
        visit.server.ended.wait(5)

    return act


def redirect(to):
    return lambda visit: visit.begin(302, Location=to, Content_Length=0)


def status(code, content=b"<html>no"):
    def act(visit):
        visit.begin(code, Content_Length=len(content), Content_Type="text/html")
        visit.wfile.write(content)

    return act


def get(site, folder, path="/flows.csv", **options):
    return fetch(site.url(path), folder, **{"timeout": 0.3, "tries": 3, "pause": 0.01} | options)


def fails(site, folder, message, path="/flows.csv", **options):
    with pytest.raises(UserError, match=message) as error:
        get(site, folder, path, **options)
    text = str(error.value)
    assert text.startswith(site.url(path).partition("#")[0])
    assert not re.search(r"\n|0x[0-9a-f]{6}|Error\(", text)
    return text


def parts(folder):
    return [path.read_bytes() for path in folder.glob("*.part")]
