# In:  data/clean.parquet, data/metadata.json, splits/random
# Out: values and tables of evasion: what models still detect of flows that an attacker acts on, by budget and defence

import json

from analysis.conditions.findings import rows_of
from analysis.conditions.models import SOURCE


rule evasion:
    """Attack the models within budgets, and say what they still detect; then defend them."""
    input:
        **SOURCE_SPLIT,
        flows=f"{BUILD}/data/clean.parquet",
        features=f"{BUILD}/splits/random/features.json",
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.evasion.evasion"),
        owners="analysis/evasion/owners.yaml",
    output:
        values=f"{BUILD}/values/evasion.json",
        tables=expand(
            f"{BUILD}/tables/{{table}}.json",
            table=[
                "evasion",
                "evasion_families",
                "evasion_defences",
                "evasion_flows",
                "evasion_owners",
                "evasion_bound",
            ],
        ),
    log:
        f"{BUILD}/logs/evasion.log",
    benchmark:
        f"{BUILD}/benchmarks/evasion.tsv"
    # It takes long, and nothing but the paper waits for it.
    priority: 20
    params:
        models=json.dumps({key: getattr(study.models, key).model_dump() for key in SOURCE}),
        rows=rows_of(study),
        most=study.evasion.flows if study.data is not None else study.evasion.twin_flows,
        octets=study.evasion.bytes,
        seconds=study.evasion.seconds,
        queries=study.evasion.queries,
        min_type=study.split.min_type,
        seed=study.seed,
        threads=study.threads,
    shell:
        command("analysis.evasion.evasion")


FINDINGS.append(rules.evasion)
