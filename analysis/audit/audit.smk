# Bring together: the source study beside ours, one values.json, and the published build.

from analysis.sources import libraries

SETTINGS = study.model_dump_json(exclude={"data", "build", "force", "renderer"})
STEPS = [
    rules.ingest,
    rules.defects,
    rules.clean,
    rules.split,
    rules.rank,
    rules.describe,
    rules.distributions,
    rules.compare,
    rules.binary_report,
    rules.low_end,
    rules.single_features,
    rules.hyperparameters,
]
if plan.typed:
    STEPS.append(rules.types_report)
if plan.synthetic:
    STEPS += [rules.twin_classes, rules.fidelity]
if plan.weighted:
    STEPS.append(rules.weighted)
if study.seeds:
    STEPS.append(rules.seeds)


rule source_study:
    input:
        source="config/source-study.yaml",
        ours=rules.binary_report.output.values,
        about=f"{BUILD}/data/about.json",
        code=sources("analysis.audit.source_study"),
    output:
        values=f"{BUILD}/values/source_study.json",
        tables=[f"{BUILD}/tables/source_comparison.json"],
    log:
        f"{BUILD}/logs/source_study.log",
    benchmark:
        f"{BUILD}/benchmarks/source_study.tsv"
    shell:
        "python -m analysis.audit.source_study --source {input.source:q} --ours {input.ours:q}"
        " --about {input.about:q} --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


STEPS.append(rules.source_study)


rule ledger:
    input:
        parts=[step.output.values for step in STEPS],
        predictions=BINARY,
        types=expand(f"{BUILD}/predictions/types_{{reading}}.parquet", reading=FITTED),
        extra=expand(f"{BUILD}/predictions/ledger_{{model}}.parquet", model=MODELS),
        description=f"{BUILD}/models/ledger_random_forest.json",
        train=f"{BUILD}/data/train.parquet",
        test=f"{BUILD}/data/test.parquet",
        features=f"{BUILD}/data/features.json",
        about=f"{BUILD}/data/about.json",
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
        "python -m analysis.audit.ledger --parts {input.parts:q} --predictions {input.predictions:q}"
        " --types {input.types:q} --extra {input.extra:q} --description {input.description:q}"
        " --train {input.train:q} --test {input.test:q} --features {input.features:q} --about {input.about:q}"
        " --source {input.source:q} --tolerance {params.tolerance} --margin {params.margin}"
        " --resamples {params.resamples} --seed {params.seed} --report {output.report:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


STEPS.append(rules.ledger)
TABLES = sorted(table for step in STEPS for table in step.output.tables)


rule gather:
    input:
        parts=[step.output.values for step in STEPS],
        tables=TABLES,
        about=f"{BUILD}/data/about.json",
        schema="analysis/record/values.schema.json",
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
        settings=SETTINGS,
        libraries=libraries(),
    shell:
        "python -m analysis.audit.gather --parts {input.parts:q} --tables {input.tables:q} --about {input.about:q}"
        " --libraries {params.libraries:q} --settings {params.settings:q} --values {output.values:q} > {log:q} 2>&1"


rule claims:
    input:
        claims="paper/claims.yaml",
        values=rules.gather.output.values,
        code=sources("analysis.audit.claims"),
    output:
        results=f"{BUILD}/claims.json",
    log:
        f"{BUILD}/logs/claims.log",
    benchmark:
        f"{BUILD}/benchmarks/claims.tsv"
    shell:
        "python -m analysis.audit.claims --claims {input.claims:q} --values {input.values:q}"
        " --results {output.results:q} > {log:q} 2>&1"
