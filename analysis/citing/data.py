"""What a number is of: the flows of its build, or what a source printed, a release is published with, a setting says.

A number that is of no flow of the build must not be cited as if it had been measured on them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Origin:
    """Values of these ``steps`` whose keys are so written; ``words`` are the data that they are of."""

    steps: tuple[str, ...]
    words: str
    keys: str = ".*"
    flows: bool = False
    """Whether the flows of the build are among these data; their name then takes the place of {}."""


ORIGINS = (
    Origin(("source_study",), "{}, beside what the source study printed",
           r"source\.(.+_difference|f1_distance\..+|largest_gap\w*|same_best)|source_comparison", flows=True),
    Origin(("source_study",), "printed by the source study, not measured here"),
    Origin(("study_claims",), "what the publications state, beside {}", flows=True),
    Origin(("ingest",), "as published of the complete release, not counted here",
           r"release\.(flows|features|attack_types|users)"),
    Origin(("transfer",), "{} to fit on, the flows of another build to test on",
           r"transfer\.(.+\.there\..+|years\..+)", flows=True),
    Origin(("coverage",), "simulated samples whose truth is known, no flows"),
    Origin(("fidelity", "twin_classes"), "the real flows that the synthetic twin was calibrated on or held to"),
    Origin(("settings", "frozen"), "none: a setting of this build, or what goes with it"),
    Origin(("title_block", "paper.render", "hyperparameters"), "none: about the build itself"),
)  # fmt: skip
"""The first that fits holds; every other value is of the flows of the build alone."""


def words(key: str, entry: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """The data that the value ``key`` is of, in words; ``values`` are those of its build."""
    found, flows = _origin(key, entry), values["data.origin"]["text"]
    return found.words.replace("{}", flows) if found else flows


def measured(key: str, entry: Mapping[str, Any]) -> bool:
    """Whether the value is of the flows of the build, alone or beside others."""
    found = _origin(key, entry)
    return found is None or found.flows


def _origin(key: str, entry: Mapping[str, Any]) -> Origin | None:
    step = (entry.get("origin") or {}).get("step")
    return next((one for one in ORIGINS if step in one.steps and re.fullmatch(one.keys, key)), None)
