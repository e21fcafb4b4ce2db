"""Step: two-sample Kolmogorov-Smirnov test of every numeric feature, benign against attack, on all cleaned flows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import kolmogi, kolmogorov

from analysis.command import In, Ins, Out, Outs, run
from analysis.record import FEATURE, Column, Record, read_json
from analysis.statistics.value_counts import Floats, ValueCounts, class_sizes

ALPHA = 0.05

LEFT_OUT = "Missing cells are left out; n: the flows of each class that have a value, on which p depends."
NOTES = (
    "D: largest distance between the two empirical distribution functions, first reached at x; F(x): share of the "
    "class at or below x.",
    "p: two-sided, from Kolmogorov's limiting distribution, Holm-adjusted over all the features tested.",
    "Ties make the test conservative, so that p is an upper bound; flows of one attack or one host depend on one "
    "another, which makes the test invalid, so that p is no measure of evidence here.",
    "D sees the widest gap between the two distributions, wherever it lies. δ: Cliff's delta, the probability that an "
    "attack has a larger value than a benign flow less that of a smaller one; it sees which class has larger ones.",
)


@dataclass(frozen=True)
class Smirnov:
    """D, where it is first reached, the share of each class at or below that point, and the flows with a value.

    ``delta`` is Cliff's delta (1993), 2 AUC - 1: the probability that an attack has a larger value than a benign flow
    less the probability that it has a smaller one.
    """

    d: float
    at: float
    benign: float
    attack: float
    n_benign: int
    n_attack: int
    delta: float


def two_sample(value_counts: ValueCounts) -> Smirnov:
    """Two-sample Kolmogorov-Smirnov distance between the benign and the attack flows of a feature.

    >>> test = two_sample(ValueCounts.of([1, 2, 3, 3, 4], [False, False, False, True, True]))
    >>> round(test.d, 3), test.at, round(test.delta, 3)
    (0.667, 2.0, 0.833)
    """
    benign, attack = np.cumsum(value_counts.benign), np.cumsum(value_counts.attack)
    n0, n1 = int(benign[-1]), int(attack[-1])
    # Whole numbers below 2^63 compare exactly, so equal distances tie and the first one is taken.
    i = int(np.argmax(np.abs(benign * n1 - attack * n0)))
    below_benign, below_attack = float(benign[i] / n0), float(attack[i] / n1)
    # Twice the benign flows below a value, and those at it once more, less all of them: below less above.
    ahead = int((value_counts.attack * (2 * benign - value_counts.benign - n0)).sum())
    delta = ahead / (n0 * n1)
    return Smirnov(
        abs(below_benign - below_attack), float(value_counts.values[i]), below_benign, below_attack, n0, n1, delta
    )


def log10_p(d: float, n0: int, n1: int) -> float:
    """Decimal logarithm of the two-sided p-value, from Kolmogorov's limiting distribution (Smirnov 1948).

    From 2 exp(-2 z^2), its leading term, where z = D sqrt(n0 n1 / (n0 + n1)) is large: the p-value itself underflows.

    >>> round(log10_p(0.1, 1000, 500), 2)
    -2.59
    """
    z = d * np.sqrt(n0 * n1 / (n0 + n1))
    if z > 10:
        return float((np.log(2) - 2 * z**2) / np.log(10))
    return float(np.log10(kolmogorov(z)))


def critical_d(n0: int, n1: int, alpha: float = ALPHA) -> float:
    """D from which a two-sided test at level ``alpha`` rejects: c sqrt((n0 + n1) / (n0 n1)), c = 1.358 at .05.

    >>> round(critical_d(1000, 500), 4)
    0.0744
    """
    return float(kolmogi(alpha) * np.sqrt((n0 + n1) / (n0 * n1)))


def holm(p: Floats) -> Floats:
    """Holm-adjusted p-values (Holm 1979), in the order given.

    >>> holm(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1)
    return adjusted


def _row(feature: str, test: Smirnov, log_p: float, p_holm: float) -> dict[str, Any]:
    return {
        "feature": feature, "d": test.d, "at": test.at, "benign": test.benign, "attack": test.attack,
        "delta": test.delta, "log10_p": log_p, "p": 10.0**log_p, "p_holm": p_holm,
        "n_benign": test.n_benign, "n_attack": test.n_attack,
    }  # fmt: skip


