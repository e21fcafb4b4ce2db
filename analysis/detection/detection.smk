# Tell attacks from benign flows, name their types, and look at the low end.

from analysis.detection.names import MODELS, READINGS, SETS


wildcard_constraints:
    set="|".join(SETS),
    model="|".join(MODELS),
    reading="|".join(READINGS),
    repetition=r"\d+",


rule binary:
    input:
        train=f"{BUILD}/data/train.parquet",
        test=f"{BUILD}/data/test.parquet",
        features=f"{BUILD}/data/features.json",
        code=sources("analysis.detection.binary"),
    output:
        predictions=f"{BUILD}/predictions/binary_{{set}}_{{model}}.parquet",
        description=f"{BUILD}/models/binary_{{set}}_{{model}}.json",
    log:
        f"{BUILD}/logs/binary_{{set}}_{{model}}.log",
    benchmark:
        f"{BUILD}/benchmarks/binary_{{set}}_{{model}}.tsv"
    # These are the long ones: what starts first decides when the build is done.
    priority: 10
    params:
        parameters=lambda wildcards: getattr(study.models, wildcards.model).model_dump_json(),
        train_rows=lambda wildcards: study.all_features.train_rows if wildcards.set == "all" else 0,
        seed=study.seed,
        threads=study.threads,
    shell:
        "python -m analysis.detection.binary --model {wildcards.model} --features-set {wildcards.set}"
        " --parameters {params.parameters:q} --train-rows {params.train_rows} --seed {params.seed}"
        " --threads {params.threads} --features {input.features:q} --train {input.train:q} --test {input.test:q}"
        " --predictions {output.predictions:q} --description {output.description:q} > {log:q} 2>&1"


BINARY = expand(f"{BUILD}/predictions/binary_{{set}}_{{model}}.parquet", set=SETS, model=MODELS)
DESCRIPTIONS = expand(f"{BUILD}/models/binary_{{set}}_{{model}}.json", set=SETS, model=MODELS)


rule binary_report:
    input:
        predictions=BINARY,
        descriptions=DESCRIPTIONS,
        about=f"{BUILD}/data/about.json",
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
        " --descriptions {input.descriptions:q} --about {input.about:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule weighted:
    input:
        predictions=BINARY,
        about=f"{BUILD}/data/about.json",
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
        "python -m analysis.detection.weighted --predictions {input.predictions:q} --about {input.about:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


# Without names of types there is nothing for a forest to tell apart.
FITTED = list(READINGS) if plan.typed else []


rule attack_types:
    input:
        train=f"{BUILD}/data/train.parquet",
        test=f"{BUILD}/data/test.parquet",
        features=f"{BUILD}/data/features.json",
        code=sources("analysis.detection.attack_types"),
    output:
        predictions=f"{BUILD}/predictions/types_{{reading}}.parquet",
        description=f"{BUILD}/models/types_{{reading}}.json",
    log:
        f"{BUILD}/logs/attack_types_{{reading}}.log",
    benchmark:
        f"{BUILD}/benchmarks/attack_types_{{reading}}.tsv"
    # At full size the forest of all types is the longest of all.
    priority: 20
    params:
        parameters=study.attack_types.random_forest.model_dump_json(),
        train_rows=study.attack_types.train_rows,
        seed=study.seed,
        threads=study.threads,
    shell:
        "python -m analysis.detection.attack_types --reading {wildcards.reading}"
        " --parameters {params.parameters:q} --train-rows {params.train_rows} --seed {params.seed}"
        " --threads {params.threads} --features {input.features:q} --train {input.train:q} --test {input.test:q}"
        " --predictions {output.predictions:q} --description {output.description:q} > {log:q} 2>&1"


