# In:  data/clean.parquet, splits/random, tables/single_features
# Out: data/clusters.json; values and tables of rank_intervals (training part) and effects (all flows)

from analysis.conditions.findings import rows_of


rule rank_intervals:
    """See how firm the ranking of the features is, by four measures and per redundancy cluster."""
    input:
        **SOURCE_SPLIT,
        flows=f"{BUILD}/data/clean.parquet",
        selection=f"{BUILD}/splits/random/features.json",
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.findings.rank_intervals"),
    output:
        clusters=f"{BUILD}/data/clusters.json",
        values=f"{BUILD}/values/rank_intervals.json",
        tables=expand(f"{BUILD}/tables/{{table}}.json", table=["rank_intervals", "rank_features", "rank_survival"]),
    log:
        f"{BUILD}/logs/rank_intervals.log",
    benchmark:
        f"{BUILD}/benchmarks/rank_intervals.tsv"
    params:
        rows=rows_of(study),
        resamples=study.findings.resamples,
        seed=study.seed,
    shell:
        command("analysis.findings.rank_intervals")


rule effects:
    """Measure how far each type of attack lies from the benign flows, feature by feature."""
    input:
        flows=f"{BUILD}/data/clean.parquet",
        clusters=rules.rank_intervals.output.clusters,
        single=f"{BUILD}/tables/single_features.json",
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.findings.effects"),
    output:
        values=f"{BUILD}/values/effects.json",
        tables=expand(f"{BUILD}/tables/{{table}}.json", table=["effects", "effects_noise", "effect_orders"]),
    log:
        f"{BUILD}/logs/effects.log",
    benchmark:
        f"{BUILD}/benchmarks/effects.tsv"
    params:
        # As many flows as have, on average, enough of them in the test part for the type to be evaluable.
        min_support=round(study.split.min_support / study.split.test_fraction),
        seed=study.seed,
    shell:
        command("analysis.findings.effects")


FINDINGS += [rules.rank_intervals, rules.effects]
