"""How long a build's pages take to open in headless Chromium: ``python -m benchmarks.opening --build twin --runs 5``.

Each run is a browser of its own, with nothing in its cache but what the system has read before. Times are the page's
own, from the start of its loading. Nothing here is a test.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from statistics import median

from analysis.command import run
from analysis.errors import UserError
from tests.paper.chromium import Chromium, executable

PAGES = ("paper.html", "audit.html")
WIDTHS = (1200, 390)
# A number is clicked once the page is loaded, or, where there are none, a folded part; what then shows was painted.
OPENED = """(async () => {
  const paints = new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  const number = document.querySelector("a.val"), part = document.querySelector("summary");
  (number || part).click();
  await paints;
  if (number && !document.getElementById("card").matches(":popover-open")) throw new Error("no card has opened");
  const usable = performance.now(), [page] = performance.getEntriesByType("navigation");
  // Noted a little later.
  const painted = () => performance.getEntriesByName("first-contentful-paint")[0];
  for (let i = 0; i < 500 && !painted(); i += 1) await new Promise(done => setTimeout(done, 10));
  const first = painted();
  // A paint is noted when it shows, which may be after what was clicked is open.
  return { first: first.startTime, loaded: page.loadEventEnd, usable: Math.max(usable, first.startTime) }; })()"""
TITLES = {"first": "first painted", "loaded": "loaded", "usable": "usable"}


def step(*, build: str = "twin", runs: int = 5) -> None:
    """Open the pages of ``results/<build>`` on a wide screen and on a phone, and print seconds: median and range."""
    results = Path("results") / build
    missing = [name for name in PAGES if not (results / name).is_file()]
    if missing:
        raise UserError(f"opening: there is no {results / missing[0]}; build it first, as in make paper BUILD={build}")
    if executable() is None:
        raise UserError("opening: there is no Chromium on PATH, which opens the pages")
    if runs < 1:
        raise UserError(f"opening: RUNS={runs} is not a number of runs")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before; seconds, median of {runs} (range)")
    for name in PAGES:
        size = (results / name).stat().st_size / 1e6
        for width in WIDTHS:
            found = [opened(results / name, width) for _ in range(runs)]
            told = [f"{title} {_said([one[key] for one in found])}" for key, title in TITLES.items()]
            print(f"{name} ({size:.1f} MB), {width} pixels wide: {', '.join(told)}", flush=True)


def opened(page: Path, width: int) -> dict[str, float]:
    """Seconds until a page is first painted, loaded, and until what was then clicked is open, in a fresh browser."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, Chromium(Path(folder)) as browser:
        browser.open(page, width)
        return {key: float(one) / 1000 for key, one in browser.value(OPENED).items()}


def _said(seconds: list[float]) -> str:
    return f"{median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f})"


if __name__ == "__main__":
    run(step)
