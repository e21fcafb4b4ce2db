# Flows: from the input (or the twin) to a cleaned training and test part.

RELEASE_FILE = f"analysis/dataset/releases/{plan.release}.yaml"
RELEASE_FILES = sorted(str(path) for path in Path("analysis/dataset/releases").glob("*.yaml"))

# A run makes these before its first step; a dry run makes nothing, and names them as a step.
FIRST_LOOK = [f"{BUILD}/data/metadata.json", *([f"{BUILD}/data/source.json"] if plan.data else [])]

if not all(Path(path).is_file() for path in FIRST_LOOK):

    rule first_look:
        output:
            FIRST_LOOK,
        log:
            f"{BUILD}/logs/first_look.log",
        shell:
            "ls {output:q} > {log:q} 2>&1"


rule ingest:
    input:
        # Of a user's files their checksums, since their names may hold what the workflow takes for a wildcard.
        flows=f"{BUILD}/data/source" if plan.data is None else f"{BUILD}/data/source.json",
        metadata=f"{BUILD}/data/metadata.json",
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
        "python -m analysis.dataset.ingest --data {params.data:q} {params.seen:q} --metadata {input.metadata:q}"
        " --source {input.source:q} --flows {output.flows:q} --inspection {output.inspection:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule defects:
    input:
        flows=f"{BUILD}/data/flows.parquet",
        metadata=f"{BUILD}/data/metadata.json",
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
        "python -m analysis.dataset.defects.audit --flows {input.flows:q} --metadata {input.metadata:q}"
        " --inspection {input.inspection:q} --report {output.report:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule clean:
    input:
        flows=f"{BUILD}/data/flows.parquet",
        metadata=f"{BUILD}/data/metadata.json",
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
        "python -m analysis.dataset.cleaning.clean --flows {input.flows:q} --metadata {input.metadata:q}"
        " --inspection {input.inspection:q} --policy {params.policy:q} --min-attacks {params.min_attacks}"
        " --clean {output.flows:q}"
        " --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"


rule classes:
    input:
        **SOURCE_SPLIT,
        flows=f"{BUILD}/data/clean.parquet",
        metadata=f"{BUILD}/data/metadata.json",
        release=RELEASE_FILE,
        twin=[rules.twin_classes.output.values] if plan.synthetic else [],
        code=sources("analysis.dataset.classes"),
    output:
        values=f"{BUILD}/values/classes.json",
        tables=expand(f"{BUILD}/tables/{{table}}.json", table=["class_inventory", "imputation"]),
    log:
        f"{BUILD}/logs/classes.log",
    benchmark:
        f"{BUILD}/benchmarks/classes.tsv"
    params:
        min_type=study.split.min_type,
        min_support=study.split.min_support,
    shell:
        "python -m analysis.dataset.classes --flows {input.flows:q} --roles {input.roles:q} --split {input.split:q}"
        " --metadata {input.metadata:q} --min-type {params.min_type} --min-support {params.min_support}"
        " --twin {input.twin:q} --values {output.values:q} --tables {output.tables:q} > {log:q} 2>&1"
