# Flows: from the input (or the twin) to a cleaned training and test part.

RELEASE_FILE = f"analysis/dataset/releases/{plan.release}.yaml"
RELEASE_FILES = sorted(str(path) for path in Path("analysis/dataset/releases").glob("*.yaml"))

# A run makes these before its first step; a dry run makes nothing, and names them as a step.
FIRST_LOOK = [f"{BUILD}/data/about.json", *([f"{BUILD}/data/source.json"] if plan.data else [])]

if not all(Path(path).is_file() for path in FIRST_LOOK):

    rule first_look:
        output:
            FIRST_LOOK,
        log:
            f"{BUILD}/logs/first_look.log",
        shell:
            "ls {output:q} > {log:q} 2>&1"


if plan.data is None:

    rule twin:
        input:
            parameters="analysis/dataset/twin/parameters.npz",
            release="analysis/dataset/releases/original.yaml",
            code=sources("analysis.dataset.twin.write"),
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
            "python -m analysis.dataset.twin.write --rows {params.rows} --floor {params.floor} --seed {params.seed}"
            " --out {output.flows:q} --noted > {log:q} 2>&1"


rule twin_classes:
    input:
        parameters="analysis/dataset/twin/parameters.npz",
        about=f"{BUILD}/data/about.json",
        code=sources("analysis.dataset.twin.classes"),
    output:
        values=f"{BUILD}/values/twin_classes.json",
        tables=[f"{BUILD}/tables/twin_classes.json"],
    log:
        f"{BUILD}/logs/twin_classes.log",
    benchmark:
        f"{BUILD}/benchmarks/twin_classes.tsv"
    shell:
        "python -m analysis.dataset.twin.classes --about {input.about:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule fidelity:
    input:
        parameters="analysis/dataset/twin/parameters.npz",
        release="analysis/dataset/releases/original.yaml",
        about=f"{BUILD}/data/about.json",
        code=sources("analysis.dataset.twin.fidelity"),
    output:
        values=f"{BUILD}/values/fidelity.json",
        tables=expand(f"{BUILD}/tables/fidelity_{{table}}.json", table=["models", "classes", "features"]),
    log:
        f"{BUILD}/logs/fidelity.log",
    benchmark:
        f"{BUILD}/benchmarks/fidelity.tsv"
    shell:
        "python -m analysis.dataset.twin.fidelity --about {input.about:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule ingest:
    input:
        # Of a user's files their checksums, since their names may hold what the workflow takes for a wildcard.
        flows=f"{BUILD}/data/source" if plan.data is None else f"{BUILD}/data/source.json",
        about=f"{BUILD}/data/about.json",
        releases=RELEASE_FILES,
        source="config/source-study.yaml",
        code=sources("analysis.dataset.ingest"),
    output:
        flows=f"{BUILD}/data/flows.parquet",
        inspection=f"{BUILD}/data/inspection.json",
        values=f"{BUILD}/values/ingest.json",
        tables=expand(f"{BUILD}/tables/{{table}}.json", table=["input_files", "inventory", "input_notes"]),
    log:
        f"{BUILD}/logs/ingest.log",
    benchmark:
        f"{BUILD}/benchmarks/ingest.tsv"
    params:
        data=lambda wildcards, input: input.flows if plan.data is None else str(plan.data),
        seen=lambda wildcards, input: [] if plan.data is None else ["--seen", input.flows],
    shell:
        "python -m analysis.dataset.ingest --data {params.data:q} {params.seen:q} --about {input.about:q}"
        " --source {input.source:q} --flows {output.flows:q} --inspection {output.inspection:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule defects:
    input:
        flows=f"{BUILD}/data/flows.parquet",
        about=f"{BUILD}/data/about.json",
        inspection=f"{BUILD}/data/inspection.json",
        release=RELEASE_FILE,
        code=sources("analysis.dataset.defects.audit"),
    output:
        report=f"{BUILD}/data/defects.json",
        values=f"{BUILD}/values/defects.json",
        tables=expand(f"{BUILD}/tables/{{table}}.json", table=["defects", "file_quirks"]),
    log:
        f"{BUILD}/logs/defects.log",
    benchmark:
        f"{BUILD}/benchmarks/defects.tsv"
    shell:
        "python -m analysis.dataset.defects.audit --flows {input.flows:q} --about {input.about:q}"
        " --inspection {input.inspection:q} --report {output.report:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule clean:
    input:
        flows=f"{BUILD}/data/flows.parquet",
        about=f"{BUILD}/data/about.json",
        inspection=f"{BUILD}/data/inspection.json",
        release=RELEASE_FILE,
        code=sources("analysis.dataset.cleaning.clean"),
    output:
        flows=f"{BUILD}/data/clean.parquet",
        values=f"{BUILD}/values/clean.json",
        tables=expand(f"{BUILD}/tables/{{table}}.json", table=["cleaning", "constant_columns"]),
    log:
        f"{BUILD}/logs/clean.log",
    benchmark:
        f"{BUILD}/benchmarks/clean.tsv"
    params:
        policy=study.cleaning.model_dump_json(),
        min_attacks=study.min_attacks,
    shell:
        "python -m analysis.dataset.cleaning.clean --flows {input.flows:q} --about {input.about:q}"
        " --inspection {input.inspection:q} --policy {params.policy:q} --min-attacks {params.min_attacks}"
        " --clean {output.flows:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule split:
    input:
        flows=f"{BUILD}/data/clean.parquet",
        about=f"{BUILD}/data/about.json",
        release=RELEASE_FILE,
        twin=[rules.twin_classes.output.values] if plan.synthetic else [],
        code=sources("analysis.dataset.split"),
    output:
        train=f"{BUILD}/data/train.parquet",
        test=f"{BUILD}/data/test.parquet",
        values=f"{BUILD}/values/split.json",
        tables=expand(f"{BUILD}/tables/{{table}}.json", table=["class_inventory", "imputation"]),
    log:
        f"{BUILD}/logs/split.log",
    benchmark:
        f"{BUILD}/benchmarks/split.tsv"
    params:
        test_fraction=study.split.test_fraction,
        min_type=study.split.min_type,
        min_support=study.split.min_support,
        seed=study.seed,
    shell:
        "python -m analysis.dataset.split --clean {input.flows:q} --about {input.about:q}"
        " --test-fraction {params.test_fraction} --min-type {params.min_type}"
        " --min-support {params.min_support} --seed {params.seed} --twin {input.twin:q}"
        " --train {output.train:q} --test {output.test:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"
