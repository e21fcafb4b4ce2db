from __future__ import annotations

import pytest

from analysis.dataset.release import label_key, load, names

ORIGINAL, CORRECTED = load("original"), load("corrected")


@pytest.mark.parametrize("dash", ["\x96", "–", "—", "�", "â€“", "ï¿½", "Ã¯Â¿Â½", "-", " - "])
def test_spellings_of_the_web_labels(dash):
    assert ORIGINAL.canonical_label(f"Web Attack {dash} Sql Injection") == "Web Attack SQL Injection"
    assert ORIGINAL.canonical_label(f" web attack {dash}XSS ") == "Web Attack XSS"


@pytest.mark.parametrize("name", names())
def test_every_label_has_a_key_of_its_own_and_every_column_a_name(name):
    release = load(name)
    assert len({label_key(label) for label in release.labels}) == len(release.labels)
    assert len(set(release.features)) == len(release.features)
    assert release.benign in release.labels
    for family in release.families.values():
        assert set(family.labels) <= set(release.labels)
    assert set(release.sentinels) <= set(release.features)


@pytest.mark.parametrize(
    ("name", "columns", "flows"),
    [
        ("original", 78, 2_830_743),
        ("labelled", 78, 2_830_743),
        ("corrected", 82, 2_099_976),
        ("wtmc2021", 77, 2_100_814),
        ("cleaned", 52, 2_520_751),
        ("ids2018", 77, 16_232_943),
    ],
)
def test_columns_and_published_totals(name, columns, flows):
    release = load(name)
    assert (len(release.features), release.flows) == (columns, flows)
    for file in release.files:
        assert file.rows == sum(file.counts.values()) + sum(file.attempted.values())


def test_published_counts():
    assert ORIGINAL.counts["BENIGN"] == 2_273_097
    assert sum(ORIGINAL.counts.values()) - ORIGINAL.counts["BENIGN"] == 557_646
    assert CORRECTED.counts["BENIGN"] == 1_582_566
    assert sum(CORRECTED.counts.values()) - CORRECTED.counts["BENIGN"] == 505_431
    assert sum(CORRECTED.attempted_counts.values()) == 11_979
    assert ORIGINAL.published_count("DoS") == 231_073 + 10_293 + 5_796 + 5_499
    assert ORIGINAL.published_count("Nonsense") is None


def test_attempted_attacks_and_other_names():
    assert CORRECTED.read_label("DoS Slowloris - Attempted") == ("DoS slowloris", True)
    assert CORRECTED.read_label("Infiltration - Portscan") == ("Infiltration PortScan", False)
    assert ORIGINAL.read_label("DoS Hulk - Attempted") is None
    assert ORIGINAL.read_label("Infilteration") == ("Infiltration", False)
    assert load("ids2018").read_label("Brute Force -XSS") == ("Web Attack XSS", False)


def test_a_group_takes_the_place_of_its_members():
    types = ORIGINAL.types(iter(["BENIGN", "DoS", "Bot"]))
    assert types[-1] == "DoS"
    assert not {"DoS Hulk", "DoS slowloris"} & set(types)
    assert "Bot" in types
    assert ORIGINAL.types(["BENIGN"]) == list(ORIGINAL.labels)
