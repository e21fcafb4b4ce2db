# In:  data/clean.parquet, splits/random, data/metadata.json
# Out: data/features.json; values and tables of rank (training part), describe, distributions, compare (all flows, where
#      missing cells are not filled)


rule rank:
    """Report the ranking of the features of the source's split."""
    input:
        **SOURCE_SPLIT,
        flows=f"{BUILD}/data/clean.parquet",
        selection=f"{BUILD}/splits/random/features.json",
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.statistics.rank"),
    output:
        features=f"{BUILD}/data/features.json",
        values=f"{BUILD}/values/rank.json",
        tables=expand(f"{BUILD}/tables/{{table}}.json", table=["ranking", "top_ten", "top_ten_correlations"]),
    log:
        f"{BUILD}/logs/rank.log",
    benchmark:
        f"{BUILD}/benchmarks/rank.tsv"
    shell:
        command("analysis.statistics.rank")


rule describe:
    """Describe each feature by class, with bootstrap intervals."""
    input:
        flows=f"{BUILD}/data/clean.parquet",
        metadata=f"{BUILD}/data/metadata.json",
        features=f"{BUILD}/data/features.json",
        code=sources("analysis.statistics.describe"),
    output:
        values=f"{BUILD}/values/describe.json",
        tables=expand(
            f"{BUILD}/tables/{{table}}.json", table=["descriptives_selected", "shape_selected", "descriptives_all"]
        ),
    log:
        f"{BUILD}/logs/describe.log",
    benchmark:
        f"{BUILD}/benchmarks/describe.tsv"
    params:
        resamples=study.bootstrap.resamples,
        confidence=study.bootstrap.confidence,
        seed=study.seed,
    shell:
        command("analysis.statistics.describe")


rule distributions:
    """Draw up histograms and distribution functions of the chosen features."""
    input:
        flows=f"{BUILD}/data/clean.parquet",
        metadata=f"{BUILD}/data/metadata.json",
        features=f"{BUILD}/data/features.json",
        code=sources("analysis.statistics.distributions"),
    output:
        values=f"{BUILD}/values/distributions.json",
        tables=expand(f"{BUILD}/tables/{{table}}.json", table=["histograms", "ecdf"]),
    log:
        f"{BUILD}/logs/distributions.log",
    benchmark:
        f"{BUILD}/benchmarks/distributions.tsv"
    shell:
        command("analysis.statistics.distributions")


rule kolmogorov_smirnov:
    """Test whether the classes differ in each feature."""
    input:
        flows=f"{BUILD}/data/clean.parquet",
        metadata=f"{BUILD}/data/metadata.json",
        features=f"{BUILD}/data/features.json",
        code=sources("analysis.statistics.kolmogorov_smirnov"),
    output:
        values=f"{BUILD}/values/kolmogorov_smirnov.json",
        tables=expand(f"{BUILD}/tables/{{table}}.json", table=["ks", "ks_all"]),
    log:
        f"{BUILD}/logs/kolmogorov_smirnov.log",
    benchmark:
        f"{BUILD}/benchmarks/kolmogorov_smirnov.tsv"
    shell:
        command("analysis.statistics.kolmogorov_smirnov")
