# The paper in both forms, and the finished build put in its place.

from paper import quarto
from paper.stage import FORM

FIGURE_FILES = expand(f"{BUILD}/figures/{{figure}}.{{suffix}}", figure=FIGURES, suffix=["svg", "json"])


rule paper:
    input:
        values=f"{BUILD}/values.json",
        tables=TABLES,
        figures=FIGURE_FILES,
        manuscript=[f"paper/{name}" for name in ("paper.qmd", "references.bib", *FORM)],
        filters=sorted(str(path) for path in Path("paper/filters").glob("*.lua")),
        code=sources("paper.render"),
    output:
        html=f"{BUILD}/paper/paper.html",
        pdf=f"{BUILD}/paper/paper.pdf",
        values=f"{BUILD}/paper/record/values.json",
    params:
        # Resolved here, so that a Quarto installed later sets the paper anew.
        renderer=("quarto" if quarto.find() else "pandoc") if study.renderer == "auto" else study.renderer,
    log:
        f"{BUILD}/logs/paper.log",
    benchmark:
        f"{BUILD}/benchmarks/paper.tsv"
    shell:
        "{PYTHON:q} -m paper.render --build {BUILD:q} --renderer {params.renderer} > {log:q} 2>&1"


rule publish:
    input:
        papers=[rules.paper.output.html, rules.paper.output.pdf, rules.paper.output.values],
        tables=TABLES,
        figures=expand(f"{BUILD}/figures/{{figure}}.png", figure=FIGURES),
        code=sources("analysis.audit.publish"),
    output:
        marker=f"{BUILD}/published.json",
    params:
        results=RESULTS,
        tables=[Path(table).stem for table in TABLES],
        figures=sorted(FIGURES),
        settings=SETTINGS,
    log:
        f"{BUILD}/logs/publish.log",
    benchmark:
        f"{BUILD}/benchmarks/publish.tsv"
    shell:
        "{PYTHON:q} -m analysis.audit.publish --build {BUILD:q} --results {params.results:q}"
        " --tables {params.tables:q} --figures {params.figures:q} --settings {params.settings:q}"
        " --marker {output.marker:q} > {log:q} 2>&1"
