"""A headless Chromium that is asked what a page looks like, over its debugging pipe."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

# Seconds without a word after which a browser is taken to hang, on however busy a machine.
PATIENCE = 600
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable() -> str | None:
    """The first Chromium on PATH."""
    return next((found for found in map(shutil.which, NAMES) if found), None)


def needed() -> pytest.MarkDecorator:
    """Skips a test, with a reason, where there is no Chromium."""
    return pytest.mark.skipif(executable() is None, reason="no Chromium on PATH: the page cannot be measured")


class Chromium:
    """One page in one browser: ``with Chromium(folder) as browser: browser.open(path, width=390)``."""

    def __init__(self, folder: Path) -> None:
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        # The browser reads descriptor 3 and writes descriptor 4; a shell puts ours there.
        program = f'exec 3<&{to_browser} 4>&{from_browser}; exec "$@"'
        command = [str(executable()), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                   "--disable-background-networking", "--no-first-run", f"--user-data-dir={folder / 'profile'}",
                   "--remote-debugging-pipe", "about:blank"]  # fmt: skip
        self._process = subprocess.Popen(
            ["bash", "-c", program, "bash", *command],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._number, self._rest, self._session = 0, b"", ""
        self.messages: list[str] = []

    def __enter__(self) -> Self:
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self._ask(f"{domain}.enable")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._in)
        os.close(self._out)

    def open(self, path: Path, width: int, *, height: int = 844, dark: bool = False, media: str = "screen") -> None:
        """Show the file on a screen so many pixels wide; ``messages`` then holds what the browser complained of."""
        self.messages = []
        self._ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=True)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._ask("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self._ask("Page.navigate", url=path.resolve().as_uri())
        self._wait("Page.loadEventFired")

    def value(self, expression: str) -> Any:
        """What a JavaScript expression gives on the page."""
        answer = self._ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key: str, *, shift: bool = False) -> None:
        """Press a key that moves the focus, such as Tab."""
        code = {"Tab": 9}[key]
        for kind in ("keyDown", "keyUp"):
            self._ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                      modifiers=8 if shift else 0)  # fmt: skip

    def picture(self, path: Path) -> None:
        """Save what the screen shows as PNG."""
        path.write_bytes(base64.b64decode(self._ask("Page.captureScreenshot", format="png")["data"]))

    def version(self) -> int:
        """The main number of the browser's version."""
        return int(self._ask("Browser.getVersion")["product"].partition("/")[2].partition(".")[0])

    def printed(self) -> bytes:
        """The page as the browser prints it, a PDF of the size that the page asks for."""
        return base64.b64decode(self._ask("Page.printToPDF", preferCSSPageSize=True)["data"])

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        message |= {"sessionId": self._session} if self._session else {}
        os.write(self._out, json.dumps(message).encode() + b"\0")
        answer = self._wait(None)
        assert "error" not in answer, answer
        return answer["result"]

    def _wait(self, event: str | None) -> dict[str, Any]:
        """The answer to the last question, or an event; what the browser says meanwhile is kept."""
        while True:
            while b"\0" not in self._rest:
                assert select.select([self._in], [], [], PATIENCE)[0], "Chromium does not answer"
                chunk = os.read(self._in, 1 << 16)
                assert chunk, "Chromium ended"
                self._rest += chunk
            head, self._rest = self._rest.split(b"\0", 1)
            message = json.loads(head)
            if message.get("method") == "Log.entryAdded":
                self.messages.append(message["params"]["entry"]["text"])
            if message.get("id") == self._number if event is None else message.get("method") == event:
                return message
