# In:  tables/ of all steps; values of ingest and clean
# Out: figures/: each figure as SVG, PDF and PNG, and its text

from figures.catalogue import catalogue

# Those that this study shows and whose tables it makes.
MADE = {Path(table).stem for table in TABLES}
FIGURES = {
    name: tables
    for name, tables in catalogue().items()
    if name not in manuscript.idle_figures and MADE.issuperset(tables)
}


rule figures:
    """Draw all figures in one process: those of which a table or the code has changed, the others as they were."""
    input:
        tables=sorted({f"{BUILD}/tables/{table}.json" for tables in FIGURES.values() for table in tables}),
        origin=[rules.ingest.output.values, rules.clean.output.values],
        code=sources("figures.__main__", "figures.draw", *(f"figures.{name}" for name in FIGURES)),
    output:
        files=expand(f"{BUILD}/figures/{{figure}}.{{suffix}}", figure=FIGURES, suffix=["svg", "pdf", "png", "json"]),
    log:
        f"{BUILD}/logs/figures.log",
    benchmark:
        f"{BUILD}/benchmarks/figures.tsv"
    params:
        figures=json.dumps(FIGURES),
        store=f"{BUILD}/store/figures",
    shell:
        command("figures")
