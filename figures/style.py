"""The house style: sizes, the paper's font, colours that survive colour blindness, grey print and the dark."""

from __future__ import annotations

from math import isclose, log10
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, NullFormatter

from analysis.conditions import models
from figures import fonts

WIDTH = 6.3
"""Text width of the A4 page, in inches; every figure is drawn at this width and never scaled."""

# Okabe and Ito's palette, ordered so that neighbours also differ in lightness.
BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, GREY = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#6b6b6b",
)  # fmt: skip
INK, LINE, BAND = "#1a1a1a", "#d9d9d9", "#d4dde3"
GROUND = "#fefefe"
"""What hides what lies behind; not quite white, so that the dark tells it from white words on a dark cell."""
BENIGN = BLUE
ATTACK = VERMILION

DARK = {
    INK: "#e4e0d8", LINE: "#45413b", GREY: "#a49f94", GROUND: "#171614",
    BAND: "#37434b", BLUE: "#4ba3de", GREEN: "#2fbf95", PURPLE: "#d98fb8", VERMILION: "#f07f35",
}  # fmt: skip
"""What stands for each colour where the reader's screen is dark. Cells and the words in them keep theirs."""

PALETTE = {
    "blue": BLUE, "vermilion": VERMILION, "green": GREEN, "purple": PURPLE, "grey": GREY, "ink": INK,
}  # fmt: skip
"""Colours of lines by the names that the entries of models have them by; each has one for the dark."""

SEQUENTIAL = "cividis"
DIVERGING = "RdBu_r"
SMALL = 8
"""Type of numbers in cells and beside bars, in points."""

_SETTINGS: dict[Any, Any] = {
    # Words that this font has no letters for (users' labels) are as wide as in the second.
    "font.family": [fonts.FAMILY, "DejaVu Sans"],
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.3,
    "grid.linewidth": 0.4,
    "grid.color": LINE,
    "axes.axisbelow": True,
    "figure.constrained_layout.use": True,
    # A page shows through, whatever its colour.
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.unicode_minus": True,
    "svg.fonttype": "none",
    # A user's label may hold dollar signs; what is mathematics here is written with letters that have it.
    "text.parse_math": False,
    # Makes element ids reproducible.
    "svg.hashsalt": "flowpaper",
}
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def line(model: str, position: int) -> dict[str, Any]:
    """Colour and dashes of a model's line, so that grey print tells models apart; ``position`` is among those drawn."""
    look = models.look(model, position)
    return {"color": PALETTE[look.colour], "linestyle": (0, look.dashes) if look.dashes else "-"}


def use() -> None:
    """Set the house style for everything drawn after."""
    mpl.use("agg")
    mpl.rcdefaults()
    fonts.register()
    mpl.rcParams.update(_SETTINGS)


def in_the_dark() -> str:
    """CSS by which a picture in a page answers to a dark screen; what sets print passes over it."""
    rules = "".join(
        f'[style*="{what}: {light}"]{{{what}:{dark}!important}}'
        for light, dark in DARK.items()
        for what in ("fill", "stroke")
    )
    return f":root{{color-scheme:light dark}}@media (prefers-color-scheme:dark){{{rules}}}"


def power(exponent: float) -> str:
    """A power of ten in letters, so that it is text like all else."""
    return f"10{f'{exponent:.0f}'.translate(_RAISED)}"


def chords(values: np.ndarray) -> np.ndarray:
    """Points with nine more on each chord, which is straight on a linear axis and bends on a logarithmic one."""
    at = np.arange(values.size)
    return np.interp(np.linspace(0, at[-1], 10 * at[-1] + 1), at, values) if values.size else values


def powers(axis: Axis) -> None:
    """Label a logarithmic axis by powers of ten."""

    def label(value: float, _: object) -> str:
        exponent = log10(value) if value > 0 else 0.5
        return power(exponent) if isclose(exponent, round(exponent), abs_tol=1e-9) else ""

    axis.set_major_formatter(FuncFormatter(label))
    axis.set_minor_formatter(NullFormatter())


def heatmap(axis: Axes, values: np.ndarray, texts: list[list[str]] | None, **how: Any) -> None:
    """A heatmap of shares (or what ``how`` says) with ``texts`` in its cells, which are readable on each colour."""
    usual = {"cmap": SEQUENTIAL, "vmin": 0, "vmax": 1, "cbar": False, "linewidths": 0.8, "linecolor": GROUND}
    sns.heatmap(values, annot=texts, fmt="", annot_kws={"size": SMALL}, ax=axis, **(usual | how))
    across = axis.get_xticklabels()
    if max(len(label.get_text()) for label in across) > 8:
        plt.setp(across, rotation=40, ha="right", rotation_mode="anchor")
    axis.tick_params(axis="y", rotation=0)
    axis.tick_params(length=0)
