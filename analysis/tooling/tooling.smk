# In:  predictions/ and models/ of the source's conditions and the findings', tables/thresholds, splits/random,
#      data/clean.parquet, data/metadata.json
# Out: values and tables of tooling: alerts a day at operating points, the false alarms of a benign day by service and
#      vector


rule tooling:
    """Say what a detector costs those who look at its alerts, and what the false alarms of a benign day are."""
    input:
        **predictions("source", "findings"),
        **SOURCE_SPLIT,
        thresholds=f"{BUILD}/tables/thresholds.json",
        flows=f"{BUILD}/data/clean.parquet",
        metadata=f"{BUILD}/data/metadata.json",
        release=RELEASE_FILE,
        code=sources("analysis.tooling.tooling"),
    output:
        values=f"{BUILD}/values/tooling.json",
        tables=expand(f"{BUILD}/tables/{{table}}.json", table=["tooling", "tooling_services", "tooling_vectors"]),
    log:
        f"{BUILD}/logs/tooling.log",
    benchmark:
        f"{BUILD}/benchmarks/tooling.tsv"
    params:
        number=study.features.count,
        rule=study.features.rule,
        flows_a_day=study.findings.flows_a_day,
        attack_share=study.findings.attack_share,
        alerts_a_day=study.tooling.alerts_a_day,
        seed=study.seed,
        threads=study.threads,
        engine=study.engine.model_dump_json(),
    shell:
        command("analysis.tooling.tooling")


FINDINGS.append(rules.tooling)
