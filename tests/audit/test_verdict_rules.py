"""Every rule of the ledger flips: the same claim on doctored evidence gets another verdict (reasons: beside)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analysis.audit.verdicts.claims import SourceClaim, load_claims, speaking_of
from analysis.audit.verdicts.decisions import (
    IN_PART,
    INCOMPARABLE,
    NOT,
    OPEN,
    OPINION,
    REPRODUCED,
    SYNTHETIC,
)
from analysis.audit.verdicts.rules import RULES, judge
from analysis.dataset.release import ANY_ATTACK
from tests.audit.conftest import METADATA, flows, predictions, types, with_model


def test_a_printed_number_flips_with_the_counts(doctored, evidence, verdict):
    assert verdict("recall_random_forest", evidence) == REPRODUCED
    few = with_model(evidence, "random_forest", predictions(800, 2, 26, 174))
    assert verdict("recall_random_forest", doctored(binary=few)) == OPEN
    other = with_model(evidence, "random_forest", predictions(79_840, 160, 6_000, 14_000))
    assert verdict("recall_random_forest", doctored(binary=other)) == NOT


def test_every_printed_number_of_the_models_is_reproduced_or_not_by_tolerance(doctored, evidence, source):
    claims = [claim for claim in load_claims(source, RULES) if (claim.printed or "").startswith("models.")]
    assert len(claims) == 16
    wide, narrow = doctored(tolerance=0.3), doctored(tolerance=0.0)
    assert {judge(claim, wide).verdict for claim in claims} == {REPRODUCED}
    assert OPEN in {judge(claim, narrow).verdict for claim in claims}


def test_a_precision_without_alarms_is_not_comparable(doctored, evidence, verdict):
    silent = with_model(evidence, "adaboost", predictions(80_000, 0, 20_000, 0))
    assert verdict("precision_adaboost", doctored(binary=silent)) == INCOMPARABLE


def test_the_recall_on_benign_prints(doctored, evidence, verdict):
    assert verdict("benign_recall", evidence) == REPRODUCED
    more = with_model(evidence, "random_forest", predictions(79_400, 600, 2_600, 17_400))
    assert verdict("benign_recall", doctored(binary=more)) == NOT
    few = with_model(evidence, "random_forest", predictions(798, 2, 26, 174))
    assert verdict("benign_recall", doctored(binary=few)) == OPEN


@pytest.mark.parametrize("label", ["FTP-Patator", "PortScan"])
def test_types_flip(doctored, evidence, verdict, label):
    name = {"FTP-Patator": "f1_ftp_patator", "PortScan": "f1_portscan"}[label]
    key = f"types.all_attacks_only.f1.{label.lower().replace('-', '_')}"

    def of(counts, value=1.0):
        frames = {**evidence.types, "all_attacks_only": types(counts)}
        return verdict(name, doctored({key: value}, types=frames))

    assert of({(label, label): 900, ("DDoS", "DDoS"): 900}) == REPRODUCED
    assert of({(label, label): 12, ("DDoS", "DDoS"): 900}) == OPEN
    assert of({(label, label): 9, ("DDoS", "DDoS"): 900}) == INCOMPARABLE
    assert of({(label, label): 500, (label, "DDoS"): 400, ("DDoS", "DDoS"): 900}) == NOT
    assert of({("DDoS", "DDoS"): 900}, None) == INCOMPARABLE


def test_a_type_of_few_flows_is_counted(doctored, evidence, source):
    """One flow short of an F1: no estimate, no interval, and no verdict on the source's number."""
    counts = {("PortScan", "PortScan"): 8, ("PortScan", "Bot"): 1, ("Bot", "Bot"): 7, ("Bot", "PortScan"): 1}
    keys = {f"types.all_attacks_only.f1.{name}": 0.9 for name in ("portscan", "bot")}
    few = doctored(keys, types={**evidence.types, "all_attacks_only": types(counts)})
    claims = {claim.id: claim for claim in load_claims(source, RULES)}
    for name, here in (("f1_portscan", "8 of 9"), ("near_perfect_bot", "7 of 8")):
        found = judge(claims[name], few)
        assert (found.here, found.interval, found.why_not) == (here, None, "fewer than 10 test flows")


