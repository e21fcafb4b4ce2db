"""The house style: sizes, colours that survive colour blindness and grey print, fonts drawn as paths."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl

WIDTH = 6.3
"""Text width of the A4 page, in inches; every figure is drawn at this width and never scaled."""

# Okabe and Ito's palette, ordered so that neighbours also differ in lightness.
BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#6B6B6B",
)  # fmt: skip
BENIGN = BLUE
ATTACK = VERMILION

MODELS: dict[str, dict[str, Any]] = {
    "random_forest": {"color": BLUE, "linestyle": "-"},
    "gradient_boosting": {"color": VERMILION, "linestyle": (0, (5, 1.5))},
    "adaboost": {"color": GREEN, "linestyle": (0, (1, 1))},
    "logistic_regression": {"color": PURPLE, "linestyle": (0, (4, 1.5, 1, 1.5))},
}
"""Line style of each model: colour and dash pattern, so that grey print still tells them apart."""

SEQUENTIAL = "cividis"
DIVERGING = "RdBu_r"

_SETTINGS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.3,
    "grid.linewidth": 0.4,
    "grid.color": "#d9d9d9",
    "axes.axisbelow": True,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "axes.unicode_minus": True,
    # Text as paths: the picture looks the same where the font is missing. The salt makes element ids reproducible.
    "svg.fonttype": "path",
    "svg.hashsalt": "flowpaper",
}


def use() -> None:
    """Set the house style for everything drawn after."""
    mpl.use("agg")
    mpl.rcdefaults()
    mpl.rcParams.update(_SETTINGS)
