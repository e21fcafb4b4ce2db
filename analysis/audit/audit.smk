# In:  values and tables of all steps, config/source-study.yaml, studies/, the claims beside the chapters
# Out: values and tables of source_study, ledger, pitfalls and study_claims, data/ledger.json; values.json, claims.json

import json

from analysis.command import module_of
from analysis.sources import libraries

# Settings that no result depends on, or that are told elsewhere.
ASIDE = {"data", "build", "force", "renderer", "files_apart"}
# A title may hold braces: what rules are given by a function, no wildcard is looked for in.
SETTINGS = study.model_copy(update={"seeds": study.repetitions}).model_dump_json(exclude=ASIDE)
STEPS = [
    rules.ingest,
    rules.defects,
    rules.clean,
    rules.classes,
    rules.rank,
    rules.describe,
    rules.distributions,
    rules.kolmogorov_smirnov,
    rules.scores,
    rules.binary_report,
    rules.overlap,
    rules.single_features,
    rules.hyperparameters,
]
STEPS += FINDINGS
if plan.typed:
    STEPS.append(rules.types_report)
if plan.synthetic:
    STEPS += [rules.twin_classes, rules.fidelity]
if plan.weighted:
    STEPS.append(rules.weighted)
if study.repetitions:
    STEPS.append(rules.seeds)
STEPS = [step for step in STEPS if step.rule.name not in manuscript.idle_steps]


rule source_study:
    """Put the source study's printed numbers beside ours."""
    input:
        source="config/source-study.yaml",
        ours=rules.binary_report.output.values,
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.audit.source_study"),
    output:
        values=f"{BUILD}/values/source_study.json",
        tables=[f"{BUILD}/tables/source_comparison.json"],
    log:
        f"{BUILD}/logs/source_study.log",
    benchmark:
        f"{BUILD}/benchmarks/source_study.tsv"
    shell:
        command("analysis.audit.source_study")


STEPS.append(rules.source_study)


rule ledger:
    """Judge each claim of the source study by these data."""
    input:
        **predictions("source", "ledger"),
        **SOURCE_SPLIT,
        parts=[step.output.values for step in STEPS],
        flows=f"{BUILD}/data/clean.parquet",
        cells=expand(
            f"{BUILD}/tables/{{table}}.json",
            table=["ranking", "descriptives_selected", "shape_selected", "at_minimum"],
        ),
        features=f"{BUILD}/data/features.json",
        metadata=f"{BUILD}/data/metadata.json",
        source="config/source-study.yaml",
        release=RELEASE_FILE,
        code=sources("analysis.audit.ledger"),
    output:
        values=f"{BUILD}/values/ledger.json",
        tables=expand(
            f"{BUILD}/tables/{{table}}.json", table=["ledger", "ledger_numbers", "ledger_words", "ledger_tests"]
        ),
        report=f"{BUILD}/data/ledger.json",
    log:
        f"{BUILD}/logs/ledger.log",
    benchmark:
        f"{BUILD}/benchmarks/ledger.tsv"
    params:
        tolerance=study.ledger.tolerance,
        margin=study.ledger.margin,
        resamples=study.ledger.resamples,
        seed=study.seed,
    shell:
        command("analysis.audit.ledger")


STEPS.append(rules.ledger)


rule pitfalls:
    """Put ten known pitfalls beside what was computed here."""
    input:
        parts=[step.output.values for step in STEPS],
        pitfalls="config/pitfalls.yaml",
        features=f"{BUILD}/data/features.json",
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.audit.pitfalls"),
    output:
        values=f"{BUILD}/values/pitfalls.json",
        tables=[f"{BUILD}/tables/pitfalls.json"],
        report_file=f"{BUILD}/data/pitfalls.json",
    log:
        f"{BUILD}/logs/pitfalls.log",
    benchmark:
        f"{BUILD}/benchmarks/pitfalls.tsv"
    shell:
        command("analysis.audit.pitfalls")


rule study_claims:
    """Put the claims of publications beside what is measured under their protocols."""
    input:
        **predictions(),
        parts=[step.output.values for step in STEPS],
        studies=[f"studies/{file.id}.yaml" for file in PUBLISHED],
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.studies.study_claims"),
    output:
        values=f"{BUILD}/values/study_claims.json",
        tables=[f"{BUILD}/tables/studies.json", f"{BUILD}/tables/studies_cannot.json"],
    log:
        f"{BUILD}/logs/study_claims.log",
    benchmark:
        f"{BUILD}/benchmarks/study_claims.tsv"
    params:
        asked=json.dumps({claim: condition.id for claim, condition in CLAIMED.items()}),
        told=" ".join(plan.told),
        tolerance=study.ledger.tolerance,
        resamples=study.ledger.resamples,
        seed=study.seed,
    shell:
        command("analysis.studies.study_claims")


ASKED = [rule for rule in (rules.pitfalls, rules.study_claims) if rule.rule.name not in manuscript.idle_steps]
STEPS += ASKED
TABLES = sorted(table for step in STEPS for table in step.output.get("tables", []))


rule gather:
    """Bring together what all steps recorded in one values.json."""
    input:
        parts=[step.output.values for step in STEPS],
        tables=TABLES,
        metadata=f"{BUILD}/data/metadata.json",
        schema="analysis/record/schemas/values-2.json",
        project="pyproject.toml",
        coverage="analysis/statistics/coverage.json",
        code=sources("analysis.audit.gather"),
    output:
        values=f"{BUILD}/values.json",
    log:
        f"{BUILD}/logs/gather.log",
    benchmark:
        f"{BUILD}/benchmarks/gather.tsv"
    params:
        modules=[module_of(step.rule.shellcmd) for step in STEPS],
        settings=lambda wildcards: SETTINGS,
        libraries=libraries(),
    shell:
        command("analysis.audit.gather")


rule claims:
    """Say which claims of the manuscript hold."""
    input:
        claims=[path.as_posix() for path in manuscript.claims],
        values=rules.gather.output.values,
        tables=TABLES,
        code=sources("analysis.audit.claims"),
    output:
        results=f"{BUILD}/claims.json",
    log:
        f"{BUILD}/logs/claims.log",
    benchmark:
        f"{BUILD}/benchmarks/claims.tsv"
    shell:
        command("analysis.audit.claims")
