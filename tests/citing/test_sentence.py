from __future__ import annotations

from typing import Any

import pytest

from analysis.citing.sentence import ON_THE_SPLIT, sentence
from analysis.record import Value
from tests.test_rules import STEPS


def value(key: str, found: Any, display: str = "text", definition: str = "a setting", **rest: Any) -> dict[str, Any]:
    return Value(key, found, display, definition, **({"origin": {"step": "settings"}} | rest)).to_json()


def record(synthetic: bool = False, **entries: dict[str, Any]) -> dict[str, Any]:
    known = {
        "data.origin": value("data.origin", "12,001 flows of the original release"),
        "binary.test.n": value("binary.test.n", 2397, "integer"),
        "release.typed": value("release.typed", True),
        "settings.bootstrap.confidence": value("settings.bootstrap.confidence", 0.9),
        "settings.seed": value("settings.seed", 7),
        "settings.split.ratio": value("settings.split.ratio", "80:20"),
        "versions.flowpaper": value("versions.flowpaper", "0.1.0"),
    }
    return {"synthetic": synthetic, "values": known | {f"a.{name}": entry for name, entry in entries.items()}}


F1 = value("a.f1", 0.9154, "fixed:3", "F1 of the forest", unit="fraction", n=2397, origin={"step": "binary_report"},
           low=0.8944, high=0.99995, interval="Wilson")  # fmt: skip


def test_a_number_with_all_that_belongs_to_it():
    assert sentence("a.f1", record(f1=F1), "mine", "0123456789ab") == (
        "F1 of the forest: 0.915 (95% interval 0.894 to more than 0.999, Wilson); measured on 2,397 test flows of one "
        "random split 80:20 within each traffic type, seed 7; data: 12,001 flows of the original release; flowpaper "
        "0.1.0, build mine, id 0123456789ab, value a.f1."
    )


def test_the_condition_is_said_of_the_one_split_alone_and_by_what_it_was_drawn_within():
    elsewhere = F1 | {"origin": {"step": "robustness"}}
    assert "split" not in sentence("a.f1", record(f1=elsewhere), "mine", "1")
    labels = record(f1=F1)
    labels["values"]["release.typed"] = value("release.typed", False)
    assert "within each class" in sentence("a.f1", labels, "mine", "1")


def test_n_is_called_test_flows_only_where_it_is_all_of_them():
    some = F1 | {"n": 107}
    assert "; computed from n = 107 on one random split 80:20" in sentence("a.f1", record(f1=some), "mine", "1")
    assert "interval 0.894 to more than 0.999, Wilson)" in sentence("a.f1", record(f1=some), "mine", "1")


def test_the_level_of_an_interval_that_the_settings_set():
    described = F1 | {"origin": {"step": "describe"}}
    assert "(90% interval 0.894" in sentence("a.f1", record(f1=described), "mine", "1")


@pytest.mark.parametrize(
    ("found", "unit", "n", "said"),
    [
        (1, "flows", None, "A count: 1 flow; data:"),
        (2, "flows", 9, "A count: 2 flows; computed from n = 9; data:"),
        (3, "1", 9, "A count: 3; computed from n = 9; data:"),
        (0, "flows", None, "A count: 0 flows; data:"),
    ],
)
def test_a_count_has_its_unit(found, unit, n, said):
    one = value("a.count", found, "integer", "a count", unit=unit, n=n)
    assert sentence("a.count", record(count=one), "mine", "1").startswith(said)


def test_a_value_that_is_not_there_says_why():
    none = value("a.none", None, reason="no days")
    assert "not available (no days)" in sentence("a.none", record(none=none), "mine", "1")
    with pytest.raises(KeyError):
        sentence("a.other", record(), "mine", "1")


def test_synthetic_flows_say_so_first():
    said = sentence("a.f1", record(synthetic=True, f1=F1), "twin", "1")
    assert said.startswith("Synthetic flows, which measure no network: F1 of the forest: 0.915")


def test_what_does_not_show_in_a_label_is_escaped():
    hostile = value("a.label", 1, "integer", "flows of \x1b[2J\u202eevil\nSecond line", unit="flows")
    said = sentence("a.label", record(label=hostile), "mine", "1")
    assert said.isprintable()
    assert "\\x1b[2J\\u202eevil\\nSecond line" in said


def test_steps_of_the_split_are_steps():
    assert set(STEPS) >= ON_THE_SPLIT
