"""The study at a glance: settings, the rooms in the order data flows, the named targets."""

import json
import os
import shutil
import sys
import time

from analysis.checkout import checkout
from analysis.command import command
from analysis.errors import UserError, explained
from analysis.failure import explain
from analysis.locked import demand_locked
from analysis.looking import only_looks
from analysis.preflight import for_jobs, prepare
from analysis.progress import install
from analysis.settings_file import check
from analysis.settled import begin, keep
from analysis.sources import sources
from analysis.studies.planned import conditions as claimed
from analysis.studies.read import read_all
from paper import quarto
from paper.chapters import assemble
from paper.lint.check import demand_known, demand_sound


configfile: "config/study.yaml"


# A job of a cluster reads what the call that submitted it has made ready, and makes nothing ready itself.
LOOKING = only_looks(sys.argv[1:]) or workflow.remote_exec

try:
    with explained():
        for file in workflow.overwrite_configfiles:
            check(file)
        demand_locked()
        demand_sound(remember=not LOOKING)
        plan = prepare(config, looking=LOOKING, temporary=workflow.snakemake_tmp_dir)
        if given := workflow.config_settings.config_args:
            workflow.config_settings.config_args = for_jobs(given, plan.data)
        quarto.demand(plan.study.renderer)
        manuscript = assemble(Path("paper/paper.qmd"), plan.study.study)
        PUBLISHED = read_all()
        CLAIMED = claimed(plan.study, PUBLISHED, plan.told)
except UserError as error:
    sys.exit(f"flowpaper: {error}")

study = plan.study
BUILD = plan.build
RESULTS = plan.results
STARTED = time.time()
BEGUN = None if LOOKING else begin(sys.argv[1:], plan)
FAILED = [] if LOOKING else install(workflow, logger, nothing=lambda: keep(BEGUN))

# What one step can use of the cores: more would be little faster, and keep it waiting until so many are free at once.
SEVERAL = min(workflow.cores or 1, 4)

# Steps run under the Python that runs the workflow. Linear algebra gives other last digits with other thread counts,
# so the count is a setting and not --cores.
os.environ |= {
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    "PYTHONHASHSEED": "0",
    **dict.fromkeys(
        ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"], str(study.threads)
    ),
}

# A step is its program and no shell around it, so that a kill has the program's name and not a shell's command line.
shell.prefix("exec ")


rule all:
    """All that a build is: what the steps made, the paper, and the results."""
    input:
        lambda wildcards: KEPT,


include: "analysis/twin/twin.smk"
include: "analysis/conditions/conditions.smk"
include: "analysis/dataset/dataset.smk"
include: "analysis/statistics/statistics.smk"
include: "analysis/detection/detection.smk"
include: "analysis/findings/findings.smk"
include: "analysis/retraining/retraining.smk"
include: "analysis/evasion/evasion.smk"
include: "analysis/tooling/tooling.smk"
include: "analysis/explanation/explanation.smk"
include: "analysis/audit/audit.smk"
include: "figures/figures.smk"
include: "paper/paper.smk"


try:
    # Rules that this study has no use for are there all the same, so that every table of the manuscript has one.
    made = {Path(str(file)).stem for rule in workflow.rules for file in rule.output if f"{BUILD}/tables/" in str(file)}
    code = [
        path for room in ("analysis", "config") for path in Path(room).rglob("*") if "__pycache__" not in path.parts
    ]
    manuscript.demand_steps(rule.name for rule in workflow.rules)
    demand_known(manuscript, made, Path(BUILD), filter(Path.is_file, code), remember=not LOOKING)
except UserError as error:
    sys.exit(f"flowpaper: {error}")


# All that rules make is asked for, so that one file that was removed is made anew.
KEPT = [
    *(file for step in STEPS for file in step.output),
    *([] if plan.data else rules.twin.output),
    *expand([*rules.split.output, *rules.select.output], split=SPLITS),
    *expand(rules.screen.output, split=sorted({split for splits in SCREENED.values() for split in splits})),
    *expand(rules.fit.output, batch=BATCHES),
    *(file for rule in (rules.gather, rules.claims, rules.figures, rules.lint) for file in rule.output),
    *(file for rule in (rules.render, rules.audit, rules.publish) for file in rule.output),
]


onstart:
    # Snakemake bounds how many jobs start in a second, and for that looks at all waiting jobs again each second for every
    # job that has ended: dozens of looks a second towards the end. One machine needs no such bound.
    if not workflow.nodes:
        workflow.scheduler.job_rate_limiter = None


onsuccess:
    # Files that jobs have read are of no use once they are one table; a kill, or another setting, leaves some behind.
    if Path(BUILD, "data/flows.parquet").is_file():
        shutil.rmtree(Path(BUILD, "data/files"), ignore_errors=True)
    keep(BEGUN)
    if Path(BUILD, "published.json").is_file():  # not where only a step was asked for
        print(f"{RESULTS}/paper.html", f"{RESULTS}/paper.pdf", *quarto.said(Path(BUILD)), sep="\n")
    print(f"built in {time.time() - STARTED:.0f} s")


onerror:
    print(f"\n{explain(Path(BUILD, 'logs'), STARTED, FAILED)}", file=sys.stderr)
    if Path(RESULTS).exists():
        print("Earlier results are as they were.", file=sys.stderr)
