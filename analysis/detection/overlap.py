"""Step: how far benign flows and attacks overlap in the ranked features, and the bound that this sets to F1.

Where flows lie is counted at the minimum of each feature, and at or below the median of its benign flows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis.command import In, Ins, Out, Outs, run
from analysis.dataset.parts import parts
from analysis.detection.evaluation import Confusion, f1_bound
from analysis.detection.names import MODELS
from analysis.detection.plain_rules import value_rule
from analysis.detection.predictions import binary, confusion, frames, load_fits, ranked, wrong
from analysis.record import Column, Record, Table, read_json

PORT = "Destination Port"
PLACES = {
    "minimum": "at the training part's minimum",
    "median": "at or below the median of the training part's benign flows",
}
GROUPS = {
    "flows": "test flows",
    "benign": "benign test flows",
    "attack": "attacks of the test part",
    "errors_selected": "errors on the ranked features",
    "errors_all": "errors on all features",
}


@dataclass(frozen=True)
class Place:
    """One feature up to ``threshold``: how many flows of each group lie at or below it."""

    feature: str
    threshold: float
    counts: Mapping[str, int]


def places(
    train: pl.DataFrame, test: pl.DataFrame, features: Sequence[str], groups: Mapping[str, np.ndarray]
) -> dict[str, list[Place]]:
    """Places of each feature by their kind; ``groups`` are masks of shape (test flows,).

    Thresholds come from the training part: its minimum, and the median (inverted CDF) of its benign flows. A test
    flow below the training minimum counts as at it.
    """
    benign = train.filter(~pl.col("is_attack"))
    result: dict[str, list[Place]] = {place: [] for place in PLACES}
    for feature in features:
        values = test[feature].to_numpy()
        thresholds = {
            "minimum": train[feature].to_numpy().min(),
            "median": np.quantile(benign[feature].to_numpy(), 0.5, method="inverted_cdf"),
        }
        for place, threshold in thresholds.items():
            there = values <= threshold
            counts = {group: int(np.count_nonzero(there & mask)) for group, mask in groups.items()}
            result[place].append(Place(feature, float(threshold), counts))
    return result


def lying(there: int, errors: int) -> str:
    """How many of the errors are in a place, as the end of a sentence about the errors: '41 of 73 lie'."""
    if errors == 1:
        return "the only one lies" if there else "the only one does not lie"
    if there in (0, errors):
        return f"all {errors:,} lie" if there else "none lies"
    return f"{there:,} of {errors:,} lie{'s' if there == 1 else ''}"


def identical_groups(flows: pl.DataFrame, features: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Attacks and flows in each group of flows with identical values of ``features``, both of shape (groups,)."""
    # A quarter of the time that it takes to number the rows.
    groups = flows.group_by(features, maintain_order=True).agg(attacks=pl.col("is_attack").sum(), flows=pl.len())
    return groups["attacks"].cast(pl.Int64).to_numpy(), groups["flows"].cast(pl.Int64).to_numpy()


