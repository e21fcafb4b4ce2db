"""Measured coverage: how often each kind of interval that the paper prints holds the truth, by simulation.

Each kind has a sampling distribution of which the truth is known, a fixed seed of its own and RUNS samples. What is
measured is kept in analysis/statistics/coverage.json, which the paper reads.
"""

from __future__ import annotations

import argparse
import sys

from analysis.record import write_json
from analysis.statistics.coverage import FILE
from tools.coverage.simulated import FIRST, KINDS, RUNS, measured


def main() -> int:
    """Command line: writes the file anew."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    found = {}
    for name in KINDS:
        found[name] = measured(name)
        print(f"{found[name]['coverage']:.3f}  {name}: {KINDS[name].sample}", flush=True)
    write_json(FILE, {"nominal": 0.95, "runs": RUNS, "first": FIRST, "kinds": found}, noted=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
