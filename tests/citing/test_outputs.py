from __future__ import annotations

import jsonschema
import pytest
import yaml

from analysis.citing.outputs import files
from analysis.citing.references import CITATION
from tests.citing.conftest import whole
from tests.citing.test_sentence import value
from tests.citing.test_styles import HOSTILE
from tests.conftest import ROOT
from tests.test_repository import CFF


@pytest.mark.parametrize("synthetic", [False, True])
@pytest.mark.parametrize("title", ["A Study", HOSTILE, "yes: [no", "2026"])
def test_both_files_are_of_their_formats(title, synthetic):
    record = whole(synthetic)
    record["values"]["paper.title"] = value("paper.title", title)
    made = files(record, "mine", "0123456789ab", ROOT / CITATION)
    entry = yaml.safe_load(made["CITATION.cff"])
    jsonschema.validate(entry, CFF)
    assert entry["title"] == title
    assert entry["identifiers"][0]["value"] == "0123456789ab"
    assert [one["year"] for one in entry["references"]] == [2018]
    assert ("Synthetic flows" in entry["message"], "Synthetic flows" in made["citations.bib"]) == (synthetic, synthetic)


def test_a_build_is_dated_as_its_settings_say_and_says_so():
    dates = {}
    for date in ("2026-11-22", "2001-02-03"):
        record = whole()
        record["values"]["paper.date"] = value("paper.date", date)
        dates[date] = files(record, "mine", "0123456789ab", ROOT / CITATION)["CITATION.cff"]
    for date, text in dates.items():
        assert yaml.safe_load(text)["date-released"] == date
        assert text.startswith("# date-released is the date of the paper, as its settings give it ('paper: date')")
    changed = [b for a, b in zip(*(text.splitlines() for text in dates.values()), strict=True) if a != b]
    assert changed == ["date-released: '2001-02-03'"]
