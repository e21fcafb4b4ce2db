# In:  predictions/ and models/ of the source's conditions, splits/, data/clean.parquet, data/features.json
# Out: values and tables of misses (blocks of identical flows), gap (the column that closes it), repeats,
#      uncertainty, operating, explorer; data/explorer.json


rule misses:
    """Misses and false alarms of the best model by type, and the blocks of identical flows behind them."""
    input:
        **predictions("source"),
        **SOURCE_SPLIT,
        flows=f"{BUILD}/data/clean.parquet",
        features=f"{BUILD}/data/features.json",
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.findings.misses"),
    output:
        values=f"{BUILD}/values/misses.json",
        tables=expand(f"{BUILD}/tables/{{table}}.json", table=["misses", "staircase", "blocks"]),
    log:
        f"{BUILD}/logs/misses.log",
    benchmark:
        f"{BUILD}/benchmarks/misses.tsv"
    params:
        min_support=study.split.min_support,
        margin=study.ledger.margin,
    shell:
        command("analysis.findings.misses")


rule gap:
    """Which columns close the gap between the ranked features and all of them."""
    input:
        **predictions("gap"),
        added=expand(rules.screen.output, split="random"),
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.findings.gap"),
    output:
        values=f"{BUILD}/values/gap.json",
        tables=expand(f"{BUILD}/tables/{{table}}.json", table=["gap", "gap_columns"]),
    log:
        f"{BUILD}/logs/gap.log",
    benchmark:
        f"{BUILD}/benchmarks/gap.tsv"
    params:
        margin=study.ledger.margin,
        most=study.findings.columns,
    shell:
        command("analysis.findings.gap")


rule repeats:
    """Test flows that have an identical training row, and whether they inflate the scores."""
    input:
        **predictions("source"),
        **SOURCE_SPLIT,
        flows=f"{BUILD}/data/clean.parquet",
        features=f"{BUILD}/data/features.json",
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.findings.repeats"),
    output:
        values=f"{BUILD}/values/repeats.json",
        tables=[f"{BUILD}/tables/repeats.json"],
    log:
        f"{BUILD}/logs/repeats.log",
    benchmark:
        f"{BUILD}/benchmarks/repeats.tsv"
    params:
        seed=study.seed,
    shell:
        command("analysis.findings.repeats")


FINDINGS += [rules.misses, rules.gap, rules.repeats]


rule uncertainty:
    """Ask how far the models' numbers may be trusted."""
    input:
        **predictions("source", "repetitions", "learning"),
        flows=f"{BUILD}/data/clean.parquet",
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.findings.uncertainty"),
    output:
        values=f"{BUILD}/values/uncertainty.json",
        tables=expand(
            f"{BUILD}/tables/{{table}}.json", table=["model_pairs", "model_intervals", "campaigns", "learning_curves"]
        ),
    log:
        f"{BUILD}/logs/uncertainty.log",
    benchmark:
        f"{BUILD}/benchmarks/uncertainty.tsv"
    params:
        margin=study.ledger.margin,
        resamples=study.ledger.resamples,
        seed=study.seed,
        typed=plan.typed,
        min_support=study.split.min_support,
    shell:
        command("analysis.findings.uncertainty")


FINDINGS.append(rules.uncertainty)


rule operating:
    """Say what an operator would see where attacks are rare."""
    input:
        **predictions("source", "findings"),
        metadata=f"{BUILD}/data/metadata.json",
        source="config/source-study.yaml",
        release=RELEASE_FILE,
        code=sources("analysis.findings.operating"),
    output:
        values=f"{BUILD}/values/operating.json",
        tables=expand(
            f"{BUILD}/tables/{{table}}.json", table=["thresholds", "precision_prevalence", "reliability", "brier"]
        ),
    log:
        f"{BUILD}/logs/operating.log",
    benchmark:
        f"{BUILD}/benchmarks/operating.tsv"
    params:
        flows_a_day=study.findings.flows_a_day,
        attack_share=study.findings.attack_share,
    shell:
        command("analysis.findings.operating")


FINDINGS.append(rules.operating)


rule explorer:
    """Thin the curves of all conditions to what the page's explorer needs."""
    input:
        **predictions("source", "findings"),
        metadata=f"{BUILD}/data/metadata.json",
        release=RELEASE_FILE,
        code=sources("analysis.findings.explorer"),
    output:
        points=f"{BUILD}/data/explorer.json",
        values=f"{BUILD}/values/explorer.json",
        tables=[f"{BUILD}/tables/explorer.json"],
    log:
        f"{BUILD}/logs/explorer.log",
    benchmark:
        f"{BUILD}/benchmarks/explorer.tsv"
    params:
        told=plan.told,
        flows_a_day=study.findings.flows_a_day,
        attack_share=study.findings.attack_share,
    shell:
        command("analysis.findings.explorer")


FINDINGS.append(rules.explorer)
