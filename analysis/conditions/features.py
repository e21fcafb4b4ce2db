"""The levels of the factor features: which columns a model sees, from what a training part has taught."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.conditions import added

PORT = "Destination Port"
SHORTCUTS = (
    PORT, "Init_Win_bytes_forward", "Init_Win_bytes_backward", "Fwd Header Length", "Bwd Header Length",
    "Fwd Header Length.1", "min_seg_size_forward",
)  # fmt: skip
"""Features that tell the tools and the testbed apart rather than attacks (Engelen et al. 2021)."""
ANSWERS = (
    "Total Length of Bwd Packets", "Bwd Packet Length Max", "Bwd Packet Length Min", "Bwd Packet Length Mean",
    "Bwd Packet Length Std", "Avg Bwd Segment Size", "Subflow Bwd Bytes", "Bwd Avg Bytes/Bulk", "Bwd Avg Bulk Rate",
    "Flow Bytes/s", "Min Packet Length", "Max Packet Length", "Packet Length Mean", "Packet Length Std",
    "Packet Length Variance", "Average Packet Size",
)  # fmt: skip
"""Features that hold the lengths of the server's answers, alone or among all packets; they tell the page it serves."""
WITHOUT = {"without_shortcuts": SHORTCUTS, "without_answers": ANSWERS}
"""Levels that are all features but some."""


def chosen(level: str, selection: Mapping[str, Any]) -> tuple[list[str], str | None]:
    """The features of a level, or none and why; ``selection`` is what the split's training part has taught."""
    if level == "selected":
        short = len(selection["selected"]) < selection["count"]
        return selection["selected"], "too few features vary in the training part" if short else None
    if level == "best_single":
        return selection["selected"][:1], None if selection["selected"] else "no feature can be ranked"
    if level.startswith(added.NAME):
        return added.columns(level, selection.get("added"))
    if level == "port":
        found = [name for name in selection["all"] if name == PORT]
    else:
        left_out = WITHOUT.get(level, ())
        found = [name for name in selection["all"] if name not in left_out]
    return found, None if found else "the flows have none of these features"
