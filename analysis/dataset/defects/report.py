"""How the defect audit is told: values, the table in the paper, and a report for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from analysis.dataset.release import Release
from analysis.record import Column, Record, Table

QUIRKS = (
    "encoding",
    "bom",
    "line_ending",
    "header_spaces",
    "repeated_headers",
    "unknown",
    "blank_rows",
    "label_spellings",
)
"""What the inspection of the input may say of a file."""
NOT_COMPLETE = "Published counts are of the complete release, which these flows are not."
NOT_PUBLISHED = "no count is published"


@dataclass(frozen=True)
class Finding:
    """One defect as counted here: ``n`` is what the count is out of, ``unit`` what is counted.

    ``places`` are the first of its cells, as file, row and column, where these matter.
    """

    id: str
    title: str
    definition: str
    count: int | None
    n: int | None
    attacks: int | None
    unit: str = "flows"
    error: bool = True
    columns: list[Any] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    reason: str | None = None

    @property
    def share(self) -> float | None:
        """Count as a fraction of n, where both are known."""
        return None if self.count is None or not self.n else self.count / self.n


def quirks(inspection: Mapping[str, Any], release: Release) -> list[dict[str, Any]]:
    """What the inspection says of the form of each file; label spellings only where they are not the label itself."""
    own = {*release.labels, *release.families}
    files = []
    for file in inspection.get("files", []):
        known = {key: file[key] for key in QUIRKS if file.get(key) is not None}
        if "label_spellings" in known:
            known["label_spellings"] = [text for text in known["label_spellings"] if text not in own]
        files.append({"name": file["name"]} | known)
    return [file for file in files if len(file) > 1]


def report_defects(
    findings: Sequence[Finding], release: Release, complete: bool, files: Sequence[Mapping[str, Any]],
    metadata: Mapping[str, Any],
) -> Record:  # fmt: skip
    """Values ``defects.*``; tables ``defects`` and ``file_quirks``."""
    record = Record("defects", metadata["data"])
    record.value("defects.complete", complete, "text", "whether there are as many flows of each label as published")
    shown = bool(release.published) and complete
    record.value("defects.published", shown, "text", "whether published counts stand beside those of this build")
    for finding in findings:
        _values(record, finding)
    by_id = {finding.id: finding for finding in findings}
    record.value("defects.has_contradictions", bool(by_id["contradictory"].count), "text",
                 "whether flows with equal features carry different labels")  # fmt: skip
    record.value("defects.has_port", by_id["duplicates_no_port"].count is not None, "text",
                 "whether the data have the port, so that it can be left out")  # fmt: skip
    pairs = {id: release.published.get(id) for id in ("identical_pairs", "correlated_pairs")}
    for id, count in pairs.items():
        record.value(f"defects.{id}.published", count, "integer", f"{by_id[id].title}: published for the complete "
                     "release", unit="pairs", reason=None if count is not None else NOT_PUBLISHED)  # fmt: skip
    record.value("defects.published_pairs", None not in pairs.values(), "text",
                 "whether counts of identical and of strongly correlated pairs are published")  # fmt: skip
    times = [by_id[id] for id in ("negative_flow_duration", "negative_flow_iat_min")]
    record.value("defects.has_times", all(f.count is not None for f in times), "text",
                 "whether the data have the duration and the shortest gap of a flow")  # fmt: skip
    record.value("defects.fractions.names", by_id["fractions"].columns if by_id["fractions"].count else [], "list",
                 "columns of whole numbers in which fractions stand")  # fmt: skip
    record.value("defects.unused_columns", list(dict.fromkeys(name for f in files for name in f.get("unknown", []))),
                 "list", "columns of the files that are not used, as the files name them")  # fmt: skip
    non_finite = by_id["non_finite_rates"]
    record.value("defects.non_finite_rates.benign", (non_finite.count or 0) - (non_finite.attacks or 0), "integer",
                 "flows with a rate that is not finite and the label BENIGN", unit="flows", n=non_finite.n)  # fmt: skip
    _tables(record, findings, release, shown, files)
    return record


def _values(record: Record, finding: Finding) -> None:
    key, cell = f"defects.{finding.id}", f"{finding.id}/"
    title = finding.title
    record.value(key, finding.count, "integer", f"{title}: {finding.definition}", unit=finding.unit, n=finding.n,
                 reason=finding.reason, table="defects", cell=cell + "count")  # fmt: skip
    if finding.n is not None and finding.unit == "flows":
        record.value(f"{key}.share", finding.share, "percent:2", f"{title}, as a share of all flows", unit="fraction",
                     n=finding.n, reason=finding.reason, table="defects", cell=cell + "share")  # fmt: skip
        record.value(f"{key}.attacks", finding.attacks, "integer", f"{title}: attacks among them", unit="flows",
                     n=finding.count, reason=finding.reason, table="defects", cell=cell + "attacks")  # fmt: skip
    if finding.unit in ("columns", "pairs"):
        names = [name if isinstance(name, str) else " = ".join(name[:2]) for name in finding.columns]
        if finding.id != "correlated_pairs":
            record.value(f"{key}.names", names, "list", f"{title}: their names")


def _tables(
    record: Record, findings: Sequence[Finding], release: Release, shown: bool, files: Sequence[Mapping[str, Any]]
) -> None:
    of_columns = "counted in columns, pairs or feature vectors, not in flows"
    columns = [Column("title", "Defect", align="left"), Column("definition", "Definition", align="left"),
               Column("count", "Count", "integer"), Column("share", "Share", "percent:2"),
               Column("attacks", "Attacks", "integer")]  # fmt: skip
    if shown:
        columns.append(Column("published", "Complete release", "integer"))
    rows = []
    for finding in findings:
        reason = finding.reason if finding.count is None else of_columns
        share = finding.share if finding.unit == "flows" else None
        rows.append({
            "id": finding.id,
            "title": finding.title,
            "definition": finding.definition,
            "count": Table.cell(finding.count, "integer", reason=finding.reason),
            "share": Table.cell(share, "percent:2", reason=reason),
            "attacks": Table.cell(finding.attacks, "integer", reason=reason),
            "published": Table.cell(release.published.get(finding.id), "integer", reason=NOT_PUBLISHED),
        })  # fmt: skip
    note = "Counted in the flows as read, before cleaning. Share: of all flows read. Attacks: among the flows counted."
    beside = f"No counts are published for the {release.title}."
    if release.published:
        beside = f"Complete release: published for the {release.title}." if shown else NOT_COMPLETE
    notes = [note, beside]
    if broken := next((f.columns for f in findings if f.id == "fractions" and f.count), []):
        notes.append("Fractions where the release has whole numbers (scaled, perhaps): " + ", ".join(broken) + ".")
    for finding in findings:
        if finding.places:
            more = " and others" if (finding.count or 0) > len(finding.places) else ""
            notes.append(f"{finding.title}: {'; '.join(finding.places)}{more}.")
    record.table("defects", "Defects of the flows as they were read", columns, rows, id="id", notes=notes)
    record.table(
        "file_quirks",
        "Quirks of the files",
        [Column("name", "File", align="left"), Column("quirks", "What is unusual or worth knowing", align="left")],
        [{"name": file["name"], "quirks": _in_words(file)} for file in files],
    )


def _in_words(file: Mapping[str, Any]) -> str:
    """The form of one file in words."""
    words = []
    if "encoding" in file:
        words.append(f"encoding {file['encoding']}")
    if file.get("bom"):
        words.append("starts with a byte-order mark")
    if "line_ending" in file:
        words.append(f"lines end in {file['line_ending']}")
    for key, text in (
        ("header_spaces", "column names that begin with a space"),
        ("blank_rows", "blank rows"),
        ("repeated_headers", "header lines repeated inside"),
    ):
        if file.get(key):
            words.append(f"{file[key]:,} {text}")
    if file.get("unknown"):
        words.append("columns that are not used: " + ", ".join(file["unknown"]))
    # As Python writes them, so that control characters show.
    if odd := [ascii(text) for text in file.get("label_spellings", [])]:
        words.append("labels spelt " + ", ".join(odd))
    return "; ".join(words) or "nothing unusual"


def machine_report(
    findings: Sequence[Finding], release: Release, complete: bool, files: Sequence[Mapping[str, Any]],
    metadata: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """The audit as JSON: one entry a defect, with its definition, and what is known of the files."""
    entries = [asdict(f) | {"share": f.share, "published": release.published.get(f.id)} for f in findings]
    return {
        "schema": "flowpaper/defects/1",
        "data": metadata["data"],
        "synthetic": metadata["synthetic"],
        "release": release.name,
        "complete": complete,
        "defects": entries,
        "files": list(files),
    }
