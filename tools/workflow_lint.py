"""Snakemake's lint, with one of its rules set aside: steps run in the project's environment, not in one per rule."""

from __future__ import annotations

import subprocess
import sys

SET_ASIDE = "Specify a conda environment or container for each rule."


def findings() -> list[str]:
    """One line for each finding: where, and what."""
    done = subprocess.run([sys.executable, "-m", "snakemake", "--lint"], capture_output=True, text=True)
    output = done.stdout + done.stderr
    if "Lints for rule" not in output:
        return [output.strip() or "snakemake --lint said nothing"]
    found, where = [], ""
    for line in output.splitlines():
        if line.startswith("Lints for "):
            where = line.removeprefix("Lints for ").rstrip(":")
        elif line.startswith("    * ") and SET_ASIDE not in line:
            found.append(f"{where}: {line.removeprefix('    * ').rstrip(':')}")
    return found


if __name__ == "__main__":
    if found := findings():
        sys.exit("\n".join(found))
    print("workflow lint: nothing found")
