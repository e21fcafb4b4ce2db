"""Ends between which numbers lie, and what arithmetic makes of them (interval arithmetic: Moore, 1966)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.dataset.meter import Array

WIDER = 1e-12
"""By this share of their size ends move apart, since sums of floating-point numbers depend on their order."""


@dataclass(frozen=True)
class Span:
    """Two ends, each of shape (rows,). What is computed of spans holds whatever is computed of numbers in them."""

    low: Array
    high: Array

    @classmethod
    def of(cls, *columns: Array) -> Span:
        """The span of some numbers, or of one."""
        return cls(np.minimum.reduce(columns), np.maximum.reduce(columns))

    def __add__(self, other: Span | Array | float) -> Span:
        other = _span(other)
        return Span(self.low + other.low, self.high + other.high)

    def __neg__(self) -> Span:
        return Span(-self.high, -self.low)

    def __sub__(self, other: Span | Array | float) -> Span:
        return self + -_span(other)

    def __mul__(self, other: Span | Array | float) -> Span:
        other = _span(other)
        return Span.of(self.low * other.low, self.low * other.high, self.high * other.low, self.high * other.high)

    def __truediv__(self, other: Span | Array | float) -> Span:
        """Divided by what is above 0."""
        other = _span(other)
        return Span.of(self.low / other.low, self.low / other.high, self.high / other.low, self.high / other.high)

    def squared(self) -> Span:
        """Squares: from 0 on where the span holds 0."""
        ends = Span.of(self.low**2, self.high**2)
        return Span(np.where((self.low < 0) & (self.high > 0), 0.0, ends.low), ends.high)

    def root(self) -> Span:
        """Square roots; what is below 0 counts as 0."""
        return Span(np.sqrt(np.maximum(self.low, 0)), np.sqrt(np.maximum(self.high, 0)))

    def floored(self) -> Span:
        """Whole numbers, the next ones below."""
        return Span(np.floor(self.low), np.floor(self.high))

    def or_also(self, other: Span, when: np.ndarray) -> Span:
        """The span of both where ``when``, shape (rows,); else this one."""
        return Span(
            np.where(when, np.minimum(self.low, other.low), self.low),
            np.where(when, np.maximum(self.high, other.high), self.high),
        )

    def wider(self) -> Span:
        """With ends apart by what the order of a sum may change."""
        return Span(self.low - WIDER * np.abs(self.low), self.high + WIDER * np.abs(self.high))


def _span(one: Span | Array | float) -> Span:
    return one if isinstance(one, Span) else Span(np.asarray(one, dtype=float), np.asarray(one, dtype=float))


def either(when: np.ndarray, one: Span, other: Span) -> Span:
    """One span where ``when``, shape (rows,), else the other."""
    return Span(np.where(when, one.low, other.low), np.where(when, one.high, other.high))


def least(*some: Span) -> Span:
    """The least of numbers in each."""
    return Span(np.minimum.reduce([one.low for one in some]), np.minimum.reduce([one.high for one in some]))


def greatest(*some: Span) -> Span:
    """The greatest of numbers in each."""
    return Span(np.maximum.reduce([one.low for one in some]), np.maximum.reduce([one.high for one in some]))


def mixed(one: Span, other: Span, part: Span) -> Span:
    """A weighted mean of both; ``part``, from 0 to 1, is the weight of the other. It has no other ends than these."""
    ends = [[(1 - t) * a + t * b for t in (part.low, part.high)]
            for a, b in ((one.low, other.low), (one.high, other.high))]  # fmt: skip
    return Span(np.minimum(*ends[0]), np.maximum(*ends[1]))
