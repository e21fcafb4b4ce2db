# In:  predictions/ and models/ of the conditions, splits/random, data/clean.parquet, data/features.json
# Out: data/curves.json; values and tables of scores, binary_report, weighted, types_report, hyperparameters, overlap,
#      single_features, seeds

from analysis.detection.names import VARIANT_NAMES


rule scores:
    """Score every condition on its test part, in one tidy table."""
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
        command("analysis.detection.scores")


rule binary_report:
    """Compare the binary models on the ranked and on all features."""
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
            table=["binary_models", "binary_all_models", "confusion_selected", "confusion_all", "curves_selected"],
        ),
    log:
        f"{BUILD}/logs/binary_report.log",
    benchmark:
        f"{BUILD}/benchmarks/binary_report.tsv"
    shell:
        command("analysis.detection.binary_report")


rule weighted:
    """Weight the binary models' measures to the release's label shares."""
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
    params:
        seed=study.seed,
    shell:
        command("analysis.detection.weighted")


rule types_report:
    """Evaluate the forest of attack types in its variants."""
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
            + [f"types_confusion_{variant}" for variant in VARIANT_NAMES],
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
        command("analysis.detection.types_report")


rule hyperparameters:
    """List the hyperparameters of the fitted models."""
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
        command("analysis.detection.hyperparameters")


rule overlap:
    """Measure how far both classes overlap in the ranked features, and whose errors lie there."""
    input:
        **predictions("source"),
        **SOURCE_SPLIT,
        flows=f"{BUILD}/data/clean.parquet",
        features=f"{BUILD}/data/features.json",
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.detection.overlap"),
    output:
        values=f"{BUILD}/values/overlap.json",
        tables=expand(f"{BUILD}/tables/{{table}}.json", table=["at_minimum", "up_to_median"]),
    log:
        f"{BUILD}/logs/overlap.log",
    benchmark:
        f"{BUILD}/benchmarks/overlap.tsv"
    shell:
        command("analysis.detection.overlap")


rule single_features:
    """Learn a threshold on each feature alone."""
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
        command("analysis.detection.single_features")


rule seeds:
    """Compare repetitions of split and fit."""
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
        command("analysis.detection.seeds")