@pytest.mark.parametrize("change", [{}, {"release": "ids2018"}, {"synthetic": True}])
def test_without_types_there_are_no_predictions_of_them(doctored, source, change):
    untyped = doctored(types={}, metadata={**METADATA, "grouped": [ANY_ATTACK], "typed": False, **change})
    claims = [claim for claim in load_claims(source, RULES) if "types" in claim.needs]
    assert len(claims) > 10
    assert {judge(claim, untyped).why_not for claim in claims} <= {
        "the labels do not tell types apart",
        "another release than the source's",
    }


def test_accuracy_over_types_flips(doctored, evidence, verdict):
    assert verdict("accuracy_types", evidence) == REPRODUCED
    frames = {**evidence.types, "all_attacks_only": types({("DDoS", "DDoS"): 80, ("DDoS", "Bot"): 20})}
    assert verdict("accuracy_types", doctored(types=frames)) == NOT


def test_near_perfect_flips(doctored, evidence, verdict):
    keys = {f"types.all_attacks_only.f1.{name}": 1.0 for name in ("ddos", "dos_hulk", "dos_slowloris", "bot")}

    def of(name, counts):
        return verdict(name, doctored(keys, types={**evidence.types, "all_attacks_only": types(counts)}))

    for name, label in (("near_perfect_ddos", "DDoS"), ("near_perfect_bot", "Bot")):
        assert of(name, {(label, label): 500}) == REPRODUCED
        assert of(name, {(label, label): 12}) == OPEN
        assert of(name, {(label, label): 5}) == INCOMPARABLE
        assert of(name, {(label, label): 300, (label, "PortScan"): 200}) == NOT
    good, poor = {("DoS Hulk", "DoS Hulk"): 500}, {("DoS slowloris", "PortScan"): 500}
    few = {("DoS slowloris", "DoS slowloris"): 12}
    assert of("near_perfect_dos", good | {("DoS slowloris", "DoS slowloris"): 500}) == REPRODUCED
    assert of("near_perfect_dos", good | few) == OPEN
    assert of("near_perfect_dos", good | poor) == IN_PART
    assert of("near_perfect_dos", poor) == NOT
    assert of("near_perfect_dos", {("Bot", "Bot"): 5}) == INCOMPARABLE


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [("forest_wins", "random_forest", "gradient_boosting"), ("boosting_over_adaboost", "gradient_boosting", "adaboost"),
     ("adaboost_over_logistic", "adaboost", "logistic_regression")],
)  # fmt: skip
def test_an_order_flips_with_the_models_whatever_the_margin(doctored, evidence, verdict, name, first, second):
    assert verdict(name, evidence) == REPRODUCED
    exchanged = with_model(evidence, first, evidence.binary["selected"][second])
    swapped = {**exchanged, "selected": {**exchanged["selected"], second: evidence.binary["selected"][first]}}
    assert verdict(name, doctored(binary=swapped)) == NOT
    # Equal is no order, however small the interval; few flows leave it undecided; a margin has no part in it.
    assert verdict(name, doctored(binary=exchanged)) == NOT
    assert verdict(name, doctored(margin=0.4)) == REPRODUCED
    few = {first: predictions(80, 1, 3, 17), second: predictions(80, 1, 4, 16)}
    assert (
        verdict(name, doctored(binary={**evidence.binary, "selected": {**evidence.binary["selected"], **few}})) == OPEN
    )


def test_a_win_by_a_margin_flips_with_the_margin(doctored, evidence, verdict):
    """A difference of .0012 in F1, which is an order at this size and nothing in practice."""
    close = with_model(evidence, "gradient_boosting", predictions(79_840, 160, 2_642, 17_358))
    assert verdict("forest_wins_clearly", evidence) == REPRODUCED
    assert verdict("forest_wins_clearly", doctored(binary=close)) == NOT
    assert verdict("forest_wins", doctored(binary=close)) == REPRODUCED
    at_the_edge = with_model(evidence, "gradient_boosting", predictions(79_840, 160, 2_950, 17_050))
    assert verdict("forest_wins_clearly", doctored(binary=at_the_edge)) == OPEN


