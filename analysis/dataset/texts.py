"""Columns of text of which few differ, such as labels: as numbers, or as objects that equal texts share."""

from __future__ import annotations

import numpy as np
import polars as pl


def numbered(texts: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """The different texts in ascending order, and which of them each is, (n,), as numpy.unique tells.

    >>> names, of = numbered(pl.Series(["b", "a", "b"]))
    >>> names.tolist(), of.tolist()
    (['a', 'b'], [1, 0, 1])
    """
    names = texts.unique().sort()
    return names.to_numpy(), texts.cast(pl.Enum(names)).to_physical().to_numpy()


def objects(texts: pl.Series) -> np.ndarray:
    """The texts as an array of objects, (n,), equal ones being one object: one for each would be most of the memory.

    >>> found = objects(pl.Series(["b", "a", "b"]))
    >>> found.tolist(), found[0] is found[2]
    (['b', 'a', 'b'], True)
    """
    names, of = numbered(texts)
    return np.asarray(names[of])
