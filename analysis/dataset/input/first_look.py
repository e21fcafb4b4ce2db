"""Files that are read must be those that the first look saw: what is fitted is then what the paper says that it is."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.errors import UserError


def refuse_other_flows(read: Mapping[str, str], seen: Mapping[str, str]) -> None:
    """UserError where the files that are ``read`` are not those ``seen`` before; both are name to SHA-256."""
    if changed := sorted(name for name, _ in read.items() ^ seen.items()):
        raise UserError(f"data: {changed[0]} changed while the study was made; build again when it is complete")