def test_logistic_regression_as_the_best_flips_the_winner(doctored, evidence, verdict):
    best = with_model(evidence, "logistic_regression", predictions(80_000, 0, 10, 19_990))
    assert verdict("forest_wins", doctored(binary=best)) == NOT


def test_named_features_flip(doctored, source, verdict):
    named = source["named_features"]

    def r(name, value=0.5):
        return {f"ranking[feature='{name}'].rank": 1, f"ranking[feature='{name}'].r": value}

    known = {key: value for name in named for key, value in r(name).items()}
    known |= {"rank.selected.iat": 1}
    assert verdict("named_features", doctored(known, top=tuple(named))) == REPRODUCED
    without = (*named[1:], "X")
    far = {"ranking[feature=X].r": 0.6} | r(named[0], 0.1)
    assert verdict("named_features", doctored(known | far, top=without)) == IN_PART
    near = {"ranking[feature=X].r": 0.51} | r(named[0], 0.50)
    assert verdict("named_features", doctored(known | near, top=without)) == OPEN
    assert verdict("named_features", doctored(known | far | {"rank.selected.iat": 0}, top=("X",))) == NOT
    assert verdict("named_features", doctored({"rank.selected.iat": 1}, top=tuple(named))) == INCOMPARABLE


def test_inventory_claims_flip(doctored, evidence, verdict):
    whole = {"release.complete": True, "data.flows": 2_830_743}
    assert verdict("many_flows", doctored(whole)) == REPRODUCED
    assert verdict("many_flows", doctored(whole | {"data.flows": 2_700_000})) == NOT
    assert verdict("many_flows", doctored(whole | {"release.complete": False})) == INCOMPARABLE
    labels = pl.DataFrame({"Label": ["BENIGN", *(f"type {i}" for i in range(14))]})
    assert verdict("fourteen_types", doctored(whole, train=labels, test=labels)) == REPRODUCED
    assert verdict("fourteen_types", doctored(whole, train=labels[:-1], test=labels[:-1])) == NOT
    part = {"release.complete": False}
    assert verdict("fourteen_types", doctored(part, train=labels[:-1], test=labels[:-1])) == INCOMPARABLE
    assert verdict("kinds_of_features", evidence) == REPRODUCED
    assert verdict("kinds_of_features", doctored(metadata={**METADATA, "features": ["Flow Duration"]})) == IN_PART
    assert verdict("kinds_of_features", doctored(metadata={**METADATA, "features": ["x"]})) == NOT


def test_imbalance_flips(doctored, evidence, verdict):
    for benign, wanted in ((8_000, REPRODUCED), (7_500, OPEN), (5_000, NOT)):
        assert verdict("imbalance", doctored({"data.flows": 10_000, "data.benign": benign})) == wanted
    assert verdict("always_benign", evidence) == REPRODUCED
    even = with_model(evidence, "random_forest", predictions(500, 0, 100, 400))
    assert verdict("always_benign", doctored(binary=even)) == NOT


def test_words_of_moments_flip(doctored, evidence, verdict):
    spread = {"describe.selected.sd_max.all": 2e6, "describe.selected.sd_max.all_feature": "x",
              "describe.selected.sd_over_million.all": 1}  # fmt: skip
    assert verdict("large_deviations", doctored(spread)) == REPRODUCED
    assert verdict("large_deviations", doctored(spread | {"describe.selected.sd_max.all": 9e5})) == NOT
    for g1, wanted in (((3, 4), REPRODUCED), ((3, 1.5), IN_PART), ((-1, None), NOT)):
        skew = {f"shape_selected[feature='{name}',flows=all].g1": g for name, g in zip(evidence.top, g1, strict=True)}
        assert verdict("extreme_skewness", doctored(skew | {"describe.selected.skew_over_1.attack": 0})) == wanted
    for counts, wanted in (((2, 2, 2), REPRODUCED), ((2, 2, 1), IN_PART), ((1, 2, 2), NOT)):
        tails = {f"describe.selected.leptokurtic.{who}": n for who, n in
                 zip(("all", "benign", "attack"), counts, strict=True)}  # fmt: skip
        assert verdict("leptokurtic", doctored(tails | {"describe.selected.negative_g2.attack": 0})) == wanted


