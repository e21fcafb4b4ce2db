"""Decision trees grown as scikit-learn grows them, on columns that were sorted once; compiled by Numba.

``grow_classifier`` grows the tree of DecisionTreeClassifier (Gini impurity), ``grow_regressor`` that of
DecisionTreeRegressor (squared error), after Breiman, Friedman, Olshen and Stone, Classification and Regression Trees,
1984. Both try the places between neighbouring values of a column that lie further apart than ``APART``, and halve the
way between them. Of columns that gain alike ``grow_regressor`` takes the first, scikit-learn and ``grow_classifier``
the first that they draw.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from analysis.conditions.stumps import APART, TIE

PURE = np.finfo(np.float64).eps
"""Impurity up to which a node is not split (its EPSILON)."""
LEAF, NOTHING = -1, -2
"""What scikit-learn writes for the children of a leaf, and for its feature and threshold."""
SHORT = 32
"""Rows up to which sorting by insertion is the fastest."""


@njit(nogil=True, cache=True)
def _sort(keys, rows, other_keys, other_rows, n, top):  # type: ignore[no-untyped-def]
    """Sort the first ``n`` of ``keys``, whole numbers from 0 to ``top``, and ``rows`` with them; equal ones stay."""
    if n <= SHORT:
        for i in range(1, n):
            key, row, j = keys[i], rows[i], i
            while j > 0 and keys[j - 1] > key:
                keys[j], rows[j] = keys[j - 1], rows[j - 1]
                j -= 1
            keys[j], rows[j] = key, row
        return
    bits = 8
    while bits < 16 and (2 << bits) <= 2 * n and (1 << bits) <= top:
        bits += 1
    counts, shift, swapped, mask = np.empty((1 << bits) + 1, np.int32), 0, False, (1 << bits) - 1
    while (top >> shift) > 0:
        counts[:] = 0
        for i in range(n):
            counts[((keys[i] >> shift) & mask) + 1] += 1
        for digit in range(mask):
            counts[digit + 1] += counts[digit]
        for i in range(n):
            digit = (keys[i] >> shift) & mask
            other_keys[counts[digit]], other_rows[counts[digit]] = keys[i], rows[i]
            counts[digit] += 1
        keys, other_keys, rows, other_rows = other_keys, keys, other_rows, rows
        shift, swapped = shift + bits, not swapped
    if swapped:
        other_keys[:n], other_rows[:n] = keys[:n], rows[:n]


@njit(nogil=True, cache=True)
def grow_classifier(ranks, levels, starts, truth, weights, number, tried, deepest, seed):  # type: ignore[no-untyped-def]
    """Grow a tree that tells ``number`` classes apart, to leaves of one class or as deep as ``deepest``.

    ``ranks`` (k, n) are places of the values in a column's distinct values, which ``levels`` holds one column after
    another from ``starts`` (k,) on; ``truth`` and ``weights`` (n,) are class and weight of a row, which is left out
    where it has none. At each node ``tried`` columns are drawn, and more until one varies. Returns per node: left and
    right child, column, threshold, impurity, rows, and the weight of each class (nodes, number); and the depth.
    """
    rows = np.flatnonzero(weights > 0).astype(np.int32)
    n, k = rows.size, len(ranks)
    room = 1024
    left, right = np.full(room, LEAF, np.int64), np.full(room, LEAF, np.int64)
    column, threshold = np.full(room, NOTHING, np.int64), np.full(room, float(NOTHING))
    impurity, size, held = np.zeros(room), np.zeros(room, np.int64), np.zeros((room, number))
    keys, other_keys = np.empty(n, np.int32), np.empty(n, np.int32)
    sorted_rows, other_rows = np.empty(n, np.int32), np.empty(n, np.int32)
    below, above, order = np.empty(number), np.empty(number), np.arange(k)
    stack = [(0, n, 0, -1)]
    count, depth_seen, state = 0, 0, np.uint64(seed)
    while len(stack) > 0:
        start, end, depth, parent = stack.pop()
        node, m = count, end - start
        count += 1
        if node == room:
            left, right = np.append(left, np.full(room, LEAF)), np.append(right, np.full(room, LEAF))
            column = np.append(column, np.full(room, NOTHING))
            threshold = np.append(threshold, np.full(room, float(NOTHING)))
            impurity, size = np.append(impurity, np.zeros(room)), np.append(size, np.zeros(room, np.int64))
            held, room = np.concatenate((held, np.zeros((room, number)))), 2 * room
        if parent >= 0:
            if left[parent] == LEAF:
                left[parent] = node
            else:
                right[parent] = node
        size[node], depth_seen = m, max(depth_seen, depth)
        for i in range(start, end):
            held[node, truth[rows[i]]] += weights[rows[i]]
        total, squares = held[node].sum(), (held[node] ** 2).sum()
        impurity[node] = 1 - squares / (total * total)
        if depth >= deepest or m < 2 or impurity[node] <= PURE:
            continue
        best, place, seen, undrawn = -np.inf, 0, 0, k
        while undrawn > 0 and (seen < tried or best == -np.inf):
            seen += 1
            state ^= state >> np.uint64(12)
            state ^= state << np.uint64(25)
            state ^= state >> np.uint64(27)
            drawn = int((state * np.uint64(2685821657736338717) >> np.uint64(33)) % np.uint64(undrawn))
            undrawn -= 1
            order[drawn], order[undrawn] = order[undrawn], order[drawn]
            one = order[undrawn]
            low = high = ranks[one, rows[start]]
            for i in range(m):
                key = ranks[one, rows[start + i]]
                keys[i], sorted_rows[i] = key, rows[start + i]
                low, high = min(low, key), max(high, key)
            level = levels[starts[one] :]
            if level[high] <= level[low] + APART:
                continue
            for i in range(m):
                keys[i] -= low
            _sort(keys, sorted_rows, other_keys, other_rows, m, high - low)
            below[:], above[:] = 0, held[node]
            weight_below, squares_below, squares_above = 0.0, 0.0, squares
            for i in range(m - 1):
                row = sorted_rows[i]
                weight, kind = weights[row], truth[row]
                squares_below += weight * (2 * below[kind] + weight)
                squares_above -= weight * (2 * above[kind] - weight)
                below[kind] += weight
                above[kind] -= weight
                weight_below += weight
                if keys[i + 1] > keys[i] and level[low + keys[i + 1]] > level[low + keys[i]] + APART:
                    gain = squares_below / weight_below + squares_above / (total - weight_below)
                    if gain > best:
                        best, column[node], place = gain, one, low + keys[i]
                        threshold[node] = level[low + keys[i]] / 2 + level[low + keys[i + 1]] / 2
        if best == -np.inf:
            continue
        one, at, further = column[node], start, 0
        for i in range(start, end):
            if ranks[one, rows[i]] <= place:
                rows[at] = rows[i]
                at += 1
            else:
                other_rows[further] = rows[i]
                further += 1
        rows[at:end] = other_rows[:further]
        stack.append((at, end, depth + 1, node))
        stack.append((start, at, depth + 1, node))
    return (left[:count], right[:count], column[:count], threshold[:count], impurity[:count], size[:count],
            held[:count], depth_seen)  # fmt: skip


@njit(nogil=True, cache=True)
def grow_regressor(order, ordered, truth, weights, deepest):  # type: ignore[no-untyped-def]
    """Grow a tree that foretells numbers, level by level, as deep as ``deepest``.

    ``order`` (k, n) are the rows by their value in each column, ``ordered`` (k, n) these values; ``truth`` and
    ``weights`` (n,) number and weight of a row. Returns per node: left and right child, column, threshold, impurity,
    rows, weight, mean; the leaf of each row (n,); the depth; and at how many nodes another split gained alike.
    """
    k, n = order.shape
    most = 2 ** (deepest + 1)
    left, right = np.full(most, LEAF, np.int64), np.full(most, LEAF, np.int64)
    column, threshold = np.full(most, NOTHING, np.int64), np.full(most, float(NOTHING))
    size, weight, total, square = np.zeros(most, np.int64), np.zeros(most), np.zeros(most), np.zeros(most)
    best, tied = np.full(most, -np.inf), np.zeros(most, np.bool_)
    last, rows_below = np.empty(most, np.float32), np.empty(most, np.int64)
    weight_below, total_below = np.empty(most), np.empty(most)
    at = np.zeros(n, np.int32)
    # What is asked of a row lies together: rows come in another order for each column.
    asked = np.empty((n, 3))
    for i in range(n):
        asked[i, 0], asked[i, 1], asked[i, 2] = 0, weights[i], weights[i] * truth[i]
        size[0] += 1
        weight[0] += weights[i]
        total[0] += weights[i] * truth[i]
        square[0] += weights[i] * truth[i] * truth[i]
    first, count, depth_seen, ties = 0, 1, 0, 0
    for depth in range(deepest):
        for one in range(k):
            rows_below[first:count], weight_below[first:count], total_below[first:count] = 0, 0, 0
            for i in range(n):
                row = asked[order[one, i]]
                node = int(row[0])
                if node < first:
                    continue
                value = ordered[one, i]
                if rows_below[node] > 0 and value > last[node] + APART:
                    rest = total[node] - total_below[node]
                    gain = total_below[node] ** 2 / weight_below[node] + rest**2 / (weight[node] - weight_below[node])
                    if abs(gain - best[node]) <= TIE * weight[0]:
                        tied[node] = True
                    if gain > best[node]:
                        tied[node] = tied[node] and gain - best[node] <= TIE * weight[0]
                        best[node], column[node] = gain, one
                        threshold[node] = last[node] / 2 + value / 2
                last[node] = value
                rows_below[node] += 1
                weight_below[node] += row[1]
                total_below[node] += row[2]
        past = count
        for node in range(first, past):
            mean = total[node] / weight[node]
            if size[node] < 2 or best[node] == -np.inf or square[node] / weight[node] - mean * mean <= PURE:
                column[node], threshold[node] = NOTHING, NOTHING
                continue
            ties += tied[node]
            left[node], right[node] = count, count + 1
            count += 2
        if count == past:
            break
        depth_seen = depth + 1
        _send(order, ordered, truth, weights, at, asked, first, left, column, threshold, size, weight, total, square)
        first = past
    mean = total[:count] / weight[:count]
    return (left[:count], right[:count], column[:count], threshold[:count],
            np.maximum(square[:count] / weight[:count] - mean * mean, 0), size[:count], weight[:count], mean, at,
            depth_seen, ties)  # fmt: skip


@njit(nogil=True, cache=True)
def _send(order, ordered, truth, weights, at, asked, first, left, column, threshold, size, weight, total, square):  # type: ignore[no-untyped-def]
    """Send each row of a node that was split to its child, and sum up there."""
    n = len(at)
    moved = np.zeros(n, np.bool_)
    for one in np.unique(column[first:]):
        if one < 0:
            continue
        for i in range(n):
            row = order[one, i]
            node = at[row]
            if moved[row] or node < first or column[node] != one:
                continue
            child = left[node] + (ordered[one, i] > threshold[node])
            at[row], asked[row, 0], moved[row] = child, child, True
            size[child] += 1
            weight[child] += weights[row]
            total[child] += weights[row] * truth[row]
            square[child] += weights[row] * truth[row] * truth[row]
