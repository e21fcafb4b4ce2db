# In:  values.json, claims.json, tables/, figures/, the manuscript
# Out: unused_values.txt, paper/ (HTML, PDF and what they are made of), audit.html, published.json and with it the
#      results

from analysis.citing.build_id import code_and_lock
from paper.audit.places import titles
from paper.stage import FILES

CHECKOUT = json.dumps({"build": plan.name, **checkout(), **code_and_lock()})

FIGURE_FILES = expand(f"{BUILD}/figures/{{figure}}.{{suffix}}", figure=FIGURES, suffix=["svg", "json"])


rule lint:
    """Look for mistakes in the manuscript, beside the record."""
    input:
        values=f"{BUILD}/values.json",
        tables=TABLES,
        figures=FIGURE_FILES,
        manuscript=[*manuscript.files, *(f"paper/{name}" for name in FILES)],
        claims=f"{BUILD}/claims.json",
        sentences=rules.claims.input.claims,
        filters=sorted(str(path) for path in Path("paper/filters").glob("*.lua")),
        exempt="paper/lint/exempt.yaml",
        code=sources("paper.lint.__main__"),
    output:
        unused=f"{BUILD}/unused_values.txt",
    log:
        f"{BUILD}/logs/lint.log",
    benchmark:
        f"{BUILD}/benchmarks/lint.tsv"
    params:
        record=lambda wildcards, input: str(Path(input.values).parent),
        study=study.study,
    shell:
        command("paper.lint", "study", "record", "unused")


rule render:
    """Set the paper as HTML and PDF, and check both."""
    input:
        rules.lint.output,
        values=f"{BUILD}/values.json",
        claims=rules.claims.output.results,
        explorer=[] if "explorer" in manuscript.idle_steps else rules.explorer.output.points,
        tables=TABLES,
        figures=FIGURE_FILES,
        manuscript=[*manuscript.files, *(f"paper/{name}" for name in FILES)],
        filters=sorted(str(path) for path in Path("paper/filters").glob("*.lua")),
        code=sources("paper.render"),
    output:
        html=f"{BUILD}/paper/paper.html",
        pdf=f"{BUILD}/paper/paper.pdf",
        values=f"{BUILD}/paper/record/values.json",
    log:
        f"{BUILD}/logs/render.log",
    benchmark:
        f"{BUILD}/benchmarks/render.tsv"
    params:
        build=lambda wildcards, input: str(Path(input.values).parent),
        # Resolved here, so that a Quarto installed later sets the paper anew.
        renderer=("quarto" if quarto.find() else "pandoc") if study.renderer == "auto" else study.renderer,
        settings=lambda wildcards: SETTINGS,
        checkout=CHECKOUT,
        study=study.study,
    shell:
        command("paper.render", "renderer", "study", "settings", "checkout")


rule audit:
    """Write the page for referees: evidence, switches, what was fitted on what, every value."""
    input:
        values=rules.gather.output.values,
        tables=TABLES,
        claims=rules.claims.output.results,
        ledger=rules.ledger.output.report,
        unused=rules.lint.output.unused,
        models=expand(rules.fit.output.descriptions, batch=BATCHES),
        pitfalls_file="config/pitfalls.yaml",
        workflow="docs/workflow.md",
        lock="requirements.txt",
        form=["paper/web/page.css", "paper/web/scripted.js", "paper/web/contents.js"]
        + sorted(str(path) for path in Path("paper/audit").glob("*.*") if path.suffix in (".css", ".js", ".yaml")),
        code=sources("paper.audit.__main__"),
    output:
        html=f"{BUILD}/audit.html",
    log:
        f"{BUILD}/logs/audit.log",
    benchmark:
        f"{BUILD}/benchmarks/audit.tsv"
    params:
        words=json.dumps(
            {rule.name: rule.docstring for rule in workflow.rules if rule.docstring and rule.name not in UNUSED}
        ),
        settings=lambda wildcards: study.model_dump_json(exclude_defaults=True, exclude=ASIDE),
        places=lambda wildcards: json.dumps(titles(manuscript.text)),
    shell:
        command("paper.audit")


rule publish:
    """Put the finished build in the place of the one before."""
    input:
        values=f"{BUILD}/values.json",
        claims=rules.claims.output.results,
        papers=[rules.render.output.html, rules.render.output.pdf, rules.render.output.values],
        audit=rules.audit.output.html,
        defects=rules.defects.output.report,
        ledger=rules.ledger.output.report,
        tables=TABLES,
        figures=expand(f"{BUILD}/figures/{{figure}}.{{suffix}}", figure=FIGURES, suffix=["png", "pdf"]),
        citation="CITATION.cff",
        code=sources("analysis.audit.publish"),
    output:
        marker=f"{BUILD}/published.json",
    log:
        f"{BUILD}/logs/publish.log",
    benchmark:
        f"{BUILD}/benchmarks/publish.tsv"
    params:
        build=lambda wildcards, input: str(Path(input.values).parent),
        results=RESULTS,
        tables=[Path(table).stem for table in TABLES],
        figures=sorted(FIGURES),
        settings=lambda wildcards: SETTINGS,
        checkout=CHECKOUT,
    shell:
        command("analysis.audit.publish")
