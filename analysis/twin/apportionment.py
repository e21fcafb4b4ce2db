"""Whole numbers shared out exactly: flows to files and labels, and any count to the blocks of a file."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.errors import UserError

Inventory = Mapping[str, Mapping[str, int]]
"""Published number of flows per file and label."""


def apportion(weights: Mapping[str, int], total: int, least: Mapping[str, int]) -> dict[str, int]:
    """Whole shares of ``total`` in proportion to ``weights``, by largest remainder, none below its ``least``.

    What the floors add is taken from the others; the sum is ``total`` unless the floors alone exceed it.
    """
    fixed: dict[str, int] = {}
    while True:
        rest = {name: weight for name, weight in weights.items() if name not in fixed}
        whole, left = sum(rest.values()), max(total - sum(fixed.values()), 0)
        low = {name: least[name] for name, weight in rest.items() if weight * left < least[name] * whole}
        if not low:
            break
        fixed |= low
    quotas = {name: divmod(weight * left, whole) for name, weight in rest.items()}
    missing = left - sum(quota for quota, _ in quotas.values()) if rest else 0
    first = sorted(quotas, key=lambda name: -quotas[name][1])[:missing]  # a stable sort: ties by order of the release
    return {name: fixed[name] if name in fixed else quotas[name][0] + (name in first) for name in weights}


def share_out(inventory: Inventory, rows: int, floor: int) -> dict[str, dict[str, int]]:
    """Flows per file and label: proportional to the inventory, each label with at least ``floor``.

    A floor is bounded by the published count; a total of ``rows`` equal to the inventory's gives the inventory.
    """
    totals: dict[str, int] = {}
    for labels in inventory.values():
        for label, n in labels.items():
            totals[label] = totals.get(label, 0) + n
    least = {label: min(floor, n) for label, n in totals.items()}
    if rows < sum(least.values()):
        raise UserError(
            f"twin.rows: {rows} is less than the {sum(least.values())} flows that twin.floor asks; raise it"
        )
    result: dict[str, dict[str, int]] = {name: {} for name in inventory}
    for label, n in apportion(totals, rows, least).items():
        published = {name: labels[label] for name, labels in inventory.items() if label in labels}
        for name, share in apportion(published, n, dict.fromkeys(published, 0)).items():
            result[name][label] = share
    empty = next((name for name, labels in result.items() if not sum(labels.values())), None)
    if empty:
        raise UserError(f"twin.rows: {rows} flows leave the day file {empty} without any; raise it")
    return result


def part(count: int, number: int, blocks: int) -> range:
    """Which of ``count`` things, in order, belong to block ``number`` of ``blocks``: the ranges join without gaps."""
    return range(count * number // blocks, count * (number + 1) // blocks)