def record_places(
    record: Record, kind: str, found: Sequence[Place], sizes: Mapping[str, int], model: str
) -> None:  # fmt: skip
    """Table and values of one kind of place, feature by feature."""
    name = "at_minimum" if kind == "minimum" else "up_to_median"
    none = {group: f"no {words}" for group, words in GROUPS.items()}
    rows = []
    for place in found:
        shares = {group: n / sizes[group] if sizes[group] else None for group, n in place.counts.items()}
        row = {"feature": place.feature, "threshold": place.threshold}
        cells = {g: Table.cell(s, "percent:1", reason=none[g] if s is None else None) for g, s in shares.items()}
        counts = {f"{g}_n": place.counts[g] for g in ("errors_selected", "errors_all")}
        rows.append(row | cells | counts)

    def share(group: str, title: str) -> Column:
        return Column(group, title, "percent:1", unit="fraction", n=sizes[group],
                      definition=f"share of {GROUPS[group]} {PLACES[kind]} of the feature")  # fmt: skip

    def number(group: str) -> Column:
        return Column(f"{group}_n", "n", "integer", unit="flows", n=sizes[group],
                      definition=f"number of {GROUPS[group]} {PLACES[kind]} of the feature")  # fmt: skip

    columns = [
        Column("feature", "Feature", align="left"),
        Column("threshold", "Minimum" if kind == "minimum" else "Benign median", "significant:4",
               unit="as in the release", definition=f"the {kind} of the feature in the training part"),
        share("flows", "Flows"),
        share("benign", "Benign"),
        share("attack", "Attacks"),
        share("errors_selected", "Errors, ranked features"),
        number("errors_selected"),
        share("errors_all", "Errors, all features"),
        number("errors_all"),
    ]  # fmt: skip
    notes = [
        f"Shares of test flows that lie {PLACES[kind]}. Errors: of {MODELS[model]}, "
        f"{sizes['errors_selected']:,} on the ranked features and {sizes['errors_all']:,} on all features; n: how many "
        "of them lie there."
    ]
    record.table(name, f"Who lies {PLACES[kind]} of a feature", columns, rows, notes=notes, id="feature")


def record_first(record: Record, first: Place, sizes: Mapping[str, int], model: str) -> None:
    """Names of the cells of the highest-ranked feature, and the counts that the table has no column for."""
    for group in GROUPS:
        what = f"{GROUPS[group]} {PLACES['minimum']} of {first.feature}"
        what += f"; {MODELS[model]}" if group.startswith("errors") else ""
        share = f"at_minimum.first.share_{group}"
        record.name(share, "at_minimum", first.feature, group, definition=f"share of {what}")
        key, words = f"at_minimum.first.count_{group}", f"number of {what}"
        if group.startswith("errors"):
            record.name(key, "at_minimum", first.feature, f"{group}_n", definition=words)
        else:
            record.value(key, first.counts[group], "integer", words, unit="flows", n=sizes[group])


def record_bound(record: Record, train: pl.DataFrame, test: pl.DataFrame, features: Sequence[str], f1: float) -> None:
    """The highest F1 of any rule where flows of different labels have identical values of the ranked features."""
    attacks, flows = identical_groups(test, features)
    bound = f1_bound(attacks, flows)
    mixed = (attacks > 0) & (attacks < flows)
    optimistic = "decided on the flows it is judged on, so optimistic"
    what = f"highest F1 of any rule that gives test flows of identical ranked features one answer; {optimistic}"
    record.value("overlap.f1_bound", bound, "fixed:3", what, unit="fraction", n=test.height)
    record.value(
        "overlap.f1_bound_gap",
        bound - f1,
        "fixed:3",
        "highest F1 of any rule on the ranked features, test flows alike answered alike, less that of the best model",
    )
    record.value("overlap.f1_lack", 1 - f1, "fixed:3", "what the best model lacks to an F1 of 1")
    record.value(
        "overlap.f1_beyond",
        1 - bound,
        "fixed:3",
        "of the F1 that can be had, what no rule on the ranked features can have",
    )
    whole = f1_bound(*identical_groups(pl.concat([train.select(test.columns), test]), features))
    what = f"{what.partition(';')[0].replace('test flows', 'training and test flows')}; {optimistic}"
    record.value("overlap.f1_bound_all_flows", whole, "fixed:3", what, unit="fraction", n=train.height + test.height)
    record.value(
        "overlap.groups", len(flows), "integer", "distinct rows of ranked features in the test part", n=test.height
    )
    what = "test flows whose ranked features occur with both labels"
    record.value("overlap.mixed_flows", int(flows[mixed].sum()), "integer", what, unit="flows", n=test.height)
    what = "share of the test part's attacks whose ranked features also occur on benign test flows"
    n = int(attacks.sum())
    record.value("overlap.mixed_attacks", float(attacks[mixed].sum() / n) if n else None, "percent:1", what,
                 unit="fraction", n=n, reason=None if n else "no attacks in the test part")  # fmt: skip


