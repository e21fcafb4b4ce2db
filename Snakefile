"""The study at a glance: settings, the rooms in the order data flows, the named targets."""

import os
import sys
import time

from analysis.errors import UserError, explained
from analysis.failure import explain
from analysis.preflight import lock, prepare
from analysis.sources import sources
from paper import quarto


configfile: "config/study.yaml"


try:
    with explained():
        plan = prepare(config)
        quarto.demand(plan.study.renderer)
        held = lock(plan)
except UserError as error:
    sys.exit(f"flowpaper: {error}")

study = plan.study
BUILD = plan.build
RESULTS = plan.results
STARTED = time.time()

# Steps run under the Python that runs the workflow. Linear algebra gives other last digits with other thread counts,
# so the count is a setting and not --cores.
os.environ |= {
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    "PYTHONHASHSEED": "0",
    **dict.fromkeys(
        ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"], str(study.threads)
    ),
}


rule all:
    input:
        f"{BUILD}/published.json",


include: "analysis/dataset/dataset.smk"
include: "analysis/statistics/statistics.smk"
include: "analysis/detection/detection.smk"
include: "analysis/audit/audit.smk"
include: "figures/figures.smk"
include: "paper/paper.smk"


onsuccess:
    print(f"{RESULTS}/paper.html", f"{RESULTS}/paper.pdf", *quarto.said(Path(BUILD)), sep="\n")
    print(f"built in {time.time() - STARTED:.0f} s")


onerror:
    print(f"\n{explain(Path(BUILD, 'logs'), STARTED)}\nEarlier results are as they were.", file=sys.stderr)
