"""What a crate says of itself: a Workflow Run RO-Crate, as ``ro-crate-metadata.json``.

Profiles: RO-Crate 1.1, Workflow RO-Crate 1.0, Process Run Crate and Workflow Run Crate 0.5
(https://w3id.org/ro/wfrun/workflow/0.5).
"""

from __future__ import annotations

import csv
import hashlib
import json
import mimetypes
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from analysis.archive.contents import SETTINGS, WORKFLOW
from analysis.citing.build_id import LOCK
from analysis.errors import UserError

if TYPE_CHECKING:
    from rocrate.rocrate import ROCrate

NAME = "ro-crate-metadata.json"
VERSION = "1.1"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
TERMS = {"sha256": "https://schema.org/sha256"}
"""What the context of RO-Crate 1.1 does not know yet."""
NOT_INCLUDED = "Not included: known by its checksum, and to be had from its publisher."
KINDS = {
    **dict.fromkeys((".yaml", ".yml", ".cff"), "text/yaml"), **dict.fromkeys((".md", ".qmd"), "text/markdown"),
    ".bib": "text/x-bibtex", ".tex": "text/x-tex", ".lua": "text/x-lua", ".py": "text/x-python",
    ".js": "text/javascript", ".npz": "application/zip",
}  # fmt: skip
"""Media types that are not in the tables of every machine."""


def describe(contents: Mapping[str, bytes], build: str, benchmarks: Path) -> bytes:
    """The metadata of a crate that holds ``contents``; ``benchmarks`` is the folder in which steps noted their time.

    UserError where the library is not installed.
    """
    crate = _empty()
    manifest = json.loads(contents[f"results/{build}/build.json"])
    values = json.loads(contents[f"results/{build}/values.json"])["values"]
    crate.root_dataset.properties().update(
        name=f"{values['paper.title']['text']} (build {build} of flowpaper {manifest['version']})",
        description=f"Results, settings, locked versions and code of a build on {values['data.origin']['text']}",
        datePublished=manifest["published"],
        license={"@id": "LICENSE"},
        identifier=manifest["id"],
        keywords=["CICIDS2017", "intrusion detection", "reproducible research"],
    )
    jobs = steps(contents, benchmarks)
    tools = {tool for _, tool, _ in jobs}
    entities = {name: _file(crate, name, content, tool=name in tools) for name, content in sorted(contents.items())}
    workflow = entities[WORKFLOW]
    crate.mainEntity = workflow
    author = _add(crate, "#authors", "Organization", name=values["paper.authors"]["text"])
    crate.root_dataset["author"] = author
    engine = _add(crate, "#snakemake", "ComputerLanguage", name="Snakemake", url="https://snakemake.github.io",
                  version=manifest["versions"]["versions.snakemake"])  # fmt: skip
    workflow["programmingLanguage"] = engine
    _profiles(crate)
    flows = [_flows(crate, file) for file in manifest["input"]]
    published = [entity for name, entity in entities.items() if name.startswith(f"results/{build}/")]
    run = crate.add_action(
        workflow, "#run", object=[entities[SETTINGS], entities[LOCK], *flows], result=published,
        properties={"@type": "CreateAction", "name": f"Build {build}", "endTime": manifest["published"]},
    )  # fmt: skip
    run["agent"] = author
    for job, tool, used in jobs:
        crate.add_action(
            entities[tool], f"#step-{quote(job)}", properties={"@type": "CreateAction", "name": f"Step {job}", **used}
        )
    crate.root_dataset["mentions"] = sorted(crate.get_by_type("CreateAction"), key=lambda action: action.id)
    return (json.dumps(crate.metadata.generate(), indent=1, ensure_ascii=True) + "\n").encode()


def steps(contents: Mapping[str, bytes], benchmarks: Path) -> list[tuple[str, str, dict[str, str]]]:
    """Each job that ran: its name, the file of its step among ``contents``, and what it took in words.

    A rule names its module; a job is named by its rule, and by what tells it from others of the rule.
    """
    modules = {}
    for name, content in contents.items():
        if name == WORKFLOW or name.endswith(".smk"):
            for rule, text in re.findall(r"^ *rule (\w+):\n(.*?)(?=^ *rule |\Z)", content.decode(), re.M | re.S):
                if module := re.search(r'command\(\s*"([\w.]+)"', text):
                    modules[rule] = module[1]
    found = []
    for file in sorted(benchmarks.glob("*.tsv")):
        rules = [rule for rule in modules if file.stem == rule or file.stem.startswith(f"{rule}_")]
        tool = _tool(contents, modules[max(rules, key=len)]) if rules else None
        if tool:
            (row, *_) = csv.DictReader(file.read_text(encoding="utf-8").splitlines(), delimiter="\t")
            found.append(
                (file.stem, tool, {"description": f"took {row['s']} s, and {row['max_rss']} MB of memory at most"})
            )
    return found


def _tool(contents: Mapping[str, bytes], module: str) -> str | None:
    path = PurePosixPath(*module.split("."))
    return next((f"{one}" for one in (path.with_suffix(".py"), path / "__main__.py") if f"{one}" in contents), None)


def _empty() -> ROCrate:
    try:
        from rocrate.rocrate import ROCrate
    except ModuleNotFoundError:
        raise UserError("the library rocrate is not installed: start with 'make archive', which installs it") from None
    crate = ROCrate(version=VERSION)
    crate.metadata.extra_terms.update(TERMS)
    return crate


def _add(crate: ROCrate, identifier: str, kind: str, **properties: Any) -> Any:
    from rocrate.model import ContextEntity

    return crate.add(ContextEntity(crate, identifier, properties={"@type": kind, **properties}))


def _profiles(crate: ROCrate) -> None:
    crate.root_dataset["conformsTo"] = [
        _add(crate, address, "CreativeWork", name=name, version=version)
        for address, (name, version) in PROFILES.items()
    ]
    crate.metadata["conformsTo"] = [{"@id": f"https://w3id.org/ro/crate/{VERSION}"}, {"@id": [*PROFILES][-1]}]


def _file(crate: ROCrate, name: str, content: bytes, *, tool: bool) -> Any:
    kind: str | list[str] = ["File", "SoftwareSourceCode"] if tool else "File"
    if name == WORKFLOW:
        kind = ["File", "SoftwareSourceCode", "ComputationalWorkflow"]
    suffix = PurePosixPath(name).suffix
    return crate.add_file(dest_path=name, source=None, properties={
        "@type": kind, "name": name, "contentSize": str(len(content)), "sha256": hashlib.sha256(content).hexdigest(),
        "encodingFormat": KINDS.get(suffix) or mimetypes.types_map.get(suffix, "text/plain"),
    })  # fmt: skip


def _flows(crate: ROCrate, file: Mapping[str, Any]) -> Any:
    return _add(crate, f"#data-{file['sha256']}", "CreativeWork", name=file["name"], sha256=file["sha256"],
                contentSize=str(file["bytes"]), description=NOT_INCLUDED)  # fmt: skip
