# In:  predictions/ and models/ of the conditions, data/clean.parquet
# Out: values and tables of robustness: conditions one factor at a time, unseen types and families, the week


rule robustness:
    """Score the models where one thing of the source's experiment is done otherwise."""
    input:
        **predictions("findings"),
        flows=f"{BUILD}/data/clean.parquet",
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.findings.robustness"),
    output:
        values=f"{BUILD}/values/robustness.json",
        tables=expand(
            f"{BUILD}/tables/{{table}}.json",
            table=["conditions", "unseen"] + (["week"] if "times" in plan.told else []),
        ),
    log:
        f"{BUILD}/logs/robustness.log",
    benchmark:
        f"{BUILD}/benchmarks/robustness.tsv"
    params:
        told=plan.told,
        rows=rows_of(study),
        min_support=study.split.min_support,
        tested=bool(study.test),
    shell:
        command("analysis.findings.robustness")


FINDINGS.append(rules.robustness)
