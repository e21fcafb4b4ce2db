"""Two standing uses, recognised by what the builds are: other labels, and other settings on the same flows."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.audit.compare_builds import differing
from analysis.detection.names import MODELS
from analysis.difference.changes import APART, OF_THE_FOUNDATIONS, OVERLAP, Change, Flip, asked, judged
from analysis.difference.foundations import same_data
from analysis.difference.read import Build

CORRECTED = ("release.is_corrected", "release.is_wtmc2021")
NOT_PAIRED = (
    "Flows are not paired: the packets were cut into flows anew for the corrected labels, so that a flow of one build "
    "has no counterpart in the other, and no number here says how many labels were changed."
)
TITLE_BLOCK = "paper."
"""Settings that no number follows from: title, authors, date."""
ALWAYS = ("clean.flows", "clean.prevalence")


@dataclass(frozen=True)
class SideBySide:
    """One row of the table for class: what it is, its key, both texts, the difference and what the intervals do."""

    definition: str
    key: str
    texts: tuple[str, str]
    said: str
    intervals: str


def use_of(one: Build, other: Build) -> str:
    """``labels``, ``settings`` or an empty text where it is neither."""
    corrected = [any(build.is_true(key) for key in CORRECTED) for build in (one, other)]
    if corrected[0] != corrected[1] and one.is_true("data.of_cicids2017") and other.is_true("data.of_cicids2017"):
        return "labels"
    settings = (key for key, _, _ in differing(one.manifest["settings"], other.manifest["settings"]))
    chosen = any(not key.startswith(TITLE_BLOCK) for key in settings)
    return "settings" if chosen and same_data(one, other) else ""


def what_changes(one: Build, other: Build, flips: list[Flip], changes: list[Change]) -> list[str]:
    """What other labels change, in sentences; for builds of the use ``labels``."""
    said = [
        f"{one.name} has {_origin(one)}; {other.name} has {_origin(other)}.",
        NOT_PAIRED,
        f"Attacks are {one.text('clean.prevalence')} of the flows of {one.name} and "
        f"{other.text('clean.prevalence')} of those of {other.name}.",
    ]
    for build in (one, other):
        attempted = build.values.get("data.attempted", {}).get("value")
        if attempted:
            how = build.manifest["settings"].get("cleaning", {}).get("attempted")
            said.append(f"{build.text('data.attempted')} flows of {build.name} are labelled as attempted attacks; the "
                        f"setting for them is '{how}'.")  # fmt: skip
    (a, b), (c, d) = (asked(build) for build in (one, other)), (judged(build) for build in (one, other))
    said += [
        f"Of {len(a & b)} claims that both papers make or deny, {_count(flips, 'claim')} flipped.",
        f"Of {len(c & d)} claims of the source study that both judge, {_count(flips, 'verdict')} have another verdict.",
    ]
    scores = [c for c in changes if c.key in _scores() and c.intervals in (APART, OVERLAP)]
    if scores:
        apart = sum(change.intervals == APART for change in scores)
        said.append(f"Of {len(scores)} F1 that changed, of models on the ranked and on all features, {apart} have "
                    "intervals that lie apart.")  # fmt: skip
    parts = [build.name for build in (one, other) if not build.is_true("release.complete")]
    if parts:
        said.append(f"No complete release: {' and '.join(parts)}. What changes here is of these excerpts.")
    return said


def side_by_side(one: Build, other: Build, changes: list[Change]) -> list[SideBySide]:
    """Flows, numbers of the abstract and F1 of each model, changed or not, for a table."""
    changed = {change.key: change for change in changes}
    keys = dict.fromkeys([*ALWAYS, *one.paper.of_the_abstract, *other.paper.of_the_abstract, *_scores()])
    rows = []
    for key in keys:
        a, b = one.values.get(key), other.values.get(key)
        if a is None or b is None or key.startswith(("source.", *OF_THE_FOUNDATIONS)):
            continue
        change = changed.get(key)
        text = str(a.get("forms", {}).get("interval", a["text"]))
        texts = change.texts if change else (text, text)
        rows.append(SideBySide(b["definition"], key, texts, change.said if change else "same",
                               change.intervals if change else ""))  # fmt: skip
    return rows


def _scores() -> list[str]:
    return [f"{part}.{model}.f1" for part in ("binary", "binary_all") for model in MODELS]


def _origin(build: Build) -> str:
    return build.text("data.origin") or "flows of unknown origin"


def _count(flips: list[Flip], kind: str) -> int:
    return sum(flip.kind == kind for flip in flips)
