# Pictures: one rule, one module and one set of tables for each.

from figures.catalogue import catalogue

# Those that this study shows and whose tables it makes.
MADE = {Path(table).stem for table in TABLES}
FIGURES = {
    name: tables
    for name, tables in catalogue().items()
    if name not in manuscript.idle_figures and MADE.issuperset(tables)
}


rule figure:
    input:
        tables=lambda wildcards: [f"{BUILD}/tables/{table}.json" for table in FIGURES[wildcards.figure]],
        origin=[rules.ingest.output.values, rules.clean.output.values],
        code=lambda wildcards: sources("figures.draw", f"figures.{wildcards.figure}"),
    output:
        svg=f"{BUILD}/figures/{{figure}}.svg",
        pdf=f"{BUILD}/figures/{{figure}}.pdf",
        png=f"{BUILD}/figures/{{figure}}.png",
        text=f"{BUILD}/figures/{{figure}}.json",
    log:
        f"{BUILD}/logs/figure_{{figure}}.log",
    benchmark:
        f"{BUILD}/benchmarks/figure_{{figure}}.tsv"
    wildcard_constraints:
        figure="|".join(FIGURES),
    shell:
        "python -m figures.draw {wildcards.figure} --tables {input.tables:q} --origin {input.origin:q}"
        " --svg {output.svg:q} --pdf {output.pdf:q} --png {output.png:q} --text {output.text:q} > {log:q} 2>&1"
