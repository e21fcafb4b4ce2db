"""The workflow's rules and what each needs, as a Mermaid diagram: ``python -m tools.rule_graph > docs/workflow.md``.

Drawn from Snakemake's own graph of the paper about the twin, so that it shows what runs. What every rule needs (the
first look at the data) and what needs every rule (``all``) is left out. An arrow that others imply is a comment, for
the page for referees, which names all that a step reads.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

LEFT_OUT = {"all", "first_look"}
HEAD = """# The workflow

Each box is a rule, an arrow leads from what makes a file to what needs it, and a frame is a room with its `.smk` file.
Written by `make graph`; a test notices when it is stale. It is the paper about the twin with the default settings:
other data have no rule `twin`, and rules that only some data or settings need are not among these.

```mermaid
flowchart TD
"""

Edges = set[tuple[str, str]]


def rule_graph(root: Path) -> Edges:
    """Pairs of rules of which the second needs the first, as Snakemake finds them; nothing is run or written."""
    command = [sys.executable, "-m", "snakemake", "--rulegraph", "dot", "--config", "build=no-such-build"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"rule graph: Snakemake cannot draw it\n{done.stderr}")
    names = dict(re.findall(r'^\s*(\d+)\[label = "(\w+)', done.stdout, re.MULTILINE))
    return {(names[one], names[other]) for one, other in re.findall(r"^\s*(\d+) -> (\d+)", done.stdout, re.MULTILINE)}


def reduced(edges: Edges) -> Edges:
    """The edges of an acyclic graph without those that a longer way implies (its transitive reduction).

    >>> sorted(reduced({("a", "b"), ("b", "c"), ("a", "c")}))
    [('a', 'b'), ('b', 'c')]
    """
    after: dict[str, set[str]] = {}
    for one, other in edges:
        after.setdefault(one, set()).add(other)

    def reached(start: str) -> set[str]:
        return after.get(start, set()).union(*(reached(further) for further in after.get(start, ())))

    return {(one, other) for one, other in edges if not any(other in reached(further) for further in after[one])}


def rooms(root: Path) -> dict[str, list[str]]:
    """Rules by the ``.smk`` file that has them, in the order in which they and their files stand."""
    included = re.findall(r'^include: "(.+)"', (root / "Snakefile").read_text(encoding="utf-8"), re.MULTILINE)
    text = {file: (root / file).read_text(encoding="utf-8") for file in included}
    return {file: re.findall(r"^ *rule (\w+):", found, re.MULTILINE) for file, found in text.items()}


def page(edges: Edges, rules: Mapping[str, Iterable[str]]) -> str:
    """The Markdown page: head and diagram."""
    kept = {edge for edge in edges if not LEFT_OUT & set(edge)}
    drawn = {name for edge in kept for name in edge}
    lines = []
    for file, names in rules.items():
        if here := [name for name in names if name in drawn]:
            # A frame and a box may have one name, which Mermaid would take for the same thing.
            lines += [f'    subgraph in_{Path(file).stem}["{file}"]', *(f"        {name}" for name in here), "    end"]
    arrows = reduced(kept)
    lines += [f"    {one} --> {other}" for one, other in sorted(arrows)]
    implied = {needs: sorted(one for one, other in kept - arrows if other == needs) for needs in sorted(drawn)}
    lines += [f"    %% {step} <-- {', '.join(names)}" for step, names in implied.items() if names]
    return HEAD + "\n".join(lines) + "\n```\n"


if __name__ == "__main__":
    print(page(rule_graph(Path()), rooms(Path())), end="")
