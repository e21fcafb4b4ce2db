# In:  predictions/ and models/ of the conditions, splits/, data/clean.parquet; with TEST, those of another build
# Out: values and tables of robustness (conditions one factor at a time, unseen types, the week), simple_rules,
#      shuffled and transfer; values of frozen; predictions and models of elsewhere

from analysis.conditions.findings import ELSEWHERE, rows_of
from analysis.findings.frozen import checksum


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


rule frozen:
    """Say whether these conditions confirm or explore."""
    input:
        defects=rules.defects.output.values,
        metadata=f"{BUILD}/data/metadata.json",
        frozen="config/frozen.yaml",
        code=sources("analysis.findings.frozen"),
    output:
        values=f"{BUILD}/values/frozen.json",
    log:
        f"{BUILD}/logs/frozen.log",
    benchmark:
        f"{BUILD}/benchmarks/frozen.tsv"
    params:
        checksum=checksum(study),
    shell:
        command("analysis.findings.frozen")


FINDINGS += [rules.robustness, rules.frozen]


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


TESTED = [one for one in CONDITIONS if any(name in ELSEWHERE for subset, name in one.names if subset == "findings")]
OTHER = f"build/{study.test}/data"


rule elsewhere:
    """Fit the conditions that are asked of other flows, and predict the flows of the other build."""
    input:
        **SOURCE_SPLIT,
        flows=f"{BUILD}/data/clean.parquet",
        features=f"{BUILD}/splits/random/features.json",
        others=f"{OTHER}/clean.parquet",
        code=sources("analysis.conditions.elsewhere"),
    output:
        predictions=f"{BUILD}/predictions/elsewhere.parquet",
        descriptions=f"{BUILD}/models/elsewhere.json",
    log:
        f"{BUILD}/logs/elsewhere.log",
    benchmark:
        f"{BUILD}/benchmarks/elsewhere.tsv"
    params:
        conditions=lambda wildcards: json.dumps([one.entry() for one in TESTED]),
        seed=study.seed,
        threads=study.threads,
        engine=study.engine.model_dump_json(),
    shell:
        command("analysis.conditions.elsewhere", "engine")


rule transfer:
    """Report how models fitted here do on the flows of the other build, at thresholds frozen here."""
    input:
        **predictions("findings"),
        answers=rules.elsewhere.output.predictions,
        told=rules.elsewhere.output.descriptions,
        metadata=f"{BUILD}/data/metadata.json",
        other=f"{OTHER}/metadata.json",
        code=sources("analysis.findings.transfer"),
    output:
        values=f"{BUILD}/values/transfer.json",
        tables=[f"{BUILD}/tables/transfer.json"],
    log:
        f"{BUILD}/logs/transfer.log",
    benchmark:
        f"{BUILD}/benchmarks/transfer.tsv"
    params:
        build=study.test,
    shell:
        command("analysis.findings.transfer")


if study.test:
    FINDINGS.append(rules.transfer)
