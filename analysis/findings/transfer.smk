# In:  data/clean.parquet, splits/random; data/clean.parquet and data/metadata.json of another finished build
#      (make paper DATA=A TEST=B)
# Out: values and table of transfer; predictions and models of elsewhere

from analysis.conditions.findings import ELSEWHERE

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
        conditions=json.dumps([one.entry() for one in TESTED]),
        seed=study.seed,
        threads=study.threads,
    shell:
        command("analysis.conditions.elsewhere")


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
    shell:
        command("analysis.findings.transfer")


if study.test:
    FINDINGS.append(rules.transfer)
