"""Table and figure of what was measured: times, memory and F1 of notebook and workflow, by number of flows."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

SHOWN = 12
"""Most stages of ours that are listed, by CPU."""
MEASURES = (("wall", "Wall, s"), ("cpu", "CPU, s"), ("memory", "Peak memory, MB"))


STEPS = {"read": ("ingest",), "clean": ("clean",), "correlate": ("rank",), "describe": ("describe",),
         "histograms": ("distributions", "figures"), "ks": ("kolmogorov_smirnov",),
         "split": ("split_random", "select_random")}  # fmt: skip
"""What a cell of the notebook does, and the steps here that do it (and more); all figures of the paper are one step."""
FITS = {**{model: f"random-selected-binary-{model}" for model in
           ("random_forest", "gradient_boosting", "adaboost", "logistic_regression")},
        "types": "random-all-types-random_forest"}  # fmt: skip
"""The models of the notebook by cell, and their conditions here."""
APART = "types"
"""The cell that is told apart from the binary study."""


def write(bench: Path) -> Path:
    """Write ``bench.md`` and ``bench.svg`` of all ``*/measured.json`` in the folder; return the table's path."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in bench.glob("*/measured.json")]
    found.sort(key=lambda one: one["rows"])
    path = bench / "bench.md"
    path.write_text(table(found), encoding="utf-8")
    _draw(found, bench / "bench.svg")
    return path


def table(found: list[dict[str, Any]]) -> str:
    """All that was measured as Markdown: a row for each size and measure, then F1, limits and stages."""
    machines = {json.dumps(one["machine"], sort_keys=True): one["machine"] for one in found}
    lines = [
        "; ".join(f"{m['processor']}, {m['cores']} cores, {m['system']}, Python {m['python']}, {m['day']}"
                  for m in machines.values()), "",
        *heads("Flows", "Measure", "Notebook", "Workflow", "Ratio: median", "Range", "Runs"),
    ]  # fmt: skip
    for one in found:
        for key, title in MEASURES:
            peer, ours = ([run[who][key] for run in one["runs"]] for who in ("peer", "ours"))
            ratios = [p / o for p, o in zip(peer, ours, strict=True)]
            span = f"{min(ratios):.2f} to {max(ratios):.2f}"
            both = (f"{median(peer):.1f}", f"{median(ours):.1f}")
            lines.append(row_of(f"{one['rows']:,}", title, *both, f"{median(ratios):.2f}", span, len(ratios)))
    lines += ["", "F1 (median over the runs; each splits in its own way):", "",
              *heads("Flows", "Model", "Notebook", "Workflow", "Difference")]  # fmt: skip
    for one in found:
        for model in one["runs"][0]["peer"]["f1"]:
            peer, ours = (median(run[who]["f1"][model] for run in one["runs"]) for who in ("peer", "ours"))
            lines.append(
                row_of(f"{one['rows']:,}", model.replace("_", " "), f"{peer:.4f}", f"{ours:.4f}", f"{ours - peer:+.4f}")
            )
    lines += ["", "Limits, seconds: reading the bytes, parsing them with Polars, sorting one column once:", "",
              *heads("Flows", "Read", "Parse", "Sort")]  # fmt: skip
    lines += [
        row_of(f"{one['rows']:,}", *(f"{one['limits'][name]:.2f}" for name in ("read", "parse", "sort")))
        for one in found
    ]
    for one in found:
        lines += ["", *_same_scope(one)]
    for one in found:
        lines += ["", f"Stages at {one['rows']:,} flows, seconds (median over the runs):", "",
                  *heads("Notebook", "Wall", "Workflow", "Wall", "CPU", "Memory, MB")]  # fmt: skip
        cells = [
            (name, median(run["peer"]["seconds"][name] for run in one["runs"]))
            for name in one["runs"][0]["peer"]["seconds"]
        ]
        stages = one["runs"][-1]["ours"]["stages"]
        longest = sorted(stages, key=lambda name: -stages[name]["cpu"])[:SHOWN]
        for i in range(max(len(cells), len(longest))):
            left = (cells[i][0], f"{cells[i][1]:.1f}") if i < len(cells) else ("", "")
            stage = stages[longest[i]] if i < len(longest) else None
            right = (
                (longest[i], f"{stage['wall']:.1f}", f"{stage['cpu']:.1f}", _memory(stage["memory"]))
                if stage
                else ("",) * 4
            )
            lines.append(row_of(*left, *right))
    return "\n".join([*lines, ""])


def _same_scope(one: dict[str, Any]) -> list[str]:
    """What the notebook does, cell by cell, beside the steps and models here that do it, one after another."""
    lines = [f"The notebook's study at {one['rows']:,} flows, cell by cell (medians over the runs):", "",
             *heads("Cell", "Notebook, wall s", "CPU s", "Workflow, wall s", "CPU s", "Ratio of wall",
                    "Of CPU")]  # fmt: skip
    both: dict[str, np.ndarray] = {}
    for cell in one["runs"][0]["peer"]["seconds"]:
        ours = [_of_cell(run["ours"], cell) for run in one["runs"]]
        peer = [(run["peer"]["seconds"][cell], run["peer"]["cpu_seconds"][cell]) for run in one["runs"]]
        both[cell] = np.array([np.median(peer, axis=0), np.median(ours, axis=0)])
    models = [cell for cell in both if cell in FITS and cell != APART]
    both["the models of two classes"] = np.sum([both[cell] for cell in models], axis=0)
    both["all but the types"] = np.sum([both[cell] for cell in one["runs"][0]["peer"]["seconds"] if cell != APART],
                                       axis=0)  # fmt: skip
    for name, (peer, ours) in both.items():
        ratios = [f"{p / o:.1f}" if o else "" for p, o in zip(peer, ours, strict=True)]
        lines.append(row_of(name, *(f"{seconds:.1f}" for seconds in (*peer, *ours)), *ratios))
    return lines


def _of_cell(ours: dict[str, Any], cell: str) -> tuple[float, float]:
    """Wall and CPU seconds of what does here what a cell of the notebook does; nothing for its imports."""
    if cell in FITS:
        known = [ours["fits"][FITS[cell]]]
    else:
        known = [ours["stages"][name] for name in STEPS.get(cell, ()) if name in ours["stages"]]
    return sum(one["wall"] for one in known), sum(one["cpu"] for one in known)


def _memory(megabytes: float | None) -> str:
    return "" if megabytes is None else f"{megabytes:.0f}"


def row_of(*cells: object) -> str:
    """A row of a table in Markdown."""
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def heads(*titles: str) -> list[str]:
    """The two lines that a table in Markdown begins with."""
    return [row_of(*titles), "|" + "---|" * len(titles)]


def _draw(found: list[dict[str, Any]], path: Path) -> None:
    """Wall and CPU seconds and memory over the number of flows, a point for each run, on logarithmic scales."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(MEASURES), figsize=(10, 3.4), layout="constrained")
    for ax, (key, title) in zip(axes, MEASURES, strict=True):
        for who, name, mark in (("peer", "Notebook", "o-"), ("ours", "Workflow", "s-")):
            rows = [one["rows"] for one in found]
            ax.plot(rows, [median(run[who][key] for run in one["runs"]) for one in found], mark, label=name)
            for one in found:
                ax.plot(
                    [one["rows"]] * len(one["runs"]), [run[who][key] for run in one["runs"]], ".", color="0.5", zorder=0
                )
        ax.set(xscale="log", yscale="log", xlabel="flows", title=title)
    axes[0].legend(frameon=False)
    figure.savefig(path)
    plt.close(figure)
