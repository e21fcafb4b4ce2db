"""Files that are read must be those that the first look saw: what is fitted is then what the paper says that it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from analysis.errors import UserError


def refuse_other_flows(files: Iterable[Mapping[str, Any]], seen: Mapping[str, str]) -> None:
    """UserError where ``files``, as they were read, are not those ``seen`` before (name to SHA-256)."""
    read = {file["name"]: file["sha256"] for file in files}
    if changed := sorted(name for name, _ in read.items() ^ seen.items()):
        raise UserError(f"data: {changed[0]} changed while the study was made; build again when it is complete")
