from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.record import MISSING, Value, show, snake


@pytest.mark.parametrize(
    ("value", "rule", "text"),
    [
        (0.9189, "fixed:3", "0.919"),
        (-0.25, "fixed:2", "−0.25"),
        (-0.0004, "fixed:3", "0.000"),
        (2830743, "integer", "2,830,743"),
        (0.197, "percent:1", "19.7%"),
        (0.00123, "percent:2", "0.12%"),
        (-1234567.8, "significant:3", "−1.23×10⁶"),
        (999999.9, "significant:3", "1.00×10⁶"),
        (12.3456, "significant:3", "12.3"),
        (0.000012, "significant:2", "1.2×10⁻⁵"),
        (0, "significant:3", "0"),
        (0.0, "p", "<\u202f10⁻³⁰⁰"),
        (1e-7, "p", "<\u202f10⁻⁶"),
        (0.0432, "p", "0.043"),
        (["a"], "list", "a"),
        (["a", "b", "c"], "list", "a, b and c"),
        ([], "list", "none"),
        (True, "text", "yes"),
        (None, "fixed:3", MISSING),
    ],
)
def test_text_of_a_value(value, rule, text):
    assert show(value, rule) == text


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_are_refused(value):
    with pytest.raises(ValueError, match="not finite"):
        show(value, "fixed:3")


def test_an_unknown_rule_names_the_known_ones():
    with pytest.raises(ValueError, match="fixed"):
        show(1, "decimals:3")


@given(st.floats(-1e12, 1e12), st.integers(1, 6))
def test_significant_digits_keep_the_value(value, digits):
    text = show(value, f"significant:{digits}").replace("−", "-").replace(",", "")
    mantissa, _, power = text.partition("×10")
    exponent = int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0)
    assert float(mantissa) * 10.0**exponent == pytest.approx(value, rel=0.5 * 10 ** (1 - digits) + 1e-9, abs=1e-300)


@given(st.floats(0, 1))
def test_a_p_value_is_never_shown_as_zero_and_its_bound_holds(p):
    text = show(p, "p")
    assert text != "0.000"
    if text.startswith("<"):
        assert p < 10.0 ** int(text.partition("10")[2].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))


def test_fractions_have_percent_forms_and_counts_have_words():
    assert Value("a.b", 0.5, "fixed:2", "half", unit="fraction").to_json()["forms"]["percent"] == "50.0%"
    assert Value("a.b", 4, "integer", "x", unit="models").to_json()["forms"] == {
        "word": "four",
        "counted": "four models",
    }
    assert Value("a.b", 1, "integer", "x", unit="flows").to_json()["forms"]["counted"] == "one flow"
    assert Value("a.b", 0, "integer", "x", unit="flows").to_json()["forms"]["counted"] == "no flows"
    assert Value("a.b", 1234, "integer", "x", unit="flows").to_json()["forms"]["counted"] == "1,234 flows"


def test_a_missing_value_needs_a_reason_and_shows_it():
    with pytest.raises(ValueError, match="without a reason"):
        Value("a.b", None, "fixed:2", "x")
    assert Value("a.b", None, "fixed:2", "x", reason="no attacks").to_json()["text"] == "no attacks"


@pytest.mark.parametrize("key", ["a", "A.b", "a..b", "a.b c", "a.b-c"])
def test_keys_are_dotted_snake_case(key):
    with pytest.raises(ValueError, match="snake case"):
        Value(key, 1, "integer", "x")


def test_snake_case_of_labels():
    assert snake("Web Attack – XSS") == "web_attack_xss"
    assert snake("Flow Bytes/s") == "flow_bytes_s"
