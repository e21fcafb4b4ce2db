"""Whether anything on a page moves by itself while it is read: the browser's own record of layout shifts."""

from __future__ import annotations

from tests.paper.chromium import Chromium

# All that moved since the page began to load, each with what moved. What the browser would forgive, since a reader did
# something shortly before, counts as well: a change of the window's size, as here before each page, is such a deed.
SEEN = """new Promise(done => { const seen = [];
  new PerformanceObserver(list => seen.push(...list.getEntries())).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(seen.map(one => `${one.value.toFixed(5)}: ${one.sources.map(({ node }) =>
    node && (node.id || node.className || node.nodeName)).join(", ")}`)), 200); })"""
# Down to the end, a screen at a time, as a reader goes; pictures and entries are read and laid out on the way.
READ = """(async () => { const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  for (let i = 0; i < 500; i += 1) { const before = scrollY; scrollBy(0, innerHeight * .9);
    await frame(); await frame();
    if (scrollY === before) break; }
  return scrollY; })()"""


def shifts(browser: Chromium) -> list[str]:
    """What moved on the page so far, a line each: how far (of 1), and what."""
    return [str(one) for one in browser.value(SEEN)]
