"""Values and tables about the input: which release, how complete, how drawn, what it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from analysis.dataset.input.inventory import shares
from analysis.dataset.release import Release, load, names, tells_types
from analysis.printable import printable
from analysis.record import Column, Record, Table, show, typographic

STATUS = {
    "complete": "the complete release",
    "subset": "a part of the release",
    "altered": "an altered copy of the release",
    "unknown": "a copy that cannot be compared with an inventory",
}
UNPUBLISHED = "no count is published"


def report_provenance(inspection: Mapping[str, Any], metadata: Mapping[str, Any], source: Path) -> Record:
    """Values ``release.*`` and ``data.*`` of the input, tables ``input_files``, ``inventory`` and ``input_notes``.

    ``source`` is config/source-study.yaml, which names features of the source study.
    """
    record = Record("ingest", metadata["data"])
    release = load(inspection["release"])
    _recognition(record, inspection, release, metadata["synthetic"])
    _lacks(record, inspection, yaml.safe_load(source.read_text(encoding="utf-8"))["named_features"])
    _sampling(record, inspection, metadata["sampling"], metadata["weighted"])
    _files(record, inspection)
    _inventory(record, inspection, release)
    return record


def _recognition(record: Record, inspection: Mapping[str, Any], release: Release, synthetic: bool) -> None:
    record.value("data.collection", release.collection, "text", "data set that the release is of", unit="")
    record.value("data.of_cicids2017", release.collection == "CICIDS2017", "text",
                 "whether the data are of the data set of the source study", unit="")  # fmt: skip
    for name in names():
        record.value(
            f"release.is_{name}",
            name == release.name,
            "text",
            f"whether the input is of the {load(name).title}",
            unit="",
        )
    record.value("release.confidence", inspection["confidence"], "text", "how sure the recognition is", unit="")
    record.value("release.why", inspection["why"], "text", "what the recognition rests on", unit="")
    record.value("release.status", STATUS[inspection["status"]], "text", "the input against the inventory", unit="")
    record.value("release.status_why", inspection["status_why"], "text",
                 "what the comparison of the input with the inventory rests on", unit="")  # fmt: skip
    for status in STATUS:
        record.value(
            f"release.{status}",
            inspection["status"] == status,
            "text",
            f"whether the input is {STATUS[status]}",
            unit="",
        )
    unpublished = None if release.flows else "no inventory of this release is published"
    record.value("release.flows", release.flows, "integer", "flows of the complete release", unit="flows",
                 reason=unpublished)  # fmt: skip
    record.value("data.share_of_release", inspection["rows"] / release.flows if release.flows else None, "percent:1",
                 "flows read as a share of the complete release", unit="fraction", n=release.flows,
                 reason=unpublished)  # fmt: skip
    record.value("data.origin", _origin(record, inspection, release, synthetic), "text",
                 "how many flows of which release were read", unit="")  # fmt: skip
    record.value("data.sample", inspection["status"] in ("subset", "altered") and not synthetic, "text",
                 "whether these are real flows, and a part or an altered copy of their release", unit="")  # fmt: skip
    record.value("release.attack_types", len(release.attacks), "integer", "attack types of the release", unit="types")
    record.value("release.users", release.users, "integer", "users who were simulated for the release", unit="users",
                 reason=None if release.users else "their number is not published")  # fmt: skip
    record.value("release.features", len(release.features), "integer", "features of the release", unit="columns")
    record.value("release.attempted", bool(release.attempted), "text", "whether labels tell attempts without effect",
                 unit="")  # fmt: skip
    tried = sum(inspection["attempted"].values())
    record.value("data.attempted", tried, "integer", "flows labelled as attempted attacks, as read", unit="flows",
                 n=inspection["rows"])  # fmt: skip
    record.value("data.any_attempted", tried > 0, "text", "whether flows are labelled as attempted attacks", unit="")


def _origin(record: Record, inspection: Mapping[str, Any], release: Release, synthetic: bool) -> str:
    count, status = f"{show(inspection['rows'], 'integer')} flows", inspection["status"]
    if synthetic:
        return f"{count.removesuffix('flows')}generated flows in the form of the {release.title}"
    if status == "complete":
        return f"all {count} of the {release.title}"
    if status == "altered":
        return f"{count} of an altered copy of the {release.title}"
    share = record.values["data.share_of_release"]
    return f"{count}{'' if share.value is None else f', {share.text}'} of the {release.title}"


def _lacks(record: Record, inspection: Mapping[str, Any], named: list[str]) -> None:
    features, lacks = inspection["features"], inspection["lacks"]
    record.value("release.lacks", lacks, "list", "features of the release that the input lacks", unit="")
    record.value("release.any_lacks", bool(lacks), "text", "whether the input lacks features of the release", unit="")
    absent = [name for name in named if name not in features]
    record.value("release.lacks_named", absent, "list", "features that the source study names and the input lacks",
                 unit="")  # fmt: skip
    record.value("release.any_lacks_named", bool(absent), "text",
                 "whether the input lacks features that the source study names", unit="")  # fmt: skip
    record.value("release.has_port", "Destination Port" in features, "text", "whether there is a destination port",
                 unit="")  # fmt: skip
    record.value("release.has_timestamps", inspection["has_timestamps"], "text", "whether flows have a time", unit="")
    record.value("release.has_five_tuple", inspection["has_five_tuple"], "text", "whether flows have addresses",
                 unit="")  # fmt: skip
    typed = tells_types(inspection["counts"], load(inspection["release"]).benign)
    record.value("release.typed", typed, "text", "whether labels tell types of attack apart", unit="")
    record.value("release.grouped", typed and bool(inspection["grouped"]), "text", "whether labels stand for groups",
                 unit="")  # fmt: skip
    record.value("release.grouped_labels", inspection["grouped"], "list", "labels that stand for groups", unit="")


def _sampling(record: Record, inspection: Mapping[str, Any], sampling: str, weighted: bool) -> None:
    words = {"natural": "in natural shares", "per_label": "label by label", "unknown": "in an unknown way"}
    record.value("data.sampling", sampling, "text", "how the flows were drawn from the release", unit="",
                 words=words[sampling])  # fmt: skip
    said = sampling == inspection["sampling"]
    record.value("data.sampling_why", inspection["sampling_why"] if said else "the settings of this build say so",
                 "text", "what the judgement of how the flows were drawn rests on", unit="")  # fmt: skip
    record.value("data.representative", sampling == "natural", "text",
                 "whether shares in the input are those of the release", unit="")  # fmt: skip
    record.value("data.weighted", weighted, "text", "whether measures can be weighted to the release's shares", unit="")


def _files(record: Record, inspection: Mapping[str, Any]) -> None:
    files = inspection["files"]
    whole = files[0]["sha256"] if len(files) == 1 else inspection["data_checksum"]
    record.value("data.checksum", whole, "text", "SHA-256 of the file read; of several, over names and checksums",
                 unit="")  # fmt: skip
    record.value("data.files", len(files), "integer", "files read", unit="files")
    record.value("data.blank_rows", inspection["blank_rows"], "integer", "rows in which nothing stands, left out",
                 unit="rows")  # fmt: skip
    columns = [Column("file", "File", align="left"), Column("day", "Day", align="left"),
               Column("flows", "Flows", "integer"), Column("attacks", "Attacks", "integer"),
               Column("status", "Inventory", align="left"), Column("sha256", "SHA-256", align="left")]  # fmt: skip
    record.table("input_files", "Files read", columns, [
        {"file": file["name"], "day": ", ".join(file["days"]) or "unknown", "flows": file["rows"],
         "attacks": file["attacks"], "status": file["status"], "sha256": file["sha256"]} for file in files
    ])  # fmt: skip
    record.value("data.notes", len(inspection["warnings"]), "integer", "remarks on the input", unit="remarks")
    record.value("data.any_notes", bool(inspection["warnings"]), "text", "whether there are remarks", unit="")
    record.table("input_notes", "Remarks on the input", [Column("note", "Remark", align="left")],
                 [{"note": typographic(note)} for note in inspection["warnings"]])  # fmt: skip


def _inventory(record: Record, inspection: Mapping[str, Any], release: Release) -> None:
    """What was read, label by label, beside what is published."""
    published, counts, tried = shares(release, inspection["counts"]), inspection["counts"], inspection["attempted"]
    rows = []
    for label in release.types(counts):
        spelled = {printable(text) for file in inspection["files"] for text in file["label_spellings"]
                   if release.canonical_label(text) == label}  # fmt: skip
        there = published.get(label)
        rows.append({
            "label": label,
            "flows": counts.get(label, 0),
            "attempted": tried.get(label, 0),
            "published": Table.cell(there, "integer", reason=UNPUBLISHED),
            "share": Table.cell(counts.get(label, 0) / there if there else None, "percent:1", reason=UNPUBLISHED),
            "spelled": ", ".join(sorted(spelled)) or Table.cell(None, "text", reason="not in these files"),
        })  # fmt: skip
    columns = [Column("label", "Label", align="left"), Column("flows", "Flows read", "integer"),
               Column("attempted", "Attempted", "integer"), Column("published", "Published", "integer"),
               Column("share", "Read of published", "percent:1"),
               Column("spelled", "Spelled in the files", align="left")]  # fmt: skip
    record.table("inventory", "Labels read, against the inventory of the release", columns, rows)
