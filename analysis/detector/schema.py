"""The form of detector.json, and the checksum that it bears."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

SCHEMA = "flowpaper/detector/1"
ECS_VERSION, OCSF_VERSION = "8.11.0", "1.6.0"
"""Of the Elastic Common Schema, and of the Open Cybersecurity Schema Framework, in which alerts are written."""
OUTPUTS = {
    "ecs": f"Elastic Common Schema {ECS_VERSION}",
    "ocsf": f"OCSF {OCSF_VERSION}, Detection Finding (2004)",
    "csv": "one line an alert",
}


def checksum(told: Mapping[str, Any]) -> str:
    """SHA-256 over all that detector.json says but its checksum."""
    text = json.dumps({key: value for key, value in told.items() if key != "checksum"}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
