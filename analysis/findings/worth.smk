# In:  predictions/ and models/ of the conditions, data/clean.parquet, config/source-study.yaml
# Out: values and tables of uncertainty, operating


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