rule types_report:
    input:
        predictions=expand(f"{BUILD}/predictions/types_{{reading}}.parquet", reading=READINGS),
        descriptions=expand(f"{BUILD}/models/types_{{reading}}.json", reading=READINGS),
        inventory=f"{BUILD}/tables/class_inventory.json",
        about=f"{BUILD}/data/about.json",
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
        " --descriptions {input.descriptions:q} --inventory {input.inventory:q} --about {input.about:q}"
        " --source {input.source:q} --twin {input.twin:q} --min-support {params.min_support}"
        " --resamples {params.resamples} --seed {params.seed}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule hyperparameters:
    input:
        descriptions=DESCRIPTIONS,
        types=expand(f"{BUILD}/models/types_{{reading}}.json", reading=FITTED[:1]),
        about=f"{BUILD}/data/about.json",
        code=sources("analysis.detection.hyperparameters"),
    output:
        values=f"{BUILD}/values/hyperparameters.json",
        tables=expand(f"{BUILD}/tables/{{table}}.json", table=["hyperparameters", "hyperparameters_set"]),
    log:
        f"{BUILD}/logs/hyperparameters.log",
    benchmark:
        f"{BUILD}/benchmarks/hyperparameters.tsv"
    shell:
        "python -m analysis.detection.hyperparameters --descriptions {input.descriptions:q}"
        " --types {input.types:q} --about {input.about:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule low_end:
    input:
        predictions=BINARY,
        features=f"{BUILD}/data/features.json",
        train=f"{BUILD}/data/train.parquet",
        test=f"{BUILD}/data/test.parquet",
        about=f"{BUILD}/data/about.json",
        code=sources("analysis.detection.low_end"),
    output:
        values=f"{BUILD}/values/low_end.json",
        tables=expand(f"{BUILD}/tables/{{table}}.json", table=["low_end", "low_end_median"]),
    log:
        f"{BUILD}/logs/low_end.log",
    benchmark:
        f"{BUILD}/benchmarks/low_end.tsv"
    shell:
        "python -m analysis.detection.low_end --predictions {input.predictions:q} --features {input.features:q}"
        " --train {input.train:q} --test {input.test:q} --about {input.about:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule single_features:
    input:
        train=f"{BUILD}/data/train.parquet",
        test=f"{BUILD}/data/test.parquet",
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
        "python -m analysis.detection.single_features --features {input.features:q} --train {input.train:q}"
        " --test {input.test:q} --ks {input.ks:q} --margin {params.margin}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule ledger_models:
    input:
        train=f"{BUILD}/data/train.parquet",
        test=f"{BUILD}/data/test.parquet",
        features=f"{BUILD}/data/features.json",
        code=sources("analysis.detection.ledger_models"),
    output:
        predictions=f"{BUILD}/predictions/ledger_{{model}}.parquet",
        description=f"{BUILD}/models/ledger_{{model}}.json",
    log:
        f"{BUILD}/logs/ledger_models_{{model}}.log",
    benchmark:
        f"{BUILD}/benchmarks/ledger_models_{{model}}.tsv"
    params:
        parameters=lambda wildcards: getattr(study.models, wildcards.model).model_dump_json(),
        train_rows=study.ledger.train_rows,
        trees=study.ledger.trees,
        seed=study.seed,
        threads=study.threads,
    shell:
        "python -m analysis.detection.ledger_models --model {wildcards.model}"
        " --parameters {params.parameters:q} --train-rows {params.train_rows} --trees {params.trees}"
        " --seed {params.seed} --threads {params.threads} --features {input.features:q} --train {input.train:q}"
        " --test {input.test:q} --predictions {output.predictions:q} --description {output.description:q}"
        " > {log:q} 2>&1"


rule repetition:
    input:
        flows=f"{BUILD}/data/clean.parquet",
        features=f"{BUILD}/data/features.json",
        code=sources("analysis.detection.repetition"),
    output:
        f"{BUILD}/models/repetition_{{repetition}}.json",
    log:
        f"{BUILD}/logs/repetition_{{repetition}}.log",
    benchmark:
        f"{BUILD}/benchmarks/repetition_{{repetition}}.tsv"
    params:
        parameters=study.models.model_dump_json(),
        test_fraction=study.split.test_fraction,
        min_type=study.split.min_type,
        seed=study.seed,
        threads=study.threads,
    shell:
        "python -m analysis.detection.repetition --repetition {wildcards.repetition}"
        " --parameters {params.parameters:q} --test-fraction {params.test_fraction} --min-type {params.min_type}"
        " --seed {params.seed} --threads {params.threads} --flows {input.flows:q} --features {input.features:q}"
        " --out {output:q} > {log:q} 2>&1"


rule seeds:
    input:
        repetitions=expand(f"{BUILD}/models/repetition_{{repetition}}.json", repetition=range(1, study.seeds + 1)),
        about=f"{BUILD}/data/about.json",
        code=sources("analysis.detection.seeds"),
    output:
        values=f"{BUILD}/values/seeds.json",
        tables=[f"{BUILD}/tables/seeds.json"],
    log:
        f"{BUILD}/logs/seeds.log",
    benchmark:
        f"{BUILD}/benchmarks/seeds.tsv"
    shell:
        "python -m analysis.detection.seeds --repetitions {input.repetitions:q} --about {input.about:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"
