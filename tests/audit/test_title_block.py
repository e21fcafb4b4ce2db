"""Title, subtitle, authors and date: from the settings, otherwise from the data."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.audit.title_block import title_block
from analysis.settings import load


def block(collection: str = "CICIDS2017", synthetic: bool = False, **paper: Any) -> dict[str, Any]:
    settings = load({"paper": paper}).model_dump(mode="json")["paper"]
    origin = "12,001 flows, 0.4% of the original release"
    values = {"data.collection": {"text": collection}, "data.synthetic": {"value": synthetic},
              "data.origin": {"text": origin}}  # fmt: skip
    return {key.removeprefix("paper."): value.value for key, value in title_block(settings, values, "d").values.items()}


def test_a_sample_says_so():
    assert block()["subtitle"] == "Built on 12,001 flows, 0.4% of the original release"


def test_a_twin_says_so():
    assert "synthetic twin" in block(synthetic=True)["subtitle"]


def test_another_data_set_has_another_title():
    own, other = block(), block("CSE-CIC-IDS2018")
    assert own["title"] == "Detecting Attacks in CICIDS2017: A Study Rebuilt from Flows to Paper"
    assert other["title"] == "Detecting Attacks in CSE-CIC-IDS2018: A Study of CICIDS2017 on Another Data Set"
    assert other["running_title"] == "A study of CICIDS2017 on CSE-CIC-IDS2018"


def test_the_settings_have_the_last_word():
    found = block(
        title="Flows 2",
        subtitle="S",
        author="A. One; B. Two",
        affiliation="Lab 3",
        date="2025-02-01",
        repository="https://example.org/f",
    )
    assert found == {"title": "Flows 2", "running_title": "Flows 2", "subtitle": "S", "authors": ["A. One", "B. Two"],
                     "affiliation": "Lab 3", "date": "2025-02-01", "repository": "https://example.org/f"}  # fmt: skip


@pytest.mark.parametrize("day", ["today", "2025-02-30"])
def test_a_date_is_a_day(day):
    with pytest.raises(Exception, match=r"paper\.date"):
        block(date=day)


@pytest.mark.parametrize(("key", "words"), [("title", "Flows {{< meta x >}}"), ("author", "A. {{% One")])
def test_an_instruction_to_quarto_is_refused_by_its_key(key, words):
    with pytest.raises(Exception, match=rf"paper\.{key}: '\{{\{{.' begins an instruction to Quarto"):
        block(**{key: words})


def test_somebody_wrote_it():
    with pytest.raises(Exception, match=r"paper\.author: give at least one name"):
        block(author=" ; ")