def test_near_zero_flips(doctored, evidence, verdict):
    for most, low, wanted in (((99, 99), evidence.top, REPRODUCED), ((99, 5), evidence.top, IN_PART),
                              ((99, 99), evidence.top[:1], IN_PART), ((5, 5), evidence.top, NOT)):  # fmt: skip
        values = {"describe.selected.mostly_low.all_names": list(low)}
        for name, top in zip(evidence.top, most, strict=True):
            cell = f"descriptives_selected[feature='{name}',flows=all]"
            values |= {f"{cell}.q1": 0, f"{cell}.q3": 2, f"{cell}.max": top}
        assert verdict("near_zero", doctored(values)) == wanted


def test_the_exponential_flips(doctored, verdict):
    generator = np.random.default_rng(2)
    attack = np.arange(3000) < 500
    decay = flows(attack, generator.exponential(10, 3000))
    # A spike at zero that holds more than an exponential does: a peak at the low end is no decay.
    spiked = flows(attack, generator.exponential(10, 3000) * (generator.random(3000) < 0.4))
    one = decay.with_columns(spiked["Flow IAT Std"])
    for train, wanted in ((decay, REPRODUCED), (one, IN_PART), (spiked, NOT)):
        assert verdict("exponential_decay", doctored(train=train)) == wanted


def test_spikes_flip(doctored, verdict):
    generator = np.random.default_rng(3)
    attack = np.arange(4000) < 1000
    decay = generator.exponential(10, 4000).clip(0, 60)
    spike = np.where(attack & (np.arange(4000) % 10 == 0), 55.0, decay)
    elsewhere = np.where(attack, 55.0, decay)
    for values, wanted in ((spike, REPRODUCED), (decay, IN_PART), (elsewhere, IN_PART)):
        assert verdict("attack_spikes", doctored(train=flows(attack, values))) == wanted
    # Attacks spread evenly over ten of the upper bins: no peak of their own, and none at the benign one.
    smooth = np.where(attack, 31.5 + 3 * (np.arange(4000) % 10), decay.clip(0, 58.5))
    assert verdict("attack_spikes", doctored(train=flows(attack, smooth))) == NOT


def test_bursts_flip(doctored, verdict):
    attack = np.arange(2000) < 500
    generator = np.random.default_rng(4)
    noise = generator.normal(50, 5, 2000)
    larger = flows(attack, noise + 50 * attack)
    mixed = larger.with_columns(pl.Series("Flow IAT Std", noise - 40 * attack))
    for train, wanted in ((larger, REPRODUCED), (mixed, IN_PART), (flows(attack, noise - 40 * attack), NOT)):
        assert verdict("bursts", doctored(train=train)) == wanted
    assert verdict("bursts", doctored(train=larger.with_columns(Label=pl.lit("BENIGN")))) == INCOMPARABLE


def test_tests_flip(doctored, verdict):
    values = {"ks.selected.max_p_holm": 1e-200, "ks.selected.min_d": 0.3, "ks.n_benign": 10, "ks.n_attack": 5,
              "ks.critical_d": 0.01}  # fmt: skip
    assert verdict("ks_p_zero", doctored(values)) == REPRODUCED
    assert verdict("ks_p_zero", doctored(values | {"ks.selected.max_p_holm": 0.01})) == NOT


