"""Everything that a report on two builds says, before it is Markdown or a page; and the phrases that both share."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.difference import changes, foundations, standing
from analysis.difference.changes import APART, OVERLAP, RECORD, Change, Flip
from analysis.difference.foundations import Row
from analysis.difference.rankings import SHOWN, Ranking, rankings
from analysis.difference.read import Build
from analysis.difference.weight import Sentences, by_sentence, by_weight

KINDS = {
    "claim": "Claims of the paper",
    "verdict": "Verdicts on the source study",
    "pitfall": "Pitfalls",
}
INTERVALS = {APART: "intervals apart", OVERLAP: "intervals overlap"}
ON_INTERVALS = (
    "Intervals are of 95% and of one build each. That two of them overlap does not show that nothing changed; and of "
    "builds that share flows they are not independent."
)
TITLES = {"labels": "What changes with the labels", "settings": "For class: one data set, two settings"}
ABSENT = "in no sentence of this paper"


@dataclass(frozen=True)
class Report:
    """What differs between ``names``: all parts sorted, ``use`` as :func:`standing.use_of` tells it."""

    names: tuple[str, str]
    ids: str
    same_id: bool
    synthetic: tuple[str, ...]
    use: str
    foundations: dict[str, list[Row]]
    flips: list[Flip]
    rankings: list[Ranking]
    in_text: list[tuple[Sentences, list[Change]]]
    recorded: list[Change]
    what_changes: list[str]
    side_by_side: list[standing.SideBySide]
    only: tuple[list[str], list[str]]
    redefined: list[Change]
    unpaired: list[str]

    @property
    def title(self) -> str:
        """The heading of the report."""
        return f"From {self.names[0]} to {self.names[1]}"

    @property
    def summary(self) -> str:
        """In one sentence what changed, and by how much."""
        if self.unchanged:
            return "Nothing changed: no claim, verdict, pitfall, ranking, number or word."
        flipped = ", ".join(
            f"{_counted(sum(flip.kind == kind for flip in self.flips), word)}"
            for kind, word in (("claim", "claim"), ("verdict", "verdict"), ("pitfall", "pitfall"))
        )
        n = sum(len(group) for _, group in self.in_text)
        apart = sum(change.intervals == APART for _, group in self.in_text for change in group)
        in_text = f"{_counted(n, 'number or word', 'numbers or words')} of the text ({apart} with intervals apart)"
        ranked, recorded = (
            _counted(len(self.rankings), "ranking"),
            f"{len(self.recorded):,} that only values.json holds",
        )
        return f"Flipped: {flipped}. Changed: {in_text}, {ranked}, and {recorded}."

    @property
    def unchanged(self) -> bool:
        """Whether both builds say the same; what they rest on may differ."""
        found = (self.flips, self.rankings, self.in_text, self.recorded, *self.only, self.redefined, self.unpaired)
        return not any(found)

    @property
    def hint(self) -> str:
        """What it means where both builds have one id; empty where they have two."""
        if not self.same_id:
            return ""
        same = "Both have this id, which stands for the same data, settings, locked versions and code"
        return (
            f"{same}." if self.unchanged else f"{same}: what differs comes from the machine or from what set the paper."
        )

    @property
    def warning(self) -> str:
        """What must not be concluded, where a build is synthetic."""
        if not self.synthetic:
            return ""
        which = " and ".join(self.synthetic)
        return f"Synthetic flows: {which}. What differs says nothing about networks or about the source study."


def compared(one: Build, other: Build) -> Report:
    """The report on two builds."""
    changed, flips, use = changes.values(one, other), changes.flips(one, other), standing.use_of(one, other)
    return Report(
        names=(one.name, other.name),
        ids="; ".join(f"{build.name}: id {build.manifest.get('id', 'not known')}" for build in (one, other)),
        same_id=one.manifest.get("id") == other.manifest.get("id") is not None,
        synthetic=tuple(build.name for build in (one, other) if build.manifest.get("synthetic")),
        use=use,
        foundations=foundations.foundations(one, other),
        flips=flips,
        rankings=rankings(one, other),
        in_text=by_sentence(change for change in changed if change.place != RECORD),
        recorded=by_weight(change for change in changed if change.place == RECORD),
        what_changes=standing.what_changes(one, other, flips, changed) if use == "labels" else [],
        side_by_side=standing.side_by_side(one, other, changed) if use else [],
        only=(changes.only_in(one, other), changes.only_in(other, one)),
        redefined=[change for change in by_weight(changed) if change.redefined != "same"],
        unpaired=changes.unpaired(one, other),
    )


def told(change: Change) -> str:
    """Old, new, difference and intervals of a change, as they stand in one line."""
    behind = ", ".join(filter(None, (change.said, INTERVALS.get(change.intervals, ""))))
    return f"{change.texts[0]} → {change.texts[1]}" + (f" ({behind})" if behind else "")


def meaning(change: Change, names: tuple[str, str]) -> str:
    """The definition of a value, or both where they are not the same."""
    a, b = change.definitions
    if change.redefined == "same":
        return a
    other = "another quantity, so no difference is given" if change.redefined == "otherwise" else "other numbers in it"
    return f"defined otherwise ({other}): {names[0]}: {a}; {names[1]}: {b}"


def agreement(ranking: Ranking) -> str:
    """How far two orders agree, in words."""
    kept = f" {ranking.kept} of the first {SHOWN} keep their place." if ranking.kept else ""
    if ranking.tau is None:
        return f"Fewer than two are ranked in both.{kept}"
    return f"Kendall’s tau over the {ranking.common} that both rank: {ranking.tau:.2f}.{kept}".replace("-", "−")


def place(position: int | None) -> str:
    """A place in a ranking; a dash where there is none."""
    return "–" if position is None else str(position)


def _counted(n: int, one: str, several: str = "") -> str:
    return f"{n:,} {one if n == 1 else several or one + 's'}"
