# In:  data/clean.parquet, data/metadata.json
# Out: values and tables of retraining: policies over windows in the order of time, types, losses, controls

import json

from analysis.conditions.findings import rows_of


rule retraining:
    """Retrain a detector in the order of time by one policy after another."""
    input:
        flows=f"{BUILD}/data/clean.parquet",
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.retraining.retraining"),
    output:
        values=f"{BUILD}/values/retraining.json",
        tables=expand(
            f"{BUILD}/tables/{{table}}.json",
            table=[
                "retraining",
                "retraining_windows",
                "retraining_schedule",
                "retraining_types",
                "retraining_losses",
                "retraining_controls",
            ],
        ),
    log:
        f"{BUILD}/logs/retraining.log",
    benchmark:
        f"{BUILD}/benchmarks/retraining.tsv"
    params:
        forest=json.dumps(study.models.random_forest.model_dump()),
        rows=rows_of(study),
        number=study.features.count,
        rule=study.features.rule,
        typed=plan.typed,
        min_type=study.split.min_type,
        seed=study.seed,
        threads=study.threads,
    shell:
        command("analysis.retraining.retraining")


FINDINGS.append(rules.retraining)
