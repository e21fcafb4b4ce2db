# In:  predictions/ and models/ of the conditions, splits/, data/clean.parquet
# Out: values and tables of simple_rules, shuffled

FINDINGS_SPLITS = list(
    dict.fromkeys(one.condition.split_id for one in CONDITIONS if any(subset == "findings" for subset, _ in one.names))
)


rule simple_rules:
    """Learn rules that anybody could write, beside the forest."""
    input:
        **predictions("findings"),
        roles=expand(f"{BUILD}/splits/{{split}}/roles.parquet", split=FINDINGS_SPLITS),
        splits=expand(f"{BUILD}/splits/{{split}}/split.json", split=FINDINGS_SPLITS),
        features=expand(f"{BUILD}/splits/{{split}}/features.json", split=FINDINGS_SPLITS),
        flows=f"{BUILD}/data/clean.parquet",
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.findings.simple_rules"),
    output:
        values=f"{BUILD}/values/simple_rules.json",
        tables=expand(f"{BUILD}/tables/{{table}}.json", table=["rules", "tree"]),
    log:
        f"{BUILD}/logs/simple_rules.log",
    benchmark:
        f"{BUILD}/benchmarks/simple_rules.tsv"
    params:
        told=plan.told,
        resamples=study.ledger.resamples,
        seed=study.seed,
    shell:
        command("analysis.findings.simple_rules")


rule shuffled:
    """Fit to shuffled labels, which nothing can predict unless something leaks."""
    input:
        roles=expand(f"{BUILD}/splits/{{split}}/roles.parquet", split=FINDINGS_SPLITS),
        splits=expand(f"{BUILD}/splits/{{split}}/split.json", split=FINDINGS_SPLITS),
        flows=f"{BUILD}/data/clean.parquet",
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.findings.shuffled"),
    output:
        values=f"{BUILD}/values/shuffled.json",
        tables=[f"{BUILD}/tables/shuffled.json"],
    log:
        f"{BUILD}/logs/shuffled.log",
    benchmark:
        f"{BUILD}/benchmarks/shuffled.tsv"
    params:
        seed=study.seed,
        threads=study.threads,
    shell:
        command("analysis.findings.shuffled")


FINDINGS += [rules.simple_rules, rules.shuffled]
