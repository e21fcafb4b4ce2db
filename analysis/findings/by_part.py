"""What the text says of a condition with several test parts: later days, and attacks that were not trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from analysis.conditions.findings import FOREST, ROWS
from analysis.conditions.threshold import threshold
from analysis.detection.curves import areas
from analysis.detection.evaluation import wilson
from analysis.detection.names import MODELS, the
from analysis.detection.predictions import confusion
from analysis.findings.measured import BASE, RATE, Measured
from analysis.record import Record, show
from analysis.record.value import out_of

CAUGHT = 0.5
"""A family of which a model finds a smaller share, at the frozen threshold, is missed."""
ROW_WORDS = {row.key: row.words for row in ROWS}
REACH = f"recall of the forest at {RATE:.0%} false alarms, its threshold set on benign flows of the part itself"
FLATTERED = 10 * RATE
"""A model with more false alarms than that owes a high F1 to a part in which attacks prevail."""


def ranking(one: Measured) -> float | None:
    """How much of what average precision can add to the prevalence is there: 0 without skill, 1 for a perfect order.

    Average precision itself is not comparable between parts of different prevalence, which it has without any skill.
    """
    if not one.measures or "pr_auc" not in one.measures or one.attacks == one.n:
        return None
    share = one.attacks / one.n
    return (one.measures["pr_auc"][0] - share) / (1 - share)


def record_days(record: Record, key: str, found: Sequence[Measured]) -> None:
    """Measures of the forest day by day as lists in words, and on how many days F1 is below the random split's."""
    forest = [one for one in found if one.model == FOREST[0] and one.measures]
    base = next((one for one in forest if one.row.key == BASE), None)
    days = [one for one in forest if one.row.key == key and ranking(one) is not None]
    why = next((one.reason for one in found if one.row.key == key and one.reason), "no day has flows of both classes")
    where = f"on each later day, {ROW_WORDS[key]}"
    own: dict[str, tuple[Callable[[Measured], float | None], str, str]] = {
        "f1": (lambda one: _of(one, "f1"), "fixed:3", "F1 of the forest"),
        "constant": (lambda one: 2 * one.attacks / (one.n + one.attacks), "fixed:3",
                     "F1 of calling every flow an attack"),
        "recall": (lambda one: _of(one, "recall"), "percent:1", "recall of the forest at the frozen threshold"),
        "fpr": (lambda one: _of(one, "fpr"), "percent:1", "false-positive rate of the forest at the frozen threshold"),
        "roc_auc": (_roc_auc, "fixed:3", "ROC-AUC of the forest"),
        "reach": (_reach, "percent:1", REACH),
    }  # fmt: skip
    for name, (measure, display, words) in own.items():
        numbers = [measure(one) for one in days]
        texts = [] if None in numbers else [show(number, display) for number in numbers]
        if name == "f1":
            texts = [f"{text} {_span(one)} ({one.fold})" for text, one in zip(texts, days, strict=True)]
        record.value(f"findings.{key}.{name}_by_part", show(texts, "list") if texts else None, "text", n=len(days),
                     definition=f"{words} {where}", unit="",
                     reason=None if texts else "no benign flow was held back" if days else why)  # fmt: skip
    below = sum(_ends(one)[2] < _ends(base)[1] for one in days) if base else 0
    what = f"later days on which the interval of F1 lies below that of the random split, {ROW_WORDS[key]}"
    record.value(f"findings.{key}.below_count", below, "integer", what, unit="days", n=len(days))
    record.value(f"findings.{key}.below_words", out_of(below, len(days), "later days"), "text",
                 f"{what}, of all and in words", unit="", n=len(days))  # fmt: skip
    reach = [_reach(one) for one in days]
    record.value(f"findings.{key}.reach", min(reach) if reach else None, "percent:1", unit="fraction", n=len(reach),
                 definition=f"{REACH}: least of all later days, {ROW_WORDS[key]}",
                 reason=None if reach else why)  # fmt: skip
    kept = [value for one in days if (value := ranking(one)) is not None]
    what = (
        "of what average precision can add to the prevalence, the share that is there: least of all later days, "
        f"{ROW_WORDS[key]}"
    )
    record.value(f"findings.{key}.ranking", min(kept) if kept else None, "percent:0", what, unit="fraction",
                 n=len(kept), reason=None if kept else why)  # fmt: skip


def _of(one: Measured, key: str) -> float | None:
    return one.measures[key][0] if one.measures and key in one.measures else None


def _ends(one: Measured) -> tuple[float, float, float]:
    """F1 with the ends of its interval."""
    value, low, high = (one.measures or {})["f1"]
    assert low is not None
    assert high is not None
    return value, low, high


def _span(one: Measured) -> str:
    """The interval of F1 as it stands behind a number."""
    _, low, high = (show(end, "fixed:3") for end in _ends(one))
    return f"[{low}, {high}]"


