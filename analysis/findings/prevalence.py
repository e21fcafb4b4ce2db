"""Precision at another share of attacks than that of the flows it was measured on."""

from __future__ import annotations

from dataclasses import dataclass

Ends = tuple[float, float, float]
"""A number with the low and the high end of its interval."""

PREVALENCES = tuple(round(one * 10.0**-power, 9) for power in range(1, 6) for one in (5, 3, 2, 1.5, 1))
"""Shares of attacks, from one half to one in a hundred thousand."""


@dataclass(frozen=True)
class Rates:
    """Recall and false-positive rate with their intervals; both are known apart, whatever the share of attacks."""

    recall: Ends
    fpr: Ends


def precision(recall: float, fpr: float, prevalence: float) -> float:
    """Share of true alarms by Bayes' rule (Axelsson 1999); 1 where there is no false alarm, 0 where there is none.

    >>> round(precision(0.87, 0.01, 0.001), 3)
    0.08
    """
    true, false = prevalence * recall, (1 - prevalence) * fpr
    return true / (true + false) if true else 0.0


def precision_at(rates: Rates, prevalence: float) -> Ends:
    """Precision, and its band: least recall with most false alarms, and the other way round."""
    (recall, recall_low, recall_high), (fpr, fpr_low, fpr_high) = rates.recall, rates.fpr
    return (
        precision(recall, fpr, prevalence),
        precision(recall_low, fpr_high, prevalence),
        precision(recall_high, fpr_low, prevalence),
    )


def printed_at(printed: float, half_unit: float, measured: float, prevalence: float) -> Ends:
    """The same from a printed precision alone, which was measured at a share ``measured`` of attacks.

    The odds of a true alarm are those of an attack times a constant, recall over false-positive rate, so that neither
    needs to be known. Low and high: what the rounding of the printed number allows.

    >>> [round(one, 2) for one in printed_at(0.99, 0.005, 0.2, 0.001)]
    [0.28, 0.21, 0.44]
    """
    times = prevalence / (1 - prevalence) / (measured / (1 - measured))

    def moved(share: float) -> float:
        return 1.0 if share >= 1 else share / (1 - share) * times / (1 + share / (1 - share) * times)

    return moved(printed), moved(max(printed - half_unit, 0.0)), moved(printed + half_unit)
