"""Whether a copy of the data holds enough for the study: flows of both classes, before and after they are cleaned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis import settings
from analysis.dataset.release import load
from analysis.errors import UserError


def refuse_too_little(inspection: Mapping[str, Any], study: settings.Study, data: str) -> None:
    """UserError where the inspected flows cannot make a study, as far as is known before they are cleaned."""
    benign, counts = load(inspection["release"]).benign, inspection["counts"]
    tried = sum(inspection["attempted"].values()) if study.cleaning.attempted == "attack" else 0
    attacks = sum(n for label, n in counts.items() if label != benign) + tried
    least = study.min_attacks
    if not attacks:
        raise UserError(f"data: {data} holds only {benign} flows; the study needs attacks as well")
    if benign not in counts:
        raise UserError(f"data: {data} holds no {benign} flow; the study needs both classes")
    if attacks < least:
        raise UserError(f"data: {data} holds {attacks} attack flows; the study needs at least {least} (min_attacks)")
    # What cleaning takes, in its order; flows that hold both kinds of cell count as not finite.
    taken = {"attacks": 0, "benign": 0}
    by = []
    for setting in ("non_finite", "magnitude"):
        lost = inspection.get(setting) or {}
        if getattr(study.cleaning, setting) == "drop" and any(lost.values()):
            taken = {name: n + lost[name] for name, n in taken.items()}
            by.append(f"cleaning.{setting}: drop")
    take = " and ".join(by) + (" takes" if len(by) == 1 else " take")
    if by and attacks - taken["attacks"] < least:
        raise UserError(
            f"{take} {taken['attacks']:,} of the {attacks:,} attacks of {data}; the study needs at least {least} "
            "attacks (min_attacks): choose otherwise there, or give more data"
        )
    if by and taken["benign"] == counts[benign]:
        raise UserError(
            f"{take} all benign flows of {data}; the study needs both classes: choose otherwise there, or give more "
            "data"
        )
