"""The model card of a detector: data, operating points, who is missed, what it must not be used for; all from values.

After Mitchell et al. 2019, Model Cards for Model Reporting (doi:10.1145/3287560.3287596).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.findings.prevalence import Rates, precision_at
from analysis.record import show
from analysis.record.files import data_checksum

BASE_RATES = (0.01, 0.001, 0.0001)
"""Shares of attacks that the expected precision is told for."""
RATES = {"recall": "recall", "fpr": "false-positive rate"}
SYNTHETIC = "The flows were invented by a generator. Its alerts test software, and nothing is claimed of them."
LIMITS = (
    "Not to block traffic, and not as the only detector: it was fitted on one testbed of one week.",
    "Not with the rates above on another network: set a threshold for it with `make calibrate`. How many attacks it "
    "finds there is unknown, and no calibration on unlabelled traffic tells.",
    "Not on flows of another meter or of other units: the columns must mean what they mean in the release.",
    "Not to judge people or hosts: a score is a resemblance to labelled flows of the testbed, and no cause.",
    "Not as proof against somebody who tries to avoid it.",
)


def card(told: Mapping[str, Any]) -> str:
    """The card as Markdown, from what detector.json holds."""
    parts = (_head, _points, _missed, _types, _rule, _features)
    lines = [line for part in parts for line in part(told)]
    return "\n".join([*lines, "## What it must not be used for", "", *(f"- {one}" for one in LIMITS), ""])


def rates_of(point: Mapping[str, Any]) -> Rates:
    """Recall and realised rate of false alarms of an operating point, each with its interval."""
    recall, fpr = ((point[name], point[f"{name}_low"], point[f"{name}_high"]) for name in ("recall", "fpr"))
    return Rates(recall, fpr)


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _table(titles: list[str], rows: Iterator[tuple[object, ...]]) -> Iterator[str]:
    yield from (_row(*titles), _row(*("---" for _ in titles)))
    yield from (_row(*cells) for cells in rows)
    yield ""


def _head(told: Mapping[str, Any]) -> Iterator[str]:
    model, data, parity = told["model"], told["data"], told["parity"]["model"]
    if data["synthetic"]:
        yield from (f"> **Synthetic.** {SYNTHETIC}", "")
    wrong = max(parity["decisions"].values(), default=0)
    yield from (f"# Model card: {model['name']} of build {told['build']}", "")
    yield f"- **Data:** {data['words']}; release: {data['release']}. Labels: attack or benign."
    yield (
        f"- **Model:** {model['estimator']} on {len(told['features'])} features, fitted on {model['trained_on']:,} "
        f"flows, of which {show(model['attack_share'], 'percent:1')} are attacks."
    )
    yield f"- **Build:** id `{told['build_id']}`; its data: `{data_checksum(data)[:24]}`."
    yield (
        f"- **ONNX against scikit-learn:** of {parity['flows']:,} test flows they disagree on {parity['score']} in "
        f"the score and on {wrong} in a decision."
    )
    yield ""


def _points(told: Mapping[str, Any]) -> Iterator[str]:
    points = told["operating_points"]
    yield from ("## Operating points", "")
    yield "Thresholds were set on benign training flows that the model was not fitted on, and tried on the test part."
    yield ""
    bases = [f"precision at {show(base, 'percent:2')} attacks" for base in BASE_RATES]
    yield from _table(["set for FPR", "threshold", "realised FPR", "recall", *bases], map(_point, points))
    for one in points:
        if one["reason"]:
            alerts = f"{one['false']} of {one['benign']:,} benign test flows are alerts"
            yield from (f"FPR {one['rate']}: {one['reason']}; {alerts}.", "")
    yield from (f"Intervals: 95 %, {points[0]['interval']}; of precision from the ends of the other two.", "")


def _point(one: Mapping[str, Any]) -> tuple[object, ...]:
    threshold = f"{one['threshold']:.6g}"
    if one["recall"] is None:
        return (one["rate"], threshold, *["not defined"] * (2 + len(BASE_RATES)))
    rates = rates_of(one)
    # Of what is not found no share is right: the precision of no true alarm would read as if it were measured.
    precision = [_interval(precision_at(rates, base)) if one["recall"] else "not defined" for base in BASE_RATES]
    return (one["rate"], threshold, _interval(rates.fpr), _interval(rates.recall), *precision)


def _interval(ends: tuple[float, float, float]) -> str:
    value, low, high = (show(one, "significant:3") for one in ends)
    return f"{value} ({low} to {high})"


def _missed(told: Mapping[str, Any]) -> Iterator[str]:
    titles = [f"found at FPR {one['rate']}" for one in told["operating_points"]]
    rows = ((row["label"], f"{row['flows']:,}", *row["found"].values()) for row in told["missed"])
    yield from ("## Who is missed", "", *_table(["type", "test flows", *titles], rows))
    yield from ("Types that the training flows do not hold are missed unless they look like one that they hold.", "")


def _types(told: Mapping[str, Any]) -> Iterator[str]:
    yield from ("## Types", "")
    if told["types"] is None:
        yield from ("No model tells types apart here.", "")
        return
    labels, parity = told["types"]["labels"], told["parity"]["types"]
    yield (
        f"What is called an attack gets one of {len(labels)} types: {', '.join(labels)}. Its confidence is the share "
        "of votes, given that the flow is an attack; a false alarm gets a type as well. On "
        f"{parity['flows']:,} attacks of the test part ONNX and scikit-learn disagree {parity['types']} times."
    )
    yield ""


def _rule(told: Mapping[str, Any]) -> Iterator[str]:
    rule = told["rule"]
    yield from ("## Sigma rule", "")
    if rule["reason"]:
        yield from (f"None: {rule['reason']}.", "")
        return
    rates = [f"{name} {show(rule[key], 'significant:3')}" for key, name in RATES.items() if rule[key] is not None]
    yield (
        f"`{rule['file']}` is not this model but a tree of depth 3 over what Zeek's conn log tells "
        f"({', '.join(rule['fields'])}). In the test part: {', '.join(rates)}; it agrees with this detector on "
        f"{show(rule['fidelity'], 'percent:1')} of the flows. What else differs stands in its metadata."
    )
    yield ""


def _features(told: Mapping[str, Any]) -> Iterator[str]:
    rows = (
        (one["name"], one["unit"] or "none", *(f"{one[end]:g}" for end in ("least", "median", "greatest")))
        for one in told["features"]
    )
    yield from ("## Features, and their values in training", "")
    yield from _table(["feature", "unit", "least", "median", "greatest"], rows)
