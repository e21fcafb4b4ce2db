"""What a figure says in words: its name, and the alternative text computed from the numbers it shows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class FigureText:
    """Text that goes with a figure file of the same name."""

    name: str
    alt: str
    data: str

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise ValueError(f"figure {self.name} has no alternative text")

    def to_json(self) -> dict[str, Any]:
        """The form that the paper's filter reads."""
        return {"schema": "flowpaper/figure/1", **asdict(self)}
