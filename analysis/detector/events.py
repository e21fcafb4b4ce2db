"""Alerts as lines: Elastic Common Schema, OCSF, or a row of CSV.

Times are those of the file as it writes them, taken for UTC, since releases name no zone; a file without times gives
the time at which the detector ran.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.conditions.features import PORT
from analysis.detector.alerts import Alert, Limit
from analysis.detector.attack import technique
from analysis.detector.load import Detector
from analysis.detector.schema import ECS_VERSION, OCSF_VERSION

DETECTION_FINDING, FINDINGS, CREATE = 2004, 2, 1
UNKNOWN = 0
DIGITS = 9
"""Digits of changes of a score, which are differences of sums."""
COLUMNS = ("id", "time", "file", "row", "source_ip", "source_port", "destination_ip", "destination_port", "protocol",
           "score", "threshold", "fpr", "base_rate", "precision", "precision_low", "precision_high", "type",
           "confidence", "technique", "outside", "moved")  # fmt: skip


@dataclass(frozen=True)
class Events:
    """Writes the alerts of one run of a detector; ``now`` is when it runs."""

    detector: Detector
    limit: Limit
    now: datetime.datetime

    def line(self, form: str) -> Callable[[Alert], str]:
        """The function that writes an alert in a form: ecs, ocsf or csv, with the line's end."""
        if form == "csv":
            return self._row
        made = {"ecs": self.ecs, "ocsf": self.ocsf}[form]
        encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
        return lambda alert: encode(made(alert)) + "\n"

    def header(self, form: str) -> str:
        """What stands before the first alert."""
        return _csv(COLUMNS) if form == "csv" else ""

    @property
    def _build(self) -> str:
        return str(self.detector.told["build_id"])

    @property
    def _model(self) -> str:
        return str(self.detector.told["model"]["id"])

    @property
    def _name(self) -> str:
        return f"{self.detector.told['model']['name']} of build {self.detector.told['build']}"

    def _title(self, alert: Alert) -> str:
        what = f"looks like {alert.type}" if alert.type else "looks like an attack"
        return f"Flow {alert.row} of {alert.file} {what} (score of an attack {alert.score:.4g})"

    def own(self, alert: Alert) -> dict[str, Any]:
        """What neither schema has a field for."""
        precision = dict(zip(("expected", "low", "high"), self.limit.precision or (None,) * 3, strict=True))
        found: dict[str, Any] = {
            "score": alert.score, "threshold": self.limit.threshold, "fpr": self.limit.rate,
            "precision": {**precision, "base_rate": self.limit.base,
                          **({"reason": self.limit.reason} if self.limit.reason else {})},
            "row": alert.row, "build": self._build,
            "synthetic": self.detector.told["data"]["synthetic"],
        }  # fmt: skip
        if alert.time is None:
            found["time"] = "of the run: the flows tell none"
        if alert.type:
            found["type"] = {"label": alert.type, "confidence": alert.confidence}
        if alert.outside:
            found["outside_training_range"] = list(alert.outside)
        if alert.moved:
            found["moved"] = [
                {"features": list(names), "change": round(change, DIGITS)} for names, change in alert.moved
            ]
        return found

    def ecs(self, alert: Alert) -> dict[str, Any]:
        """The alert in the Elastic Common Schema; what is this project's own stands under ``flowpaper``."""
        event: dict[str, Any] = {
            "@timestamp": _iso(alert.time or self.now),
            "ecs": {"version": ECS_VERSION},
            "message": self._title(alert),
            "event": {"id": alert.id(self._build, self._model), "kind": "alert",
                      "category": ["intrusion_detection", "network"],
                      "type": ["info"], "created": _iso(self.now), "provider": "flowpaper", "module": "flowpaper",
                      "dataset": "flowpaper.detector", "risk_score": alert.score},
            "rule": {"id": self.detector.told["model"]["id"], "name": self._name, "ruleset": "flowpaper",
                     "version": self._build},
            "log": {"file": {"path": alert.file}},
            "flowpaper": self.own(alert),
        }  # fmt: skip
        for end, address, port in (("source", "Source IP", "Source Port"), ("destination", "Destination IP", PORT)):
            found = _picked(alert.ends, ip=address, port=port)
            event |= {end: found} if found else {}
        if "Protocol" in alert.ends:
            event["network"] = {"iana_number": str(alert.ends["Protocol"])}
        if known := technique(alert.type):
            event["threat"] = {
                "framework": "MITRE ATT&CK",
                "technique": _listed(known.parent) | ({"subtechnique": _listed(known.sub)} if known.sub else {}),
                "tactic": {"id": [known.tactic], "name": [known.tactic_name], "reference": [known.tactic_reference]},
            }
        return event

    def ocsf(self, alert: Alert) -> dict[str, Any]:
        """The alert as a Detection Finding of OCSF. Its severity is unknown: a score says how sure, not how bad."""
        told = self.detector.told
        finding: dict[str, Any] = {
            "uid": alert.id(self._build, self._model), "title": self._title(alert),
            "created_time": _milliseconds(self.now),
            "analytic": {"uid": told["model"]["id"], "name": self._name, "version": self._build, "type_id": 4,
                         "type": "Learning (ML/DL)"},
        }  # fmt: skip
        if alert.type:
            finding["types"] = [alert.type]
        if known := technique(alert.type):
            finding["attacks"] = [{
                "technique": _linked(known.parent), **({"sub_technique": _linked(known.sub)} if known.sub else {}),
                "tactic": {"uid": known.tactic, "name": known.tactic_name, "src_url": known.tactic_reference},
            }]  # fmt: skip
        if alert.time:
            finding |= {"first_seen_time": _milliseconds(alert.time), "last_seen_time": _milliseconds(alert.time)}
        evidence: dict[str, Any] = {"data": {"file": alert.file, "row": alert.row, **alert.ends}}
        for end, address, port in (("src", "Source IP", "Source Port"), ("dst", "Destination IP", PORT)):
            found = _picked(alert.ends, ip=address, port=port)
            evidence |= {f"{end}_endpoint": found} if "ip" in found else {}  # a port alone is no endpoint to OCSF
        if "Protocol" in alert.ends:
            evidence["connection_info"] = {"direction_id": UNKNOWN, "protocol_num": alert.ends["Protocol"]}
        event: dict[str, Any] = {
            "class_uid": DETECTION_FINDING, "class_name": "Detection Finding", "category_uid": FINDINGS,
            "category_name": "Findings", "activity_id": CREATE, "activity_name": "Create",
            "type_uid": DETECTION_FINDING * 100 + CREATE, "type_name": "Detection Finding: Create",
            "time": _milliseconds(self.now), "severity_id": UNKNOWN, "severity": "Unknown", "status_id": 1,
            "status": "New", "is_alert": True, "message": self._title(alert),
            "metadata": {"version": OCSF_VERSION, "uid": alert.id(self._build, self._model), "product": {
                "name": "flowpaper", "vendor_name": "flowpaper", "version": told["version"]}},
            "finding_info": finding, "evidences": [evidence], "unmapped": self.own(alert),
        }  # fmt: skip
        if self.limit.precision and not self.limit.reason:
            event["confidence_score"] = round(100 * self.limit.precision[0])
        return event

    def _row(self, alert: Alert) -> str:
        ends = [alert.ends.get(name) for name in ("Source IP", "Source Port", "Destination IP", PORT, "Protocol")]
        known = technique(alert.type)
        moved = "; ".join(f"{' + '.join(names)}: {change:+.4g}" for names, change in alert.moved)
        return _csv((
            alert.id(self._build, self._model), _iso(alert.time or self.now), alert.file, alert.row, *ends, alert.score,
            self.limit.threshold, self.limit.rate, self.limit.base, *(self.limit.precision or (None,) * 3), alert.type,
            alert.confidence, known.id if known else None, "; ".join(alert.outside), moved,
        ))  # fmt: skip


def _listed(told: tuple[str, str, str]) -> dict[str, list[str]]:
    return {key: [word] for key, word in zip(("id", "name", "reference"), told, strict=True)}


def _linked(told: tuple[str, str, str]) -> dict[str, str]:
    return dict(zip(("uid", "name", "src_url"), told, strict=True))


def _picked(ends: Mapping[str, Any], **names: str) -> dict[str, Any]:
    return {key: ends[name] for key, name in names.items() if name in ends}


def _iso(time: datetime.datetime) -> str:
    return time.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _milliseconds(time: datetime.datetime) -> int:
    return round(time.replace(tzinfo=datetime.UTC).timestamp() * 1000)


def _csv(cells: tuple[Any, ...]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()
