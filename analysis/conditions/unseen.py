"""Splits that ask for attacks of a kind that no model was trained on: one type, or one family, is left out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analysis.conditions.draw import Draw, Flows, Roles, stratified
from analysis.dataset.parts import TEST, TRAIN, UNUSED

FAMILIES = {
    "denial of service": (
        "DoS Hulk", "DoS GoldenEye", "DoS slowloris", "DoS Slowhttptest", "DDoS", "DDoS HOIC", "DDoS LOIC-UDP",
        "DDoS LOIC-HTTP", "DoS",
    ),
    "password guessing": ("FTP-Patator", "SSH-Patator", "FTP-BruteForce", "SSH-Bruteforce", "Brute Force"),
    "scans": ("PortScan", "Infiltration PortScan"),
    "web attacks": ("Web Attack Brute Force", "Web Attack XSS", "Web Attack SQL Injection", "Web Attack"),
}  # fmt: skip
"""Types that teach one another: the same tool, or the same effect on the same service. Any other is a family alone.

DDoS floods the web server that the DoS tools exhaust, from several hosts in place of one. Infiltration without its
scans stays alone: what it does on the victim is no scan.
"""
UNTYPED = "the labels tell no types of attack apart"
FEW = "fewer flows than a type needs to be judged"


def family(label: str) -> str:
    """The family of a type of attack.

    >>> family("DDoS"), family("Bot")
    ('denial of service', 'Bot')
    """
    return next((name for name, members in FAMILIES.items() if label in members), label)


def type_out(flows: Flows, draw: Draw) -> list[Roles]:
    """Each type that has siblings is left out of the training part once; the others are a family of their own."""
    types = sorted(set(flows.label[flows.used & flows.attack].tolist()))
    siblings = [label for label in types if sum(family(other) == family(label) for other in types) > 1]
    if len(types) > 1 and not siblings:
        return [Roles("type_out", None, "no type of attack has a sibling here")]
    return _left_out(flows, draw, "type_out", {label: (label,) for label in siblings})


def family_out(flows: Flows, draw: Draw) -> list[Roles]:
    """Each family is left out of the training part once."""
    types = sorted(set(flows.label[flows.used & flows.attack].tolist()))
    families: dict[str, tuple[str, ...]] = {}
    for label in types:
        families[family(label)] = (*families.get(family(label), ()), label)
    return _left_out(flows, draw, "family_out", families)


def _left_out(flows: Flows, draw: Draw, rule: str, groups: Mapping[str, tuple[str, ...]]) -> list[Roles]:
    """A fold for each group of types: it is tested on all its flows and a random test part of the benign ones.

    The training part is that of one random split, the same for all, without the group. A group of fewer than
    ``min_type`` flows is not judged.
    """
    if len(set(flows.label[flows.used & flows.attack].tolist())) < 2:
        return [Roles(rule, None, UNTYPED)]
    rows = np.flatnonzero(flows.used)
    tested = np.zeros(flows.used.size, dtype=bool)
    tested[rows] = stratified(flows.label[rows], draw, None if flows.copies is None else flows.copies[rows])
    found = []
    for name, members in groups.items():
        out = flows.used & flows.attack & np.isin(flows.label, members)
        if out.sum() < draw.min_type:
            found.append(Roles(name, None, FEW))
            continue
        roles = np.where(out | (tested & ~flows.attack), TEST, np.where(flows.used & ~tested, TRAIN, UNUSED))
        found.append(Roles(name, roles.astype(np.uint8)))
    return found
