"""Table and figure of what was measured: times, memory and F1 of notebook and workflow, by number of flows."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Any

SHOWN = 12
"""Most stages of ours that are listed, by CPU."""
MEASURES = (("wall", "Wall, s"), ("cpu", "CPU, s"), ("memory", "Peak memory, MB"))


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
        *_rows("Flows", "Measure", "Notebook", "Workflow", "Ratio: median", "Range", "Runs"),
    ]  # fmt: skip
    for one in found:
        for key, title in MEASURES:
            peer, ours = ([run[who][key] for run in one["runs"]] for who in ("peer", "ours"))
            ratios = [p / o for p, o in zip(peer, ours, strict=True)]
            span = f"{min(ratios):.2f} to {max(ratios):.2f}"
            both = (f"{median(peer):.1f}", f"{median(ours):.1f}")
            lines.append(_row(f"{one['rows']:,}", title, *both, f"{median(ratios):.2f}", span, len(ratios)))
    lines += ["", "F1 (median over the runs; each splits in its own way):", "",
              *_rows("Flows", "Model", "Notebook", "Workflow", "Difference")]  # fmt: skip
    for one in found:
        for model in one["runs"][0]["peer"]["f1"]:
            peer, ours = (median(run[who]["f1"][model] for run in one["runs"]) for who in ("peer", "ours"))
            lines.append(
                _row(f"{one['rows']:,}", model.replace("_", " "), f"{peer:.4f}", f"{ours:.4f}", f"{ours - peer:+.4f}")
            )
    lines += ["", "Limits, seconds: reading the bytes, parsing them with Polars, sorting one column once:", "",
              *_rows("Flows", "Read", "Parse", "Sort")]  # fmt: skip
    lines += [
        _row(f"{one['rows']:,}", *(f"{one['limits'][name]:.2f}" for name in ("read", "parse", "sort"))) for one in found
    ]
    for one in found:
        lines += ["", f"Stages at {one['rows']:,} flows, seconds (median over the runs):", "",
                  *_rows("Notebook", "Wall", "Workflow", "Wall", "CPU", "Memory, MB")]  # fmt: skip
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
            lines.append(_row(*left, *right))
    return "\n".join([*lines, ""])


def _memory(megabytes: float | None) -> str:
    return "" if megabytes is None else f"{megabytes:.0f}"


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _rows(*heads: str) -> list[str]:
    return [_row(*heads), "|" + "---|" * len(heads)]


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
