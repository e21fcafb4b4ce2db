"""Units of the features of the releases, by their names."""

from __future__ import annotations

UNITS = (("Bytes/s", "bytes per second"), ("Packets/s", "packets per second"), ("Bulk Rate", "bytes per second"),
         ("Length of", "bytes"), ("Variance", "bytes squared"), ("Duration", "microseconds"), ("IAT", "microseconds"),
         ("Active", "microseconds"), ("Idle", "microseconds"), ("Packets", "packets"), ("Flag", "packets"),
         ("act_data", "packets"), ("Length", "bytes"), ("Size", "bytes"), ("Bytes", "bytes"), ("bytes", "bytes"),
         ("size", "bytes"))  # fmt: skip
"""Units by what a name holds; the first that it holds counts ('Total Length of Fwd Packets' counts bytes)."""


def unit(name: str) -> str:
    """The unit of a feature; an empty text for what has none.

    >>> unit("Total Length of Fwd Packets"), unit("Total Fwd Packets"), unit("Flow IAT Std"), unit("Destination Port")
    ('bytes', 'packets', 'microseconds', '')
    """
    return next((one for part, one in UNITS if part in name), "")