def test_web_attacks_flip(doctored, evidence, verdict):
    a, b = "Web Attack XSS", "Web Attack Brute Force"

    def of(name, counts, within=0.0, n=100):
        values = {"types.web.all_attacks_only.within_of_wrong": within}
        changed = doctored(values, types={**evidence.types, "all_attacks_only": types(counts)})
        changed.values["types.web.all_attacks_only.within_of_wrong"]["n"] = n
        return verdict(name, changed)

    two = {(a, b): 50, (b, a): 50, ("DDoS", "DDoS"): 9}
    # Where there are only web attacks, a wrong answer can be nothing else.
    assert of("web_confused", {(a, b): 50, (b, a): 50}, 0.9) == INCOMPARABLE
    assert of("web_confused", two, 0.9) == REPRODUCED
    assert of("web_confused", two, 0.1) == NOT
    assert of("web_confused", two, 0.5, 10) == OPEN
    assert of("web_confused", {(a, b): 50}, 0.9) == INCOMPARABLE
    assert of("web_alike", two) == REPRODUCED
    assert of("web_alike", {(a, a): 50, (b, b): 50}) == NOT
    assert of("web_alike", {(a, a): 3, (b, a): 3}) == OPEN
    assert of("web_alike", {(a, a): 50}) == INCOMPARABLE


def test_sketched_web_attacks_say_nothing_of_likeness(doctored, evidence, source):
    claim = next(claim for claim in load_claims(source, RULES) if claim.id == "web_alike")
    a, b, sketched = "Web Attack XSS", "Web Attack Brute Force", "Web Attack SQL Injection"
    frames = {**evidence.types, "all_attacks_only": types({(a, a): 3, (b, a): 1, (sketched, a): 2})}
    assert " of 6 web attacks " in RULES[claim.id](doctored(types=frames)).fact
    assert " of 4 web attacks " in RULES[claim.id](doctored({"twin.sketched": [sketched]}, types=frames)).fact


@pytest.mark.parametrize(
    ("change", "wanted"),
    [({}, REPRODUCED), ({"synthetic": True}, SYNTHETIC), ({"release": "corrected"}, INCOMPARABLE),
     ({"release": "labelled"}, REPRODUCED), ({"sampling": "per_label"}, INCOMPARABLE),
     ({"sampling": "unknown"}, INCOMPARABLE), ({"grouped": ["DoS"]}, REPRODUCED)],
)  # fmt: skip
def test_data_that_cannot_speak_to_a_number(doctored, verdict, change, wanted):
    assert verdict("recall_random_forest", doctored(metadata={**METADATA, **change})) == wanted


def test_a_number_that_data_cannot_speak_to_keeps_ours_beside_it(doctored, source):
    claim = next(claim for claim in load_claims(source, RULES) if claim.id == "recall_random_forest")
    found = judge(claim, doctored(metadata={**METADATA, "release": "corrected"}))
    assert (found.verdict, found.why_not) == (INCOMPARABLE, "another release than the source's")
    assert found.interval is not None
    assert found.interval.value == 0.87


@pytest.mark.parametrize("name", ["recall_random_forest", "forest_wins", "always_benign", "kinds_of_features"])
def test_another_data_set_is_set_beside_the_source_without_a_verdict(doctored, source, name):
    claim = next(claim for claim in load_claims(source, RULES) if claim.id == name)
    found = judge(claim, doctored(metadata={**METADATA, "release": "ids2018"}))
    assert (found.verdict, found.why_not) == (INCOMPARABLE, "another data set than the source's")
    assert found.here is not None


def test_grouped_labels_have_no_rows_about_their_single_types(source):
    claims = load_claims(source, RULES)
    left = {claim.id for claim in claims} - {
        claim.id for claim in speaking_of(claims, {**METADATA, "grouped": ["Web Attack", "DoS"]})
    }
    assert left == {"f1_xss", "f1_sql_injection", "f1_web_brute_force", "web_confused", "web_alike", "near_perfect_dos"}
    assert speaking_of(claims, METADATA) == claims


def test_grouped_labels_cannot_speak_to_types(doctored, verdict):
    assert verdict("accuracy_types", doctored(metadata={**METADATA, "grouped": ["DoS"]})) == INCOMPARABLE


def test_an_opinion_is_one_unless_the_flows_are_synthetic(doctored, evidence):
    claim = SourceClaim(id="x", short="x", says="x", kind="opinion", test="None.")
    assert judge(claim, evidence).verdict == OPINION
    assert judge(claim, doctored(metadata={**METADATA, "synthetic": True})).verdict == SYNTHETIC


def test_every_rule_is_flipped():
    text = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_verdict_*.py"))
    assert [name for name in RULES if f'"{name}"' not in text] == []
