"""Small published builds, each with two values of the text, a claim, a verdict, a pitfall and a ranking."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from analysis.record.files import BUILD

IDENTITY = "59091fa3886098afffd7a4dfc298022b11877791c52b93b7d00df3d4718adb0f"
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></title><b>",
    "[click](javascript:alert(1))",
    "![p](http://evil.example/x.png)",
    "https://evil.example www.evil.example @somebody #12",
    "a | b\n\n# heading\n- item\n```\n",
    "</details>\u202eevil\u0007",
    "`code` *bold* ~~gone~~ $x$ &lt;i&gt;",
)


def value(now: Any, definition: str = "a number", unit: str = "fraction", **rest: Any) -> dict[str, Any]:
    """An entry of values.json."""
    display = "fixed:3" if isinstance(now, float) else "text" if isinstance(now, str) else "integer"
    text = "not measured" if now is None else f"{now:.3f}" if isinstance(now, float) else str(now)
    entry = {"value": now, "display": display, "definition": definition, "unit": unit, "n": 100, "text": text,
             "forms": {}, "reason": None, "origin": {"step": "s"}}  # fmt: skip
    return entry | rest


def interval(now: float, low: float, high: float, definition: str = "F1", **rest: Any) -> dict[str, Any]:
    """An entry with an interval."""
    forms = {"interval": f"{now:.3f} [{low:.3f}, {high:.3f}]"}
    return value(now, definition, low=low, high=high, interval="Wilson", forms=forms, **rest)


def claim(holds: bool | None, condition: str = "binary.best.f1 > 0.9", **values: str) -> dict[str, Any]:
    """An entry of claims.json."""
    return {"holds": holds, "condition": condition, "values": values, "otherwise": "no", "place": "x:1"}


def verdict(name: str, said: str, here: str | None = "0.9") -> dict[str, Any]:
    """A claim of the ledger."""
    return {"id": name, "short": f"short of {name}", "verdict": said, "here": here, "sentence": "A fact."}


def pitfall(name: str, here: str) -> dict[str, Any]:
    """A pitfall with one check."""
    return {"id": name, "name": f"pitfall {name}", "here": here, "checks": [{"words": f"because {here}"}]}


def val(key: str, text: str) -> str:
    """A value in a page."""
    return f'<span class="val" data-key="{key}">{text}</span>'


PAGE = (
    '<html><head><title>T</title></head><body><div class="abstract"><div class="abstract-title">Abstract</div>'
    '<p>On {flows} flows <span data-claim="forest-leads">the forest leads</span> with {f1}.</p></div>'
    "<p>Another sentence, after Smith et al. 2020. The share is {share}, i.e. small.</p>{more}</body></html>"
)


def make(
    folder: Path, *, f1: dict[str, Any] | None = None, holds: bool | None = True, more: str = "", **files: Any
) -> Path:
    """A published build; ``files`` replaces or adds: files, entries of ``values``.json and of ``build``.json."""
    (folder / "tables").mkdir(parents=True)
    values = {
        "data.flows": value(1000, "flows read", "flows"),
        "clean.flows": value(900, "flows after cleaning", "flows"),
        "binary.best.f1": f1 or interval(0.91, 0.90, 0.92),
        "clean.share": value(0.25, "share of attacks"),
        "binary.order": value(["forest", "boosting", "ada"], "models by F1", ""),
    } | files.pop("values", {})
    build = {"schema": BUILD, "build": folder.name, "identity": IDENTITY, "settings": {"seed": 1},
             "versions": {"versions.numpy": "2"}, "input": [{"name": "flows.csv"}], "version": "0.1.0",
             "synthetic": False} | files.pop("build", {})  # fmt: skip
    texts = {key: entry["forms"].get("interval") or entry.get("text", "") for key, entry in values.items()}
    page = PAGE.format(
        flows=val("clean.flows", texts["clean.flows"]),
        f1=val("binary.best.f1", texts["binary.best.f1"]),
        share=val("clean.share", texts["clean.share"]),
        more=more,
    )
    contents = {
        "values.json": {"schema": "flowpaper/values/2", "values": values},
        "claims.json": {"forest-leads": claim(holds)},
        "ledger.json": {"schema": "flowpaper/ledger/2", "claims": [verdict("many", "reproduced")]},
        "pitfalls.json": {"schema": "flowpaper/pitfalls/1", "pitfalls": [pitfall("snooping", "present")]},
        "tables/ranking.csv": "rank,feature,r\n1,A,0.5\n2,B,0.4\n3,C,0.3\n",
        "paper.html": page,
    } | files
    for name, content in contents.items():
        if content is not None:
            text = content if isinstance(content, str) else json.dumps(content)
            (folder / name).write_text(text, encoding="utf-8")
    published = [path for path in folder.rglob("*") if path.is_file()]
    build["files"] = {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in published}
    (folder / "build.json").write_text(json.dumps(build), encoding="utf-8")
    return folder
