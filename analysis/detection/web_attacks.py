"""How the attack-type forest confuses the web attacks: with one another, with BENIGN, with other attacks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from analysis.detection.names import BENIGN, VARIANT_NAMES, VARIANT_NAMES_SHORT
from analysis.record import Column, Record, snake

WEB = "Web Attack"
"""What the labels of web attacks begin with; alone it is the group of them, where labels are grouped."""
NONE = "no web attacks in the test part"
OUTCOMES = {
    "correct": "given their own type",
    "within": "given another web-attack type",
    "benign": "given BENIGN",
    "other": "given another attack type",
}

Counts = Mapping[tuple[str, str], int]


def outcome(label: str, answer: str) -> str:
    """Which of the four outcomes the answer to a web attack is."""
    if answer == label:
        return "correct"
    if answer.startswith(WEB):
        return "within"
    return "benign" if answer == BENIGN else "other"


def value_counts(confusion: Counts, label: str) -> dict[str, int]:
    """Flows of one web-attack type by outcome."""
    counts = dict.fromkeys(OUTCOMES, 0)
    for (true, answer), n in confusion.items():
        if true == label:
            counts[outcome(true, answer)] += n
    return counts


def record_web(
    record: Record,
    confusions: Mapping[str, Counts],
    labels: Sequence[str],
    min_support: int,
    sketched: Collection[str] = (),
) -> None:
    """Table ``types_web`` and values ``types.web.*``; ``confusions`` by variant, counting (label, answer).

    The values leave out types of which the synthetic twin holds but a sketch; the table has them. Nothing can be said
    of fewer than ``min_support`` flows, nor where labels are grouped.
    """
    web = [label for label in labels if label.startswith(WEB)]
    rows = []
    totals = {}
    for variant, confusion in confusions.items():
        by_type = {label: value_counts(confusion, label) for label in web}
        interpreted = [counts for label, counts in by_type.items() if label not in sketched]
        totals[variant] = {key: sum(counts[key] for counts in interpreted) for key in OUTCOMES}
        for label, counts in by_type.items():
            if n := sum(counts.values()):
                row = {
                    "id": f"{variant}.{snake(label)}",
                    "variant": VARIANT_NAMES_SHORT[variant],
                    "label": label,
                    "flows": n,
                }
                rows.append(row | counts)
    record.table(
        "types_web",
        "Test flows of the web attacks by the forest's answer",
        [
            Column("variant", "Variant", align="left"),
            Column("label", "Type", align="left"),
            Column("flows", "Test", "integer"),
            Column("correct", "Own type", "integer", unit="flows"),
            Column("within", "Another web attack", "integer", unit="flows"),
            Column("benign", "BENIGN", "integer", unit="flows"),
            Column("other", "Another attack", "integer", unit="flows"),
        ],
        rows,
        notes=[] if rows else ["There are no web attacks in the test part."],
        id="id",
    )
    flows = max(sum(counts.values()) for counts in totals.values())
    apart = [label for label in web if label in sketched]
    definition = "web attacks in the test part" + (f" without {', '.join(apart)}, which are sketched" if apart else "")
    record.value("types.web.flows", flows, "integer", definition, unit="flows")
    record.value("types.web.any_sketched", bool(apart), "text", "whether a type of web attack is sketched", unit="")
    separate = bool(web) and WEB not in web
    what = "whether labels tell web attacks apart and the test part holds any"
    record.value("types.web.any", separate and bool(rows), "text", what, unit="")
    record.value(
        "types.web.few",
        separate and flows < min_support,
        "text",
        f"whether labels tell web attacks apart, of which the test part holds fewer than {min_support}",
        unit="",
    )
    record.value(
        "types.web.present",
        separate and flows >= min_support,
        "text",
        f"whether labels tell web attacks apart and the test part holds {min_support} or more",
        unit="",
    )
    for variant, counts in totals.items():
        for key, words in OUTCOMES.items():
            share = counts[key] / flows if flows else None
            definition = f"share of the test part's web attacks {words}; {VARIANT_NAMES[variant]}"
            record.value(f"types.web.{variant}.{key}", share, "fixed:3", definition, unit="fraction", n=flows,
                         reason=None if flows else NONE, table="types_web")  # fmt: skip
            record.value(f"types.web.{variant}.{key}_flows", counts[key], "integer", unit="flows", n=flows,
                         definition=definition.replace("share of", "number of"))  # fmt: skip
        wrong = flows - counts["correct"]
        share = counts["within"] / wrong if wrong else None
        definition = f"share of the wrongly typed web attacks given another web-attack type; {VARIANT_NAMES[variant]}"
        reason = None if wrong else ("no web attack is given a wrong type" if flows else NONE)
        record.value(f"types.web.{variant}.within_of_wrong", share, "fixed:3", definition, unit="fraction", n=wrong,
                     reason=reason)  # fmt: skip
