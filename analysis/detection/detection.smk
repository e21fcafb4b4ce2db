# Tell attacks from benign flows, name their types, and look at the low end.

from analysis.detection.names import READINGS


rule scores:
    input:
        **predictions(),
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.detection.scores"),
    output:
        values=f"{BUILD}/values/scores.json",
        tables=[f"{BUILD}/tables/scores.json"],
        curves=f"{BUILD}/data/curves.json",
    log:
        f"{BUILD}/logs/scores.log",
    benchmark:
        f"{BUILD}/benchmarks/scores.tsv"
    shell:
        "python -m analysis.detection.scores --predictions {input.predictions:q} --descriptions {input.descriptions:q}"
        " --metadata {input.metadata:q} --curves {output.curves:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule binary_report:
    input:
        **predictions("source"),
        scores=rules.scores.output.tables[0],
        curves=rules.scores.output.curves,
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.detection.binary_report"),
    output:
        values=f"{BUILD}/values/binary_report.json",
        tables=expand(
            f"{BUILD}/tables/{{table}}.json",
            table=["binary_models", "binary_all_models", "confusion_ten", "confusion_all", "curves_ten"],
        ),
    log:
        f"{BUILD}/logs/binary_report.log",
    benchmark:
        f"{BUILD}/benchmarks/binary_report.tsv"
    shell:
        "python -m analysis.detection.binary_report --predictions {input.predictions:q}"
        " --descriptions {input.descriptions:q} --scores {input.scores:q} --curves {input.curves:q}"
        " --metadata {input.metadata:q} --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule weighted:
    input:
        **predictions("source"),
        metadata=f"{BUILD}/data/metadata.json",
        release=RELEASE_FILE,
        code=sources("analysis.detection.weighted"),
    output:
        values=f"{BUILD}/values/weighted.json",
        tables=[f"{BUILD}/tables/binary_weighted.json"],
    log:
        f"{BUILD}/logs/weighted.log",
    benchmark:
        f"{BUILD}/benchmarks/weighted.tsv"
    shell:
        "python -m analysis.detection.weighted --predictions {input.predictions:q}"
        " --descriptions {input.descriptions:q} --metadata {input.metadata:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule types_report:
    input:
        **predictions("source"),
        inventory=f"{BUILD}/tables/class_inventory.json",
        metadata=f"{BUILD}/data/metadata.json",
        source="config/source-study.yaml",
        release=RELEASE_FILE,
        twin=[rules.twin_classes.output.values] if plan.synthetic else [],
        code=sources("analysis.detection.types_report"),
    output:
        values=f"{BUILD}/values/types_report.json",
        tables=expand(
            f"{BUILD}/tables/{{table}}.json",
            table=["types_f1", "types_detail", "types_distance", "types_web"]
            + [f"types_confusion_{reading}" for reading in READINGS],
        ),
    log:
        f"{BUILD}/logs/types_report.log",
    benchmark:
        f"{BUILD}/benchmarks/types_report.tsv"
    params:
        min_support=study.split.min_support,
        resamples=study.bootstrap.resamples,
        seed=study.seed,
    shell:
        "python -m analysis.detection.types_report --predictions {input.predictions:q}"
        " --descriptions {input.descriptions:q} --inventory {input.inventory:q} --metadata {input.metadata:q}"
        " --source {input.source:q} --twin {input.twin:q} --min-support {params.min_support}"
        " --resamples {params.resamples} --seed {params.seed}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule hyperparameters:
    input:
        **predictions("source"),
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.detection.hyperparameters"),
    output:
        values=f"{BUILD}/values/hyperparameters.json",
        tables=expand(f"{BUILD}/tables/{{table}}.json", table=["hyperparameters", "hyperparameters_set"]),
    log:
        f"{BUILD}/logs/hyperparameters.log",
    benchmark:
        f"{BUILD}/benchmarks/hyperparameters.tsv"
    shell:
        "python -m analysis.detection.hyperparameters --predictions {input.predictions:q}"
        " --descriptions {input.descriptions:q} --metadata {input.metadata:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule low_end:
    input:
        **predictions("source"),
        **SOURCE_SPLIT,
        flows=f"{BUILD}/data/clean.parquet",
        features=f"{BUILD}/data/features.json",
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.detection.low_end"),
    output:
        values=f"{BUILD}/values/low_end.json",
        tables=expand(f"{BUILD}/tables/{{table}}.json", table=["low_end", "low_end_median"]),
    log:
        f"{BUILD}/logs/low_end.log",
    benchmark:
        f"{BUILD}/benchmarks/low_end.tsv"
    shell:
        "python -m analysis.detection.low_end --predictions {input.predictions:q}"
        " --descriptions {input.descriptions:q} --features {input.features:q} --flows {input.flows:q}"
        " --roles {input.roles:q} --split {input.split:q} --metadata {input.metadata:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule single_features:
    input:
        **SOURCE_SPLIT,
        flows=f"{BUILD}/data/clean.parquet",
        features=f"{BUILD}/data/features.json",
        ks=f"{BUILD}/tables/ks_all.json",
        code=sources("analysis.detection.single_features"),
    output:
        values=f"{BUILD}/values/single_features.json",
        tables=[f"{BUILD}/tables/single_features.json"],
    log:
        f"{BUILD}/logs/single_features.log",
    benchmark:
        f"{BUILD}/benchmarks/single_features.tsv"
    params:
        margin=study.ledger.margin,
    shell:
        "python -m analysis.detection.single_features --features {input.features:q} --flows {input.flows:q}"
        " --roles {input.roles:q} --split {input.split:q} --ks {input.ks:q} --margin {params.margin}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule seeds:
    input:
        descriptions=predictions("repetitions")["descriptions"],
        scores=rules.scores.output.tables[0],
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.detection.seeds"),
    output:
        values=f"{BUILD}/values/seeds.json",
        tables=[f"{BUILD}/tables/seeds.json"],
    log:
        f"{BUILD}/logs/seeds.log",
    benchmark:
        f"{BUILD}/benchmarks/seeds.tsv"
    shell:
        "python -m analysis.detection.seeds --descriptions {input.descriptions:q} --scores {input.scores:q}"
        " --metadata {input.metadata:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"
