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
        (-0.0004, "fixed:3", ">\u202f−0.001"),
        (0.0004, "fixed:3", "<\u202f0.001"),
        (0.0005, "fixed:3", "0.001"),
        (0.9999, "fixed:3", ">\u202f0.999"),
        (-0.9999, "fixed:2", "<\u202f−0.99"),
        (0.9994, "fixed:3", "0.999"),
        (1 - 1e-15, "fixed:3", "1.000"),
        (-1e-17, "fixed:3", "0.000"),
        (1.0, "fixed:3", "1.000"),
        (0.0, "fixed:3", "0.000"),
        (0.0004, "percent:1", "<\u202f0.1%"),
        (0.99996, "percent:1", ">\u202f99.9%"),
        (0.996, "percent:0", ">\u202f99%"),
        (0.0, "percent:1", "0.0%"),
        (1, "percent:0", "100%"),
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


@given(st.floats(0, 1), st.integers(0, 6), st.sampled_from(["fixed", "percent"]))
def test_only_zero_is_shown_as_zero_and_only_one_as_one(value, digits, rule):
    text = show(value, f"{rule}:{digits}")
    number = float(text.strip("<>\u202f%")) / (100 if rule == "percent" else 1)
    if text[0] == "<":
        assert 0 < value < number
    elif text[0] == ">":
        assert number < value < 1
    else:
        assert number not in (0, 1) or abs(value - number) <= 1e-12


def test_a_bound_reads_as_words_in_a_sentence():
    value = Value("a.b", 0.0004, "percent:1", "x", unit="fraction").to_json()
    assert value["text"] == "less than 0.1%"
    assert value["forms"]["percent0"] == "less than 1%"
    assert Value("a.b", 0.9999, "fixed:3", "x").to_json()["text"] == "more than 0.999"


def test_a_value_carries_its_interval():
    value = Value("a.b", 0.918, "fixed:3", "F1", unit="fraction", low=0.909, high=0.9264, interval="Wilson").to_json()
    assert (value["low"], value["high"], value["interval"]) == (0.909, 0.9264, "Wilson")
    assert value["forms"]["interval"] == "0.918 [0.909, 0.926]"
    near = Value("a.b", 0.9996, "percent:1", "F1", unit="fraction", low=0.999, high=0.9999, interval="Wilson").to_json()
    assert near["forms"]["interval"] == "more than 99.9% [99.9%, >\u202f99.9%]", "a sign does not read in a sentence"
    assert "low" not in Value("a.b", 0.918, "fixed:3", "F1").to_json()


@pytest.mark.parametrize(
    "ends", [{"low": 0.5}, {"low": 0.5, "high": 0.6}, {"low": 0.95, "high": 0.97, "interval": "x"}]
)
def test_half_an_interval_and_one_beside_its_value_are_refused(ends):
    with pytest.raises(ValueError, match=r"interval"):
        Value("a.b", 0.9, "fixed:3", "F1", **ends)


@pytest.mark.parametrize(
    ("unit", "one"), [("classes", "class"), ("queries", "query"), ("flows", "flow"), ("axes of it", "axes of it")]
)
def test_one_of_a_thing_is_singular(unit, one):
    assert Value("a.b", 1, "integer", "x", unit=unit).to_json()["forms"]["counted"] == f"one {one}"
