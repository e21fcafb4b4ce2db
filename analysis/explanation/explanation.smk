# In:  data/clean.parquet, data/clusters.json, data/metadata.json, splits/random, tables/effects
# Out: values and tables of explanation: credit of clusters of columns, by type, under controls, and in three cases

import json

from analysis.conditions.findings import rows_of


rule explanation:
    """Explain a forest on all columns, by clusters of columns that say the same."""
    input:
        **SOURCE_SPLIT,
        flows=f"{BUILD}/data/clean.parquet",
        clusters=rules.rank_intervals.output.clusters,
        effects=f"{BUILD}/tables/effects.json",
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.explanation.explanation"),
        owners="analysis/evasion/owners.yaml",
    output:
        values=f"{BUILD}/values/explanation.json",
        tables=expand(
            f"{BUILD}/tables/{{table}}.json",
            table=[
                "explanation",
                "explanation_columns",
                "explanation_types",
                "explanation_agreement",
                "explanation_controls",
                "explanation_deletion",
                "explanation_cases",
            ],
        ),
    log:
        f"{BUILD}/logs/explanation.log",
    benchmark:
        f"{BUILD}/benchmarks/explanation.tsv"
    params:
        forest=json.dumps(study.models.random_forest.model_dump()),
        rows=rows_of(study),
        resamples=study.findings.resamples,
        octets=study.evasion.bytes,
        seconds=study.evasion.seconds,
        queries=study.evasion.queries,
        typed=plan.typed,
        seed=study.seed,
        threads=study.threads,
    shell:
        command("analysis.explanation.explanation")


FINDINGS.append(rules.explanation)
