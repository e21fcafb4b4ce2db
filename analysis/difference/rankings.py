"""Rankings of two builds: features, models and types, place by place, and how far the orders agree."""

from __future__ import annotations

from dataclasses import dataclass

from scipy import stats

from analysis.difference.read import Build

SHOWN = 10
"""Places that are shown; the agreement is over all that both builds rank."""


@dataclass(frozen=True)
class Ranking:
    """Two orders of the same kind of thing, best first. ``tau`` is Kendall's over what both rank, None below two."""

    title: str
    orders: tuple[tuple[str, ...], tuple[str, ...]]
    tau: float | None
    common: int

    @property
    def moves(self) -> list[tuple[str, int | None, int | None]]:
        """Those of the first :data:`SHOWN` of either order whose places, counted from 1, differ; None: not ranked."""
        places = [{name: i for i, name in enumerate(order, 1)} for order in self.orders]
        names = dict.fromkeys([*self.orders[0][:SHOWN], *self.orders[1][:SHOWN]])
        found = [(name, places[0].get(name), places[1].get(name)) for name in names]
        return [(name, a, b) for name, a, b in found if a != b]

    @property
    def kept(self) -> int:
        """How many of the first :data:`SHOWN` have one place in both."""
        return sum(a == b for a, b in zip(*(order[:SHOWN] for order in self.orders), strict=False))


def rankings(one: Build, other: Build) -> list[Ranking]:
    """Rankings that both builds have and that are not the same."""
    kinds = {
        "Features by their absolute correlation with the label": (_features(one), _features(other)),
        "Models by F1 on the ranked features": (_listed(one, "binary.order"), _listed(other, "binary.order")),
        "Models by F1 on all features": (_listed(one, "binary_all.order"), _listed(other, "binary_all.order")),
        "Attack types by F1, all features, with BENIGN": (_types(one), _types(other)),
    }
    return [_ranking(title, a, b) for title, (a, b) in kinds.items() if a and b and a != b]


def _ranking(title: str, a: tuple[str, ...], b: tuple[str, ...]) -> Ranking:
    common = [name for name in a if name in b]
    tau = float(stats.kendalltau(range(len(common)), [b.index(n) for n in common])[0]) if len(common) > 1 else None
    return Ranking(title, (a, b), tau, len(common))


def _features(build: Build) -> tuple[str, ...]:
    return tuple(row["feature"] for row in build.table("ranking"))


def _listed(build: Build, key: str) -> tuple[str, ...]:
    found = build.values.get(key, {}).get("value")
    return tuple(map(str, found)) if isinstance(found, list) else ()


def _types(build: Build) -> tuple[str, ...]:
    """Types with enough test flows to be judged, by F1; BENIGN is none."""
    rows = [row for row in build.table("types_f1") if row.get("evaluable") == "True" and row.get("all_with_benign")]
    named = [row for row in rows if row["label"] != "BENIGN"]
    return tuple(row["label"] for row in sorted(named, key=lambda row: (-float(row["all_with_benign"]), row["label"])))