def record_tests(record: Record, tests: Mapping[str, Smirnov], top: Sequence[str], n0: int, n1: int) -> None:
    """Tables and values from the tests of all features, in ``n0`` benign and ``n1`` attack flows.

    Where a feature has missing cells, its test has fewer flows, and the tables say how many.
    """
    logs = [log10_p(test.d, test.n_benign, test.n_attack) for test in tests.values()]
    adjusted = holm(10.0 ** np.array(logs))
    rows = {f: _row(f, t, p, a) for (f, t), p, a in zip(tests.items(), logs, adjusted.tolist(), strict=True)}
    critical = critical_d(n0, n1)
    sizes = f"All cleaned flows: {n0:,} benign, {n1:,} attack. Critical D at level {ALPHA}: {critical:.4f}."

    def counts(of: Sequence[Mapping[str, Any]]) -> tuple[list[Column], str]:
        """Columns and a sentence about the number of flows, where it is not the same for all these features."""
        if all((row["n_benign"], row["n_attack"]) == (n0, n1) for row in of):
            return [], sizes
        columns = [
            Column("n_benign", "n benign", "integer", unit="flows"),
            Column("n_attack", "n attack", "integer", unit="flows"),
        ]
        return columns, f"{sizes} {LEFT_OUT}"

    distances = [
        FEATURE,
        Column("d", "D", "fixed:3", unit="fraction", definition="Kolmogorov-Smirnov distance D of benign from attack"),
        Column("delta", "δ", "fixed:3", unit="1", definition="Cliff's delta of attacks over benign flows"),
        Column("at", "x", "significant:4", unit="as in the release", definition="value at which D is first reached"),
        Column("benign", "F(x) benign", "fixed:3", unit="fraction",
               definition="share of benign flows at or below that value"),
        Column("attack", "F(x) attack", "fixed:3", unit="fraction",
               definition="share of attack flows at or below that value"),
    ]  # fmt: skip
    p_values = [
        Column("p", "p", "p", unit="1", definition="two-sided p (an upper bound because of ties)"),
        Column("p_holm", "p, Holm", "p", unit="1",
               definition="Holm-adjusted two-sided p (an upper bound because of ties)"),
    ]  # fmt: skip
    kept, by_d = [rows[feature] for feature in top], sorted(rows.values(), key=lambda row: -row["d"])
    sizes_columns, sizes_note = counts(kept)
    record.table(
        "ks",
        "Kolmogorov-Smirnov distance between benign and attack flows, features that are kept",
        [*distances, *p_values, *sizes_columns],
        kept,
        notes=[sizes_note, *NOTES],
    )
    sizes_columns, sizes_note = counts(by_d)
    record.table(
        "ks_all",
        "Kolmogorov-Smirnov distance between benign and attack flows, every numeric feature by descending D",
        [*distances, Column("log10_p", "log₁₀ p", "fixed:1", unit="1"), p_values[1], *sizes_columns],
        by_d,
        notes=[sizes_note, *NOTES],
    )
    _values(record, rows, top, n0 + n1)
    record.value("ks.alpha", ALPHA, "fixed:2", "level of the tests")
    record.value("ks.n_benign", n0, "integer", "benign flows in the tests")
    record.value("ks.n_attack", n1, "integer", "attack flows in the tests")
    record.value(
        "ks.critical_d", critical, "fixed:4", f"D from which a two-sided test at level {ALPHA} rejects", n=n0 + n1
    )


def _values(record: Record, rows: Mapping[str, Mapping[str, Any]], top: Sequence[str], n: int) -> None:
    rejected = [f for f, row in rows.items() if row["p_holm"] <= ALPHA]
    kept = [rows[feature] for feature in top]
    record.value("ks.tested", len(rows), "integer", "number of features tested", n=n, table="ks_all")
    record.value("ks.rejected", len(rejected), "integer", f"features with Holm-adjusted p of at most {ALPHA}", n=n)
    not_rejected = [f for f in rows if f not in rejected]
    record.value(
        "ks.not_rejected", len(not_rejected), "integer", f"number of features with Holm-adjusted p above {ALPHA}", n=n
    )
    record.value("ks.not_rejected_names", not_rejected, "list", f"features with Holm-adjusted p above {ALPHA}", n=n)
    record.value("ks.all_rejected", not not_rejected, "text", "whether every feature tested is rejected", n=n)
    record.value(
        "ks.selected.rejected", sum(f in rejected for f in top), "integer", n=n,
        definition=f"features kept with Holm-adjusted p of at most {ALPHA}",
    )  # fmt: skip
    for prefix, among, words, table in (
        ("ks", list(rows.values()), "all features", "ks_all"),
        ("ks.selected", kept, "the features kept", "ks"),
    ):
        for end, pick, word in (("max", max, "largest"), ("min", min, "smallest")):
            row = pick(among, key=lambda row: row["d"])
            key, of = f"{prefix}.{end}_d", f"{word} D among {words}"
            record.name(key, table, row["feature"], "d", definition=of, n=n)
            record.value(f"{key}.feature", row["feature"], "text", f"feature with the {of}", n=n)
        largest = max(among, key=lambda row: row["p"])
        of = f"largest Holm-adjusted p among {words}"
        record.name(f"{prefix}.max_p_holm", table, largest["feature"], "p_holm", definition=of, n=n)
    apart = max(kept, key=lambda row: row["d"] - abs(row["delta"]))
    of = "feature kept for which D exceeds the size of Cliff's delta by most"
    record.value("ks.selected.apart.feature", apart["feature"], "text", of, n=n)
    for name, words in (("d", "D"), ("delta", "Cliff's delta")):
        record.name(f"ks.selected.apart.{name}", "ks", apart["feature"], name, definition=f"{words} of the {of}", n=n)
    median = float(np.median([row["d"] for row in rows.values()]))
    record.value("ks.median_d", median, "fixed:3", "median of D over all features", n=n)
    by_d = sorted(rows, key=lambda f: -rows[f]["d"])
    among_top = sum(feature in by_d[: len(top)] for feature in top)
    record.value(
        "ks.selected.among_largest_d", among_top, "integer", n=n,
        definition="features kept that are also among as many features with the largest D",
    )  # fmt: skip


def step(flows: Ins, metadata: In, features: In, values: Out, tables: Outs) -> None:
    """Two-sample Kolmogorov-Smirnov test of every numeric feature, benign against attack, on all cleaned flows."""
    kept, sizes = read_json(features), class_sizes(flows)
    tests = {name: two_sample(ValueCounts.read(flows, name)) for name in kept["all"]}
    record = Record("kolmogorov_smirnov", read_json(metadata)["data"])
    record_tests(record, tests, kept["selected"], sizes["benign"], sizes["attack"])
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
