# In:  the twin's parameters
# Out: data/source (where no data are given); values and tables of twin_classes, fidelity (where the flows are the twin's)

if plan.data is None:

    rule twin:
        """Draw the synthetic twin: day files like those of the original release."""
        input:
            parameters="analysis/twin/parameters.npz",
            release="analysis/dataset/releases/original.yaml",
            code=sources("analysis.twin.__main__"),
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
            noted=True,
        shell:
            command("analysis.twin", "rows", "floor", "seed", "noted")


rule twin_classes:
    """What the synthetic twin knows of each class."""
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
        command("analysis.twin.twin_classes")


rule fidelity:
    """How faithful the synthetic twin is to the real flows."""
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
        command("analysis.twin.fidelity")