def _roc_auc(one: Measured) -> float | None:
    assert one.frame is not None
    return areas(one.frame["is_attack"].to_numpy(), one.frame["score"].to_numpy())["roc_auc"]


def _reach(one: Measured) -> float:
    """Recall where the threshold lets the wanted share of the part's own benign flows through: what its ranking allows.

    Areas may be large where no flow is told apart at the few false alarms that a threshold may give.
    """
    assert one.frame is not None
    attack, score = (one.frame[name].to_numpy() for name in ("is_attack", "score"))
    best = threshold(score[~attack], RATE)
    assert best is not None
    return float((score[attack] > best).mean())


def record_flattered(record: Record, key: str, found: Sequence[Measured]) -> None:
    """The model, if any, whose F1 exceeds the forest's where attacks prevail, at a high false-positive rate."""
    forest = {one.fold: one for one in found if one.row.key == key and one.model == FOREST[0] and one.measures}
    flattered: dict[str, list[tuple[Measured, float]]] = {}
    for one in found:
        if one.row.key != key or one.fold not in forest or not one.measures or one.frame is None:
            continue
        fpr = confusion(one.frame).fpr
        if (
            _ends(one)[1] > _ends(forest[one.fold])[2]
            and one.attacks > one.n / 2
            and fpr is not None
            and fpr > FLATTERED
        ):
            flattered.setdefault(one.model, []).append((one, fpr))
    model = max(flattered, key=lambda name: (len(flattered[name]), _ends(flattered[name][0][0])), default=None)
    mine = flattered.get(model or "", [])
    reason = None if mine else "there is no such model"
    record.value(f"findings.{key}.flattered.any", bool(mine), "text", "whether a model has a higher F1 than the forest "
                 f"where attacks prevail, at a false-positive rate above {FLATTERED:.0%}", unit="")  # fmt: skip
    texts = {
        "name": the(MODELS[model]) if model else None,
        "f1": show([f"{show(_of(one, 'f1'), 'fixed:3')} ({one.fold})" for one, _ in mine], "list"),
        "fpr": show([show(fpr, "percent:0") for _, fpr in mine], "list"),
    }
    measured = {
        "name": "the model",
        "f1": "F1 of the model, by part,",
        "fpr": "false-positive rate of the model, by part,",
    }
    for name, text in texts.items():
        record.value(f"findings.{key}.flattered.{name}", text if mine else None, "text",
                     f"{measured[name]} where its F1 exceeds the forest's and attacks prevail, {ROW_WORDS[key]}",
                     unit="", reason=reason)  # fmt: skip


def record_left_out(
    record: Record, key: str, things: str, found: Sequence[Measured], min_support: int
) -> Measured | None:
    """Of types or families left out, with enough attacks: how many are missed, and the one of these with most attacks.

    Returns the one of which least is found.
    """
    able = [(share, one) for one in found
            if (share := _of(one, "recall")) is not None and one.attacks >= min_support]  # fmt: skip
    missed = [(share, one) for share, one in able if share < CAUGHT]
    what = f"{things} with at least {min_support} attacks that were left out"
    record.value(f"findings.{key}.built", bool(able), "text", f"whether there are {what}", unit="")
    record.value(f"findings.{key}.parts", len(able), "integer", what, unit=things)
    little = f"{what} and of which less than {CAUGHT} is found at the frozen threshold"
    record.value(f"findings.{key}.low_count", len(missed), "integer", unit=things, n=len(able),
                 definition=little)  # fmt: skip
    record.value(f"findings.{key}.low_words", out_of(len(missed), len(able), things), "text",
                 f"{little}, of all and in words", unit="", n=len(able))  # fmt: skip
    record.value(f"findings.{key}.any_missed", bool(missed), "text", f"whether there are {little}", unit="")
    recall, most = max(missed, key=lambda pair: pair[1].attacks, default=(None, None))
    n, part = None, None
    rest: dict[str, Any] = {"reason": "none is missed"}
    if most is not None and recall is not None:
        n, part = most.attacks, most.fold
        rest = dict(zip(("low", "high"), wilson(round(recall * n), n), strict=True)) | {"interval": "Wilson"}
    record.value(f"findings.{key}.missed.recall", recall, "percent:1",
                 f"recall of the one with most attacks among {little}", unit="fraction", n=n, **rest)  # fmt: skip
    for name, value, display, unit, told in (
        ("n", n, "integer", "attacks", "attacks of"),
        ("part", part, "text", "", "name of"),
    ):
        words = f"{told} the one with most attacks among {little}"
        record.value(f"findings.{key}.missed.{name}", value, display, words, unit=unit,
                     reason=None if most else "none is missed")  # fmt: skip
    return min(able, key=lambda pair: pair[0])[1] if able else None