def record_port(record: Record, train: pl.DataFrame, test: pl.DataFrame) -> None:
    """What the destination port tells by itself: F1 of the rule learnt on it, and the bound of all such rules."""
    rule, bound, rest = None, None, {}
    if PORT in test.columns:
        called = value_rule(train[PORT], train["is_attack"].to_numpy(), test[PORT])
        count = Confusion.of(test["is_attack"].to_numpy(), called)
        rule, rest = count.f1, count.interval("f1")
        bound = f1_bound(*identical_groups(test, [PORT]))
    reason = None if PORT in test.columns else f"the flows have no {PORT}"
    what = "F1 on the test part of the rule that calls a port an attack where most training flows to it are"
    record.value("overlap.port.f1", rule, "fixed:3", what, unit="fraction", n=test.height, reason=reason, **rest)
    what = "highest F1 on the test part of any rule that sees only the destination port: a bound, chosen on those flows"
    record.value("overlap.port.f1_bound", bound, "fixed:3", what, unit="fraction", n=test.height, reason=reason)


def report_overlap(
    train: pl.DataFrame,
    test: pl.DataFrame,
    features: Sequence[str],
    predictions: Mapping[str, Mapping[str, pl.DataFrame]],
    data: str,
) -> Record:
    """All tables and values of the overlap; ``predictions`` by feature set and model, rows as in ``test``."""
    record = Record("overlap", data)
    best = ranked(predictions["selected"])[0]
    attack = test["is_attack"].to_numpy()
    groups = {"flows": np.ones(test.height, dtype=bool), "benign": ~attack, "attack": attack}
    groups |= {f"errors_{key}": wrong(frames[best]) for key, frames in predictions.items()}
    sizes = {group: int(np.count_nonzero(mask)) for group, mask in groups.items()}
    found = places(train, test, features, groups)
    for kind in PLACES:
        record_places(record, kind, found[kind], sizes, best)
    record_first(record, found["minimum"][0], sizes, best)
    record.value(
        "overlap.model",
        MODELS[best],
        "text",
        "model whose errors are counted: the best by F1 on the ranked features",
        unit="",
    )
    record.value("at_minimum.first.feature", features[0], "text", "highest-ranked feature", unit="")
    there, errors = found["minimum"][0].counts["errors_selected"], sizes["errors_selected"]
    record.value("at_minimum.first.errors_lie", lying(there, errors), "text",
                 f"how many errors of {MODELS[best]} on the ranked features lie at the minimum of {features[0]}",
                 unit="")  # fmt: skip
    for key, words in (("errors_selected", "the ranked features"), ("errors_all", "all features")):
        what = f"test flows that {MODELS[best]} on {words} classifies wrongly"
        record.value(f"overlap.{key}", sizes[key], "integer", what, unit="flows", n=test.height)
    count = confusion(predictions["all"][best])
    record.value("overlap.f1_all", count.f1, "fixed:3", f"F1 of {MODELS[best]} on all features", unit="fraction",
                 n=test.height, **count.interval("f1"))  # fmt: skip
    most = max(found["minimum"], key=lambda place: place.counts["errors_selected"])
    what = "feature at whose minimum most errors on the ranked features lie; ties by rank"
    record.value("at_minimum.most_errors_feature", most.feature, "text", what, unit="")
    record_bound(record, train, test, features, confusion(predictions["selected"][best]).f1)
    record_port(record, train, test)
    return record


def step(
    predictions: Ins, descriptions: Ins, features: In, flows: In, roles: In, split: In, metadata: In, values: Out,
    tables: Outs,
) -> None:  # fmt: skip
    """How far benign flows and attacks overlap in the ranked features, and the bound that this sets to F1."""
    top = read_json(features)["selected"]
    train, test = parts(flows, roles, split)
    columns = list(dict.fromkeys([*top, *({PORT} & set(train.columns)), "is_attack"]))
    fits = binary(load_fits(predictions, descriptions, "source"))
    answers = {key: frames(found) for key, found in fits.items()}
    record = report_overlap(train.read(*columns), test.read(*columns), top, answers, read_json(metadata)["data"])
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
