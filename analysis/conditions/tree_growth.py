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
DIGIT = 11
"""Bits at most by which rows are sorted at a time."""
CELLS = 2
"""Cells a row of a table of ranks and classes up to which counting is faster than sorting."""
ROUNDING = 1 - 1e-9
"""Factor below 1 by which rounding cannot hide a larger gain."""
HALF = 32
LOWER = (1 << HALF) - 1
"""A word holds a rank in its upper half, weight and class of a row in its lower."""


@njit(nogil=True, cache=True)
def _sort(pairs, other, n, low, high):  # type: ignore[no-untyped-def]
    """Sort the first ``n`` of ``pairs``: keys, whole numbers from ``low`` to ``high``, in the upper half of each."""
    if n <= SHORT:
        for i in range(1, n):
            pair, j = pairs[i], i
            while j > 0 and pairs[j - 1] > pair:
                pairs[j] = pairs[j - 1]
                j -= 1
            pairs[j] = pair
        return
    length = 1
    while ((high - low) >> length) > 0:
        length += 1
    # Digits of few bits: more counters than the nearest cache holds cost more than another pass.
    passes = -(-length // DIGIT)
    bits = -(-length // passes)
    counts, mask, swapped = np.empty((1 << bits) + 1, np.int32), (1 << bits) - 1, False
    for one in range(passes):
        shift = one * bits
        counts[:] = 0
        for i in range(n):
            counts[((((pairs[i] >> HALF) - low) >> shift) & mask) + 1] += 1
        for digit in range(mask):
            counts[digit + 1] += counts[digit]
        for i in range(n):
            digit = (((pairs[i] >> HALF) - low) >> shift) & mask
            other[counts[digit]] = pairs[i]
            counts[digit] += 1
        pairs, other, swapped = other, pairs, not swapped
    if swapped:
        other[:n] = pairs[:n]


@njit(nogil=True, cache=True)
def ascending(values):  # type: ignore[no-untyped-def]
    """The rows of float32 ``values`` (n,), none of them undefined, by value; equal ones in their order."""
    n = len(values)
    words, pairs, other = values.view(np.int32), np.empty(n, np.int64), np.empty(n, np.int64)
    low, high = np.int64(2**31), np.int64(-(2**31))
    for i in range(n):
        # The bits of a number rise with it as a whole number's do, and fall where it is negative.
        key = np.int64(words[i]) if words[i] >= 0 else np.int64(words[i]) ^ 0x7FFFFFFF
        pairs[i] = (key << HALF) | i
        low, high = min(low, key), max(high, key)
    _sort(pairs, other, n, low, high)
    rows = np.empty(n, np.int32)
    for i in range(n):
        rows[i] = pairs[i] & LOWER
    return rows


@njit(nogil=True, cache=True)
def grow_classifier(ranks, levels, starts, truth, weights, number, tried, deepest, seed, cells):  # type: ignore[no-untyped-def]
    """Grow a tree that tells ``number`` classes apart, to leaves of one class or as deep as ``deepest``.

    ``ranks`` (k, n) are places of the values in a column's distinct values, which ``levels`` holds one column after
    another from ``starts`` (k,) on; ``truth`` and ``weights`` (n,) are class and weight of a row, a whole number, which
    is left out where it has none. At each node ``tried`` columns are drawn, and more until one varies. Up to so many
    ``cells`` a row weights are counted and not sorted (CELLS), which changes nothing but the time. Returns per node:
    left and right child, column, threshold, impurity, rows, weight of each class (nodes, number); and the depth.
    """
    rows = np.flatnonzero(weights > 0).astype(np.int32)
    n, k = rows.size, len(ranks)
    bits = 0
    while (1 << bits) < number:
        bits += 1
    # Weight and class of a row in one number: they move with the row, and so are read in order.
    codes, kinds = np.empty(n, np.int64), (1 << bits) - 1
    for i in range(n):
        codes[i] = (np.int64(weights[rows[i]]) << bits) | truth[rows[i]]
    room = 1024
    left, right = np.full(room, LEAF, np.int64), np.full(room, LEAF, np.int64)
    column, threshold = np.full(room, NOTHING, np.int64), np.full(room, float(NOTHING))
    impurity, size, held = np.zeros(room), np.zeros(room, np.int64), np.zeros((room, number))
    pairs, other = np.empty(n, np.int64), np.empty(n, np.int64)
    table, other_rows = np.empty(n * cells, np.int64), np.empty(n, np.int32)
    below, above, order = np.empty(number, np.int64), np.empty(number, np.int64), np.arange(k)
    # What does not vary in a node does not below it; a row for each depth.
    same = np.zeros((64, k), np.bool_)
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
            held[node, codes[i] & kinds] += codes[i] >> bits
        total, squares = held[node].sum(), (held[node] ** 2).sum()
        impurity[node] = 1 - squares / (total * total)
        if depth >= deepest or m < 2 or impurity[node] <= PURE:
            continue
        if depth + 1 == len(same):
            same = np.concatenate((same, np.zeros(same.shape, np.bool_)))
        same[depth + 1] = same[depth]
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
            if same[depth, one]:
                continue
            of_rows, level = ranks[one], levels[starts[one] :]
            low = high = np.int64(of_rows[rows[start]])
            for i in range(m):
                key = np.int64(of_rows[rows[start + i]])
                pairs[i] = (key << HALF) | codes[start + i]
                low, high = min(low, key), max(high, key)
            if level[high] <= level[low] + APART:
                same[depth + 1, one] = True
                continue
            below[:], above[:] = 0, held[node]
            gain, at, after = _best_place(pairs, m, low, high, bits, level, below, above, other, table, cells)
            if gain > best:
                best, column[node], place = gain, one, at
                threshold[node] = level[at] / 2 + level[after] / 2
        if best == -np.inf:
            continue
        of_rows, at, further = ranks[column[node]], start, 0
        for i in range(start, end):
            if of_rows[rows[i]] <= place:
                rows[at], codes[at] = rows[i], codes[i]
                at += 1
            else:
                other_rows[further], other[further] = rows[i], codes[i]
                further += 1
        rows[at:end], codes[at:end] = other_rows[:further], other[:further]
        stack.append((at, end, depth + 1, node))
        stack.append((start, at, depth + 1, node))
    return (left[:count], right[:count], column[:count], threshold[:count], impurity[:count], size[:count],
            held[:count], depth_seen)  # fmt: skip


@njit(nogil=True, cache=True)
def _best_place(pairs, m, low, high, bits, level, below, above, other, table, cells):  # type: ignore[no-untyped-def]
    """The largest gain of parting the first ``m`` of ``pairs`` by their ranks, and the ranks next to that place.

    At first ``below`` is zero and ``above`` the weight of each class. The weights of each rank and class are counted
    where there are few of these, else the pairs are sorted.
    """
    kinds, span = (1 << bits) - 1, high - low + 1
    weight_below, squares_below, weight_above, squares_above = 0, 0, above.sum(), (above**2).sum()
    best, place, after, last = -np.inf, low, low, low - 1
    counted = m > SHORT and (span << bits) <= cells * m
    if counted:
        table[: span << bits] = 0
        for i in range(m):
            pair = pairs[i]
            table[(((pair >> HALF) - low) << bits) + (pair & kinds)] += (pair & LOWER) >> bits
        steps = span << bits
    else:
        _sort(pairs, other, m, low, high)
        steps = np.int64(m)
    for i in range(steps):
        if counted:
            weight, kind, rank = table[i], i & kinds, low + (i >> bits)
            if weight == 0:
                continue
        else:
            rank = pairs[i] >> HALF
            weight, kind = (pairs[i] & LOWER) >> bits, pairs[i] & kinds
        if rank != last:
            if last >= low and level[rank] > level[last] + APART:
                # Most places are seen to gain less without the slow divisions.
                light, heavy = float(weight_below), float(weight_above)
                if squares_below * heavy + squares_above * light >= best * ROUNDING * light * heavy:
                    gain = squares_below / light + squares_above / heavy
                    if gain > best:
                        best, place, after = gain, last, rank
            last = rank
        squares_below += weight * (2 * below[kind] + weight)
        squares_above -= weight * (2 * above[kind] - weight)
        below[kind] += weight
        above[kind] -= weight
        weight_below += weight
        weight_above -= weight
    return best, place, after


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
    first, count, depth_seen, ties, tie = 0, 1, 0, 0, TIE * weight[0]
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
                    one_side, other_side = total_below[node] ** 2, (total[node] - total_below[node]) ** 2
                    light, heavy = weight_below[node], weight[node] - weight_below[node]
                    # Most places are seen to gain less, and not to tie, without the slow divisions.
                    if one_side * heavy + other_side * light >= (best[node] - 2 * tie) * light * heavy:
                        gain = one_side / light + other_side / heavy
                        tied[node] |= abs(gain - best[node]) <= tie
                        if gain > best[node]:
                            tied[node] &= gain - best[node] <= tie
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
