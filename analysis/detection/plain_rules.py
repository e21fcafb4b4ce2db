"""Rules that anybody could write, learnt on training flows: thresholds on a feature, decisions by value, look-ups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl


@dataclass(frozen=True)
class Rule:
    """Calls a flow an attack where its value lies above ``threshold``, or up to it."""

    threshold: float
    above: bool

    def calls(self, values: np.ndarray) -> np.ndarray:
        """Decisions on ``values`` of shape (n,); boolean."""
        return np.asarray((values > self.threshold) == self.above)


def learn(values: np.ndarray, attack: np.ndarray) -> Rule:
    """The rule of highest F1 on ``values`` and ``attack`` (boolean), both of shape (n,); ties: up to, then lowest.

    Calling every flow an attack is among the rules, so F1 is at least that of always saying so.

    >>> learn(np.array([1.0, 2.0, 3.0]), np.array([False, False, True]))
    Rule(threshold=2.0, above=True)
    """
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    last = np.append(np.flatnonzero(np.diff(ordered) > 0), values.size - 1)
    found, called, all_ = np.cumsum(attack[order])[last], last + 1, int(attack.sum())
    up_to = 2 * found / (called + all_)
    above = 2 * (all_ - found) / (values.size - called + all_)
    up = float(up_to.max()) >= float(above.max())
    return Rule(float(ordered[last[int(np.argmax(up_to if up else above))]]), not up)


def value_rule(seen: pl.Series, attack: np.ndarray, unseen: pl.Series) -> np.ndarray:
    """Answers of shape (unseen flows,) of a rule that sees one column alone and is learnt on the flows ``seen``.

    A value is an attack where most of its training flows are, and benign at a tie; one that they do not have gets the
    answer of most training flows.

    >>> port = pl.Series([80, 80, 21])
    >>> value_rule(port, np.array([True, True, False]), pl.Series([21, 80, 443])).tolist()
    [False, True, True]
    """
    shares = (
        pl.DataFrame([seen.alias("value"), pl.Series("attack", attack)]).group_by("value").agg(pl.col("attack").mean())
    )
    commoner = bool(attack.mean() > 0.5)
    # Only the values that are answered otherwise than an unknown one.
    others = shares.filter((pl.col("attack") > 0.5) != commoner)["value"]
    return unseen.is_in(others.implode()).to_numpy() != commoner


def look_up(seen: np.ndarray, attack: np.ndarray, unseen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Answers of a table of training flows, and which of the flows asked for it holds, both of shape (m,).

    ``seen`` (n, k) and ``unseen`` (m, k) are vectors of features. A vector has the answer of most of its training
    flows, benign at a tie; one that is not in the table has that of most training flows.

    >>> answers, known = look_up(np.array([[1.0, 2], [3, 4]]), np.array([True, False]), np.array([[1.0, 2], [5, 5]]))
    >>> answers.tolist(), known.tolist()
    ([True, False], [True, False])
    """
    # Adding 0 makes one zero of both.
    keys = pl.concat([pl.DataFrame(seen + 0.0, schema=_names(seen)), pl.DataFrame(unseen + 0.0, schema=_names(seen))])
    vector = keys.select(pl.struct(pl.all()).rank("dense").alias("vector"))["vector"]
    seen_as, unseen_as = vector.head(len(seen)), vector.tail(len(unseen))
    known = unseen_as.is_in(seen_as.implode()).to_numpy()
    return value_rule(seen_as, attack, unseen_as), known


def _names(matrix: np.ndarray) -> list[str]:
    return [str(i) for i in range(matrix.shape[1])]
