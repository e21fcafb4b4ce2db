"""Step: whether the second part of this build is confirmatory or exploratory.

What decides its results was frozen by checksum, with the day, in ``config/frozen.yaml`` (``make freeze``). It confirms
where these settings meet a complete release; whatever else it shows may have been chosen after a look at such flows.
"""

from __future__ import annotations

import ast
import dataclasses
import datetime
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from analysis.command import In, Out, run
from analysis.conditions.findings import ROWS
from analysis.conditions.models import SOURCE
from analysis.errors import UserError
from analysis.record import Record, read_json

if TYPE_CHECKING:
    from analysis.settings import Study

SETTINGS: dict[str, Any] = {
    "cleaning": True, "features": True, "findings": True, "ledger": {"margin"}, "models": set(SOURCE), "seed": True,
    "split": True,
}  # fmt: skip
"""The settings that decide the results and verdicts of the second part, beside how often split and fit are repeated."""
CONSTANTS = {
    "conditions/campaigns.py": ("GAP",),
    "conditions/features.py": ("PORT", "SHORTCUTS", "ANSWERS"),
    "conditions/learning.py": ("HALVINGS", "REPETITIONS"),
    "conditions/threshold.py": ("RATES", "HELD_BACK"),
    "conditions/time_splits.py": ("TIMEOUT",),
    "conditions/unseen.py": ("FAMILIES",),
    "findings/by_part.py": ("CAUGHT", "FLATTERED"),
    "findings/effects.py": ("HALVES",),
    "findings/intervals.py": ("CONFIDENCE",),
    "findings/measured.py": ("RATE",),
    "findings/operating.py": ("EXPECTED", "TIMES"),
    "findings/rank_intervals.py": ("HELD", "TAIL", "FIRM", "SELDOM"),
    "findings/shuffled.py": ("PERMUTATIONS", "LEVEL", "FLOWS", "TREES"),
    "findings/simple_rules.py": ("DEPTH",),
    "findings/survival.py": ("LEAST",),
    "statistics/rank.py": ("CLUSTER",),
}
"""The numbers and lists in the code of the second part that decide as settings do, by file below ``analysis``."""
ANALYSIS = Path(__file__).parents[1]


class Frozen(BaseModel):
    """The checksum of :func:`deciding`, and the day on which it was frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    date: datetime.date
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


def deciding(study: Study) -> dict[str, Any]:
    """What decides the second part: settings, constants, and the conditions with what each needs, without words."""
    rows = [{key: value for key, value in dataclasses.asdict(row).items() if key != "words"} for row in ROWS]
    given = study.model_dump(mode="json", include=SETTINGS)
    return given | {"repetitions": study.repetitions, "conditions": rows, "constants": constants(ANALYSIS)}


def constants(analysis: Path) -> dict[str, str]:
    """The constants as the code says them; not imported, since the workflow asks before it may load large libraries."""
    found: dict[str, str] = {}
    for file, names in CONSTANTS.items():
        said = {
            node.targets[0].id: ast.unparse(node.value)
            for node in ast.parse((analysis / file).read_text(encoding="utf-8")).body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        found |= {f"{file} {name}": said[name] for name in names}
    return found


def checksum(study: Study) -> str:
    """SHA-256 of :func:`deciding` as JSON with sorted keys, in hexadecimal."""
    return hashlib.sha256(json.dumps(deciding(study), sort_keys=True).encode()).hexdigest()


def load(path: Path) -> Frozen:
    """What was frozen; UserError where the file does not say it."""
    try:
        return Frozen.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValueError):
        raise UserError(f"{path}: holds no 'date' and 'sha256' alone; have `make freeze` write it anew") from None


def record_frozen(record: Record, frozen: Frozen, mine: str, complete: bool, synthetic: bool) -> None:
    """Values ``frozen.*``: the day, whether this build is confirmatory, and if not, why."""
    reasons = {
        "the flows are synthetic": synthetic,
        "the flows are no complete release": not complete and not synthetic,
        "settings or conditions are not the frozen ones": mine != frozen.sha256,
    }
    why = "; ".join(reason for reason, holds in reasons.items() if holds)
    record.value(
        "frozen.date", str(frozen.date), "text", "day on which what decides the second part was frozen", unit=""
    )
    record.value("frozen.confirmatory", not why, "text", "whether the frozen settings meet a complete release", unit="")
    record.value("frozen.why", why or None, "text", "why the second part is exploratory", unit="",
                 reason=None if why else "it is confirmatory")  # fmt: skip


def step(defects: In, metadata: In, frozen: In, checksum: str, values: Out) -> None:
    """Whether the second part is confirmatory or exploratory."""
    about = read_json(metadata)
    record = Record("frozen", about["data"])
    complete = read_json(defects)["defects.complete"]["value"]
    record_frozen(record, load(frozen), checksum, complete, about["synthetic"])
    record.write(values, [])


if __name__ == "__main__":
    run(step)
