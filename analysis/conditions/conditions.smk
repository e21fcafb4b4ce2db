# In:  data/clean.parquet
# Out: splits/<split>: a role for each flow, what fills missing cells, the features that its training part
#      selects, and the columns that screening adds to them where that is asked for;
#      predictions and models/<batch>: all that is fitted

import json
import re
from functools import partial

from analysis.conditions.added import NAME as ADDED
from analysis.conditions.catalogue import batches, fitted_files
from analysis.conditions.catalogue import plan as planned_conditions
from analysis.conditions.findings import rows_of

CONDITIONS = planned_conditions(study, plan.typed, plan.told, CLAIMED.values())
MANY = plan.rows >= study.engine.from_rows
BATCHES = batches(CONDITIONS, MANY)
SPLITS = {one.condition.split_id: one.condition for one in CONDITIONS}
# The splits of a batch, and those of them on which columns are screened.
OF_BATCH = {batch: sorted({one.condition.split_id for one in members}) for batch, members in BATCHES.items()}
SCREENED = {
    batch: sorted({one.condition.split_id for one in members if one.condition.group.features == ADDED})
    for batch, members in BATCHES.items()
}


predictions = partial(fitted_files, BUILD, BATCHES)
SOURCE_SPLIT = {"roles": f"{BUILD}/splits/random/roles.parquet", "split": f"{BUILD}/splits/random/split.json"}


# Forests of types that learn from many flows grow on several cores: nothing takes longer, and no tree depends on threads.
ON_SEVERAL_CORES = {"types"} if MANY else set()


wildcard_constraints:
    split="|".join(map(re.escape, SPLITS)),
    batch="|".join(BATCHES),


rule split:
    """Give each cleaned flow its role in each fold of a split."""
    input:
        flows=f"{BUILD}/data/clean.parquet",
        code=sources("analysis.conditions.split"),
    output:
        assigned=f"{BUILD}/splits/{{split}}/roles.parquet",
        split=f"{BUILD}/splits/{{split}}/split.json",
    log:
        f"{BUILD}/logs/split_{{split}}.log",
    benchmark:
        f"{BUILD}/benchmarks/split_{{split}}.tsv"
    params:
        factors=lambda wildcards: json.dumps(SPLITS[wildcards.split].split_factors()),
        test_fraction=study.split.test_fraction,
        min_type=study.split.min_type,
        seed=study.seed,
    shell:
        command("analysis.conditions.split")


rule select:
    """Rank the features on the training part of a split, and choose among them."""
    input:
        flows=f"{BUILD}/data/clean.parquet",
        roles=f"{BUILD}/splits/{{split}}/roles.parquet",
        split=f"{BUILD}/splits/{{split}}/split.json",
        code=sources("analysis.statistics.select"),
    output:
        features=f"{BUILD}/splits/{{split}}/features.json",
    log:
        f"{BUILD}/logs/select_{{split}}.log",
    benchmark:
        f"{BUILD}/benchmarks/select_{{split}}.tsv"
    # All that is fitted waits for it.
    priority: 30
    params:
        number=study.features.count,
        rule=study.features.rule,
    shell:
        command("analysis.statistics.select")


rule screen:
    """Screen, on the training parts of a split, which columns help the ranked features."""
    input:
        flows=f"{BUILD}/data/clean.parquet",
        roles=f"{BUILD}/splits/{{split}}/roles.parquet",
        split=f"{BUILD}/splits/{{split}}/split.json",
        features=f"{BUILD}/splits/{{split}}/features.json",
        code=sources("analysis.conditions.screen"),
    output:
        added=f"{BUILD}/splits/{{split}}/added.json",
    log:
        f"{BUILD}/logs/screen_{{split}}.log",
    benchmark:
        f"{BUILD}/benchmarks/screen_{{split}}.tsv"
    priority: 25
    params:
        rows=rows_of(study),
        most=study.findings.columns,
        margin=study.ledger.margin,
        min_type=study.split.min_type,
        # Held back are the flows that the conditions hold back as well.
        stream=lambda wildcards: SPLITS[wildcards.split].validation_stream,
        seed=study.seed,
        threads=study.threads,
    shell:
        command("analysis.conditions.screen")


rule fit:
    """Fit and predict all conditions of a batch in one process."""
    input:
        flows=f"{BUILD}/data/clean.parquet",
        roles=lambda wildcards: expand(rules.split.output.assigned, split=OF_BATCH[wildcards.batch]),
        splits=lambda wildcards: expand(rules.split.output.split, split=OF_BATCH[wildcards.batch]),
        features=lambda wildcards: expand(rules.select.output.features, split=OF_BATCH[wildcards.batch]),
        added=lambda wildcards: expand(rules.screen.output.added, split=SCREENED[wildcards.batch]),
        code=sources("analysis.conditions.fit"),
    output:
        predictions=f"{BUILD}/predictions/{{batch}}.parquet",
        descriptions=f"{BUILD}/models/{{batch}}.json",
    log:
        f"{BUILD}/logs/fit_{{batch}}.log",
    benchmark:
        f"{BUILD}/benchmarks/fit_{{batch}}.tsv"
    # What starts first decides when the build is done: batches of many conditions, then forests of all types.
    priority: lambda wildcards: 10 + min(len(BATCHES[wildcards.batch]), 10) + (wildcards.batch == "types")
    threads: lambda wildcards: SEVERAL if wildcards.batch in ON_SEVERAL_CORES else 1
    params:
        conditions=lambda wildcards: json.dumps([one.entry() for one in BATCHES[wildcards.batch]]),
        store=lambda wildcards: f"{BUILD}/store/{wildcards.batch}",
        seed=study.seed,
        threads=study.threads,
        engine=study.engine.model_dump_json(),
    shell:
        command("analysis.conditions.fit", "workers")
