from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import UserError
from analysis.printable import printable


def test_what_moves_the_cursor_or_does_not_show_is_escaped():
    assert printable("a\x1b[2J\r\n\x9b\u202e\u200b\U000e0001b") == r"a\x1b[2J\r\n\x9b\u202e\u200b\U000e0001b"
    assert printable("Größe 流量 поток تدفق 😀 – ok") == "Größe 流量 поток تدفق 😀 – ok"


@given(st.text())
def test_nothing_but_printable_letters_is_left(text):
    assert printable(text).isprintable()
    assert printable(printable(text)) == printable(text)


def test_a_message_keeps_its_own_line_ends_and_nothing_else():
    assert str(UserError("flows\x1b]0;x\x07.csv: wrong\n  mend it")) == "flows\\x1b]0;x\\x07.csv: wrong\n  mend it"
