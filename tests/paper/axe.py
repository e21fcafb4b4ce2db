"""What axe-core, the common checker of accessibility, finds in the state in which a page is."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.paper.chromium import Chromium, executable

PACKAGE = "axe_playwright_python"
"""Of it only the file of axe-core is read: what drives the browser here is ``tests.paper.chromium``."""
RUN = """axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations.flatMap(one =>
  one.nodes.map(node => `${one.id}: ${node.target.join(" ")}: ${node.failureSummary.replace(/\\s+/g, " ")}`)))"""


def source() -> Path | None:
    """The file of axe-core, where it is installed."""
    found = importlib.util.find_spec(PACKAGE)
    folders = found.submodule_search_locations if found else None
    return Path(folders[0], "axe.min.js") if folders else None


def needed() -> pytest.MarkDecorator:
    """Skips a test, with a reason, where there is no Chromium or no axe-core."""
    missing = "Chromium on PATH" if executable() is None else "axe-core installed ('make test' installs it)"
    return pytest.mark.skipif(executable() is None or source() is None, reason=f"no {missing}: the page is not checked")


def found(browser: Chromium) -> list[str]:
    """Everything that is wrong on the page as it is now: rule, element, and what would mend it; of all axe's rules."""
    path = source()
    assert path is not None
    if not browser.value("typeof axe === 'object'"):
        browser.value(f"{path.read_text(encoding='utf-8')}; 0")
    return [str(one) for one in browser.value(RUN)]
