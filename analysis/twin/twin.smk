# The synthetic twin where no data are given, and what is known of it wherever the flows are its.

if plan.data is None:

    rule twin:
        input:
            parameters="analysis/twin/parameters.npz",
            release="analysis/dataset/releases/original.yaml",
            code=sources("analysis.twin.write"),
        output:
            flows=directory(f"{BUILD}/data/source"),
        log:
            f"{BUILD}/logs/twin.log",
        benchmark:
            f"{BUILD}/benchmarks/twin.tsv"
        params:
            rows=study.twin.rows,
            floor=study.twin.floor,
            seed=study.seed,
        shell:
            "python -m analysis.twin.write --rows {params.rows} --floor {params.floor} --seed {params.seed}"
            " --out {output.flows:q} --noted > {log:q} 2>&1"


rule twin_classes:
    input:
        parameters="analysis/twin/parameters.npz",
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.twin.twin_classes"),
    output:
        values=f"{BUILD}/values/twin_classes.json",
        tables=[f"{BUILD}/tables/twin_classes.json"],
    log:
        f"{BUILD}/logs/twin_classes.log",
    benchmark:
        f"{BUILD}/benchmarks/twin_classes.tsv"
    shell:
        "python -m analysis.twin.twin_classes --metadata {input.metadata:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule fidelity:
    input:
        parameters="analysis/twin/parameters.npz",
        release="analysis/dataset/releases/original.yaml",
        metadata=f"{BUILD}/data/metadata.json",
        code=sources("analysis.twin.fidelity"),
    output:
        values=f"{BUILD}/values/fidelity.json",
        tables=expand(f"{BUILD}/tables/fidelity_{{table}}.json", table=["models", "classes", "features"]),
    log:
        f"{BUILD}/logs/fidelity.log",
    benchmark:
        f"{BUILD}/benchmarks/fidelity.tsv"
    shell:
        "python -m analysis.twin.fidelity --metadata {input.metadata:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"
