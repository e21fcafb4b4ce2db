"""Fills a fresh environment with the locked libraries, and says how far it is. Needs nothing but Python itself."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

from analysis.errors import UserError, run

QUIET = 10.0
"""Seconds between two lines where the output is no terminal."""


def fill(lock: Path, log: Path) -> None:
    """Install what ``lock`` names, and nothing else, into the environment of this Python; ``log`` keeps what pip says.

    UserError with pip's last words where it fails.
    """
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input",
               "--progress-bar=off", "--no-deps", "--require-hashes", "-r", str(lock)]  # fmt: skip
    started, show = time.monotonic(), Progress(sys.stderr.isatty())
    with log.open("w", encoding="utf-8") as said:
        pip = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        try:
            while pip.poll() is None:
                time.sleep(0.5)
                show(state(log.read_text(encoding="utf-8", errors="replace"), _installed()))
        finally:
            pip.kill()
    show.end()
    if pip.returncode:
        last = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()][-8:]
        raise UserError("the environment could not be made; pip's last words:\n  " + "\n  ".join(last))
    print(f"the environment is ready, after {time.monotonic() - started:.0f} s", file=sys.stderr)


def state(said: str, installed: set[str]) -> str:
    """How far pip is, by what it ``said`` and the libraries ``installed``, of which it may have found some there."""
    found = re.search(r"^Installing collected packages: (.*)", said, re.M)
    if found:
        wanted = {_plain(name) for name in found[1].split(",")}
        return f"{len(wanted & installed)} of {len(wanted)} libraries installed"
    return f"{len(re.findall(r'^Collecting ', said, re.M))} libraries fetched"


def _installed() -> set[str]:
    """Names of the libraries in this environment."""
    return {_plain(path.name.split("-")[0]) for path in Path(sysconfig.get_path("purelib")).glob("*.dist-info")}


def _plain(name: str) -> str:
    """A library's name as all its spellings have it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


class Progress:
    """Shows a line that changes: in its place on a terminal, elsewhere anew, but not often."""

    def __init__(self, terminal: bool) -> None:
        self.terminal, self.last, self.at = terminal, "", time.monotonic()

    def __call__(self, line: str) -> None:
        """Show the line if it is another one and it is time."""
        now = time.monotonic()
        if line != self.last and (self.terminal or now - self.at >= QUIET):
            print(f"\r\033[K  {line}" if self.terminal else f"  {line}", end="" if self.terminal else "\n",
                  file=sys.stderr, flush=True)  # fmt: skip
            self.last, self.at = line, now

    def end(self) -> None:
        """Leave no half line on a terminal."""
        if self.terminal and self.last:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    run(lambda: fill(Path(sys.argv[1]), Path(sys.prefix, "made.log")))
