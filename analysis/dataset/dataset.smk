# In:  the user's files, or data/source of the twin; data/metadata.json; splits/random
# Out: data/flows.parquet (as read), data/inspection.json, data/defects.json, data/clean.parquet (what is studied);
#      values and tables of ingest, defects, clean, classes

from analysis.dataset.input.source import flow_files

RELEASE_FILE = f"analysis/dataset/releases/{plan.release}.yaml"
RELEASE_FILES = sorted(str(path) for path in Path("analysis/dataset/releases").glob("*.yaml"))

# A run makes these before its first step; a dry run makes nothing, and names them as a step.
FIRST_LOOK = [f"{BUILD}/data/metadata.json", *([f"{BUILD}/data/source.json"] if plan.data else [])]

if not all(Path(path).is_file() for path in FIRST_LOOK):

    rule first_look:
        """What a run finds out before its first step."""
        output:
            FIRST_LOOK,
        log:
            f"{BUILD}/logs/first_look.log",
        shell:
            "ls {output:q} > {log:q} 2>&1"


# So many flows are read by a job for each file, which a cluster can do side by side; ingest gathers what they leave.
APART = range(len(flow_files(plan.data))) if plan.data and plan.rows and plan.rows >= study.files_apart else ()
# Steps that say what they do and have nothing to do in this study.
UNUSED = {*(["twin"] if plan.data else []), *([] if APART else ["read_file"])}


rule read_file:
    """Read one of the input's files, where flows are so many that each is read by a job of its own."""
    input:
        seen=f"{BUILD}/data/source.json",
        metadata=f"{BUILD}/data/metadata.json",
        releases=RELEASE_FILES,
        code=sources("analysis.dataset.read_file"),
    output:
        flows=temp(f"{BUILD}/data/files/{{number}}.arrow"),
        found=temp(f"{BUILD}/data/files/{{number}}.json"),
    log:
        f"{BUILD}/logs/read_file_{{number}}.log",
    benchmark:
        f"{BUILD}/benchmarks/read_file_{{number}}.tsv"
    wildcard_constraints:
        number=r"\d+",
    params:
        data=lambda wildcards: str(plan.data),
    shell:
        command("analysis.dataset.read_file")


rule ingest:
    """Read every file of the input into one table of flows."""
    input:
        read=expand(f"{BUILD}/data/files/{{number}}.{{form}}", number=APART, form=["arrow", "json"]),
        twin=[f"{BUILD}/data/source"] if plan.data is None else [],
        # Of a user's files their checksums, since their names may hold what the workflow takes for a wildcard.
        seen=[] if plan.data is None else [f"{BUILD}/data/source.json"],
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
    threads: SEVERAL
    resources:
        # On a cluster, whose steps ask for memory by the size of their inputs: this one holds a piece of each at a time.
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
    params:
        data=lambda wildcards: str(plan.data or f"{BUILD}/data/source"),
        apart=len(APART),
    shell:
        command("analysis.dataset.ingest")


rule defects:
    """Count every known defect in the flows as they were read."""
    input:
        flows=f"{BUILD}/data/flows.parquet",
        metadata=f"{BUILD}/data/metadata.json",
        inspection=f"{BUILD}/data/inspection.json",
        release=RELEASE_FILE,
        code=sources("analysis.dataset.defects.__main__"),
    output:
        report=f"{BUILD}/data/defects.json",
        values=f"{BUILD}/values/defects.json",
        tables=expand(f"{BUILD}/tables/{{table}}.json", table=["defects", "file_quirks"]),
    log:
        f"{BUILD}/logs/defects.log",
    benchmark:
        f"{BUILD}/benchmarks/defects.tsv"
    shell:
        command("analysis.dataset.defects")


rule clean:
    """Decide about flows and cells that a study may not want to use."""
    input:
        read=f"{BUILD}/data/flows.parquet",
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
        command("analysis.dataset.cleaning.clean")


rule classes:
    """Count the traffic types in both parts of the source's split."""
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
        command("analysis.dataset.classes")
