"""The gate sees what no reader should see, and lets pass what is meant."""

from __future__ import annotations

import pytest

from paper import gate

SEEN = (
    "See ?@fig-x.", "Table ??", "?var:x", "text {.val}", "{{< var x >}}", "(<strong>doe2019?</strong>)", "mean nan",
    "value None", "np.float64(0.9)", "<td>NaN</td>", '<script src="https://example.org/a.js"></script>',
    '<link rel="stylesheet" href="//example.org/a.css">', '<img src="http://example.org/a.png">',
    "<style>@import 'https://example.org/a.css'</style>", '<p style="background: url(https://example.org/a.png)">x</p>',
)  # fmt: skip
PASSED = (
    "Who asked this? Nobody (really).", '<a href="https://example.org">link</a>', "<code>max_depth=None</code>",
    "None of these", "a finance word", "<code>np.nan</code>", '<img src="data:image/svg+xml;base64,AAA?">',
    "<style>a { background: url(data:image/png;base64,AA) }</style>", "nan-free", "banana",
)  # fmt: skip


@pytest.mark.parametrize("text", SEEN)
def test_seen(text: str) -> None:
    assert len(gate.check_html(f"<p>{text}</p>")) >= 1


@pytest.mark.parametrize("text", PASSED)
def test_passed(text: str) -> None:
    assert gate.check_html(f"<p>{text}</p>") == []


def test_a_problem_is_shown_with_what_stands_around_it() -> None:
    (line,) = gate.check_html("<p>The figure</p><p>is ?@fig-x in the text</p>")
    assert line == "paper.html: an unresolved reference, '?@fig-x', in '…The figure is ?@fig-x in the text…'"


@pytest.mark.parametrize(("text", "problems"), [("fine `??` (really)", 0), ("see ?\\@fig-x", 1), ("\\(doe2019?)", 1)])
def test_typst_source(text: str, problems: int) -> None:
    assert len(gate.check_typst("// ?? before\n#show: doc => article(\n)\n" + text)) == problems
