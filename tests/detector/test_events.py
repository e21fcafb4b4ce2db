"""Events are of the schemas that they name, and labels have their techniques."""

from __future__ import annotations

import datetime
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: 'make test' installs it")

from analysis.dataset.release import load as load_release
from analysis.dataset.release import names
from analysis.detector.alerts import Alert, Limit
from analysis.detector.attack import technique, techniques
from analysis.detector.events import COLUMNS, Events
from analysis.detector.load import Detector
from analysis.detector.schema import ECS_VERSION, OCSF_VERSION

NOW = datetime.datetime(2026, 2, 3, 4, 5, 6, 789_000, tzinfo=datetime.UTC)
THEN = datetime.datetime(2017, 7, 4, 15, 30, 0, 123_456)
ENDS = {
    "Source IP": "172.16.0.1",
    "Source Port": 5000,
    "Destination IP": "fe80::1",
    "Destination Port": 21,
    "Protocol": 6,
}
FULL = Alert("a.csv", 7, THEN, ENDS, 0.9, "FTP-Patator", 0.75, ["Flow Duration"], [(["Fwd IAT Std"], 0.25)])
BARE = Alert("a.csv", 8, None, {"Destination Port": 80}, 0.8, None, None, [])
SEVERAL = Alert("a.csv", 9, THEN, {}, 0.8, "Infiltration", 0.4, [])


def schema(form: str) -> dict[str, Any]:
    return json.loads((Path(__file__).parent / "schemas" / f"{form}.json").read_text(encoding="utf-8"))


def events(detector: Detector, threshold: float | None = None) -> Events:
    return Events(detector, Limit.of(detector, 0.01, threshold, 0.001), NOW)


@pytest.mark.parametrize("threshold", [None, 0.5])
@pytest.mark.parametrize("alert", [FULL, BARE, SEVERAL], ids=["full", "bare", "several techniques"])
@pytest.mark.parametrize("form", ["ecs", "ocsf"])
def test_events_are_of_their_schema(detector: Detector, form: str, alert: Alert, threshold: float | None) -> None:
    line = events(detector, threshold).line(form)(alert)
    assert line.endswith("}\n")
    assert line.count("\n") == 1
    checker = jsonschema.Draft202012Validator(schema(form), format_checker=jsonschema.FormatChecker())
    assert [error.message for error in checker.iter_errors(json.loads(line))] == []


def test_a_time_that_is_the_runs_is_said_to_be(detector: Detector) -> None:
    bare, full = (json.loads(events(detector).line("ecs")(alert)) for alert in (BARE, FULL))
    assert (bare["@timestamp"], bare["flowpaper"]["time"]) == (
        "2026-02-03T04:05:06.789Z",
        "of the run: the flows tell none",
    )
    assert full["@timestamp"].startswith("2017-07-04T15:30:00")
    assert "time" not in full["flowpaper"]


@pytest.mark.parametrize("form", ["ecs", "ocsf"])
def test_the_schemas_refuse_what_is_none_of_theirs(detector: Detector, form: str) -> None:
    event = json.loads(events(detector).line(form)(FULL))
    checker = jsonschema.Draft202012Validator(schema(form), format_checker=jsonschema.FormatChecker())
    end = event["source"] if form == "ecs" else event["evidences"][0]["src_endpoint"]
    end["ip"] = "a name"
    assert len(list(checker.iter_errors(event))) == 1
    event["severity_" if form == "ocsf" else "severity"] = 3
    assert len(list(checker.iter_errors(event))) == 2


def test_an_alert_of_the_elastic_schema_says_what_is_known(detector: Detector) -> None:
    event = events(detector).ecs(FULL)
    assert event["@timestamp"] == "2017-07-04T15:30:00.123Z"
    assert event["event"]["created"] == "2026-02-03T04:05:06.789Z"
    assert event["source"] == {"ip": "172.16.0.1", "port": 5000}
    assert event["destination"] == {"ip": "fe80::1", "port": 21}
    assert event["threat"]["technique"] == {
        "id": ["T1110"], "name": ["Brute Force"], "reference": ["https://attack.mitre.org/techniques/T1110/"],
        "subtechnique": {"id": ["T1110.001"], "name": ["Password Guessing"],
                         "reference": ["https://attack.mitre.org/techniques/T1110/001/"]}}  # fmt: skip
    own, point = event["flowpaper"], detector.point(0.01)
    assert (own["score"], own["threshold"], own["fpr"]) == (0.9, point["threshold"], 0.01)
    assert own["precision"]["low"] <= own["precision"]["expected"] <= own["precision"]["high"]
    true, false = 0.001 * point["recall"], 0.999 * point["fpr"]
    assert own["precision"]["expected"] == pytest.approx(true / (true + false))
    assert own["type"] == {"label": "FTP-Patator", "confidence": 0.75}
    assert own["outside_training_range"] == ["Flow Duration"]
    assert own["moved"] == [{"features": ["Fwd IAT Std"], "change": 0.25}]


def test_what_is_not_known_is_not_said(detector: Detector) -> None:
    event = events(detector, 0.5).ecs(BARE)
    assert event["@timestamp"] == event["event"]["created"], "without times the event begins when it was received"
    assert not {"source", "network", "threat"} & event.keys()
    assert not {"type", "outside_training_range", "moved"} & event["flowpaper"].keys()
    assert event["flowpaper"]["precision"]["expected"] is None
    assert "threat" not in events(detector).ecs(SEVERAL), "a label of several techniques has none"
    finding = events(detector, 0.5).ocsf(BARE)
    assert "confidence_score" not in finding
    assert finding["evidences"] == [{"data": {"file": "a.csv", "row": 8, "Destination Port": 80}}]
    assert finding["severity_id"] == 0


def test_versions_are_those_that_are_named(detector: Detector) -> None:
    assert (
        events(detector).ecs(FULL)["ecs"]["version"]
        == ECS_VERSION
        == schema("ecs")["properties"]["ecs"]["properties"]["version"]["const"]
    )
    metadata = schema("ocsf")["properties"]["metadata"]["properties"]
    assert events(detector).ocsf(FULL)["metadata"]["version"] == OCSF_VERSION == metadata["version"]["const"]
    assert all(version in json.dumps(detector.told["outputs"]) for version in (ECS_VERSION, OCSF_VERSION))


def test_a_row_has_a_cell_for_each_column(detector: Detector) -> None:
    import csv

    made = events(detector)
    header, full, bare = csv.reader([made.header("csv"), made.line("csv")(FULL), made.line("csv")(BARE)])
    assert header == list(COLUMNS)
    row = dict(zip(header, full, strict=True))
    assert (row["row"], row["source_ip"], row["protocol"], row["technique"]) == ("7", "172.16.0.1", "6", "T1110.001")
    assert row["moved"] == "Fwd IAT Std: +0.25"
    assert dict(zip(header, bare, strict=True))["type"] == ""


def test_every_label_of_every_release_has_its_technique_or_says_that_it_is_several() -> None:
    known = techniques()
    for name in names():
        release = load_release(name)
        assert {*release.attacks, *release.families} - known.keys() == set(), name
    assert technique("DDoS") is not None
    assert technique(None) is technique("Attack") is technique("no label") is None
    for one in filter(None, known.values()):
        assert re.fullmatch(r"T\d{4}(\.\d{3})?", one.id)
        assert re.fullmatch(r"TA\d{4}", one.tactic)


def test_other_flows_at_the_same_place_have_other_ids() -> None:
    first = replace(FULL, content=b"1")
    assert first.id("build", "model") == replace(FULL, content=b"1").id("build", "model")
    others = {
        replace(FULL, content=b"2").id("build", "model"),
        first.id("build", "another"),
        first.id("other", "model"),
    }
    assert len({first.id("build", "model"), *others}) == 4
