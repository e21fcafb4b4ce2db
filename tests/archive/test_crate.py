"""A crate holds what it says, says what it holds, and is a Workflow Run RO-Crate by the profile's own validator."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from snakemake.utils import update_config

from analysis import settings
from analysis.archive import metadata, zipped
from analysis.archive.contents import contents
from analysis.archive.contents import settings as as_file
from analysis.errors import UserError

from .conftest import FLOWS, RESULTS, publish


def entities(files: dict[str, bytes]) -> dict[str, Any]:
    return {entity["@id"]: entity for entity in json.loads(files[metadata.NAME])["@graph"]}


def kinds(entity: dict[str, Any]) -> list[str]:
    return entity["@type"] if isinstance(entity["@type"], list) else [entity["@type"]]


def test_it_holds_results_settings_lock_and_code_but_neither_data_nor_notes(files):
    published = {f"results/demo/{name}" for name in (*RESULTS, "build.json")}
    code = {"Snakefile", "analysis/room.smk", "analysis/rank.py", "config/study.yaml", "requirements.txt", "LICENSE"}
    assert set(files) == published | code | {"settings.yaml", metadata.NAME}
    assert yaml.safe_load(files["settings.yaml"]) == {"seed": 1, "paper": {"author": "Ä"}}


def test_every_part_exists_and_its_size_and_checksum_hold(files):
    found = entities(files)
    parts = {part["@id"] for part in found["./"]["hasPart"]}
    assert {unquote(part) for part in parts} == set(files) - {metadata.NAME}
    for part in parts:
        content = files[unquote(part)]
        assert found[part]["sha256"] == hashlib.sha256(content).hexdigest()
        assert found[part]["contentSize"] == str(len(content))


def test_whatever_is_named_is_described(files):
    found = entities(files)

    def named(entry: Any) -> set[str]:
        if isinstance(entry, dict):
            return {entry["@id"]} if set(entry) == {"@id"} else set().union(*map(named, entry.values()), set())
        return set().union(*map(named, entry), set()) if isinstance(entry, list) else set()

    left = set().union(*(named(entity) for entity in found.values())) - set(found)
    assert left == {"https://w3id.org/ro/crate/1.1"}


def test_the_run_names_workflow_settings_data_and_results(files):
    run = entities(files)["#run"]
    assert run["instrument"] == {"@id": "Snakefile"}
    assert {one["@id"] for one in run["object"]} == {"settings.yaml", "requirements.txt", f"#data-{FLOWS['sha256']}"}
    assert {unquote(one["@id"]) for one in run["result"]} == {name for name in files if name.startswith("results/")}
    assert run["endTime"] == "2026-01-31T12:00:00+00:00"


def test_data_are_known_by_their_checksum(files):
    flows = entities(files)[f"#data-{FLOWS['sha256']}"]
    assert (flows["name"], flows["sha256"], flows["contentSize"]) == ("flows.csv", FLOWS["sha256"], "30")
    assert "File" not in kinds(flows)
    assert not any(name.startswith("data/") for name in files)


def test_each_step_is_an_action_of_its_source_file(files):
    found = entities(files)
    steps = {name: entity for name, entity in found.items() if name.startswith("#step-")}
    assert set(steps) == {"#step-rank", "#step-rank_all"}, "a job without a rule is none"
    assert all(step["instrument"] == {"@id": "analysis/rank.py"} for step in steps.values())
    assert "took 4.40 s, and 145.46 MB" in steps["#step-rank"]["description"]
    assert "SoftwareSourceCode" in kinds(found["analysis/rank.py"])


def test_the_same_build_gives_the_same_bytes(tmp_path, files):
    for name, order in (("a", sorted(files)), ("b", sorted(files, reverse=True))):
        zipped.write(tmp_path / f"{name}.zip", {key: files[key] for key in order})
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {zipped.SINCE}


def test_hostile_names_are_text(results, project, benchmarks):
    pytest.importorskip("rocrate")
    values = json.loads((results / "values.json").read_text(encoding="utf-8"))
    hostile = '"}], "@id": "../x", \u202e</script>'
    values["values"]["paper.title"]["text"] = hostile
    (results / "values.json").write_text(json.dumps(values), encoding="utf-8")
    publish(results, project, input=[FLOWS | {"name": hostile}])
    found = contents(results, project)
    described = json.loads(metadata.describe(found, "demo", benchmarks))
    ids = {entity["@id"]: entity for entity in described["@graph"]}
    assert "../x" not in ids
    assert ids[f"#data-{FLOWS['sha256']}"]["name"] == hostile
    assert ids["./"]["name"].startswith(hostile)


@pytest.mark.parametrize(
    ("name", "said"), [("analysis/rank.py", "another code than"), ("requirements.txt", "another lock than")]
)
def test_code_that_is_not_that_of_the_build_is_not_archived_with_it(results, project, name, said):
    (project / name).write_text("other\n")
    with pytest.raises(UserError, match=said):
        contents(results, project)


def test_an_altered_build_is_not_archived(results, project):
    (results / "paper.html").write_text("<p>An F1 of 1.0</p>")
    with pytest.raises(UserError, match=r"paper\.html was altered"):
        contents(results, project)


def test_a_build_without_an_id_is_not_archived(results, project):
    manifest = json.loads((results / "build.json").read_text(encoding="utf-8"))
    del manifest["code"]
    (results / "build.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(UserError, match="lacks code"):
        contents(results, project)


def test_the_settings_in_it_are_read_back_as_those_of_the_build(root):
    conditions = [{"split": "by_file", "model": "adaboost"}]
    built = settings.load({"seed": 7, "seeds": 2, "study": "source", "conditions": conditions})
    dumped = built.model_dump(mode="json", exclude={"data", "build", "force", "renderer", "files_apart"})
    config = yaml.safe_load((root / "config/study.yaml").read_text(encoding="utf-8"))
    update_config(config, yaml.safe_load(as_file({"settings": dumped})))
    assert settings.load(config) == built
    assert settings.load(config) != settings.load({})


# ----------------------------------------------------------------------------------------------------------- validator


@pytest.fixture
def validate(monkeypatch: pytest.MonkeyPatch):
    """The findings of roc-validator, which is given the context of RO-Crate without the network.

    The context comes with rocrate: that of version 1.3, in which three terms have another address than in 1.1.
    """
    pytest.importorskip("rocrate_validator", reason="roc-validator is not installed: 'make test' installs it")
    import rocrate
    from rocrate_validator import models, services
    from rocrate_validator.utils import http

    text = (Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld").read_text(encoding="utf-8")
    context = json.loads(text.replace("https://bioschemas.org/terms/", "https://bioschemas.org/"))

    def get(address: str, *_: Any, **__: Any) -> SimpleNamespace:
        assert address == "https://w3id.org/ro/crate/1.1/context"
        headers = {"Content-Type": "application/ld+json"}
        return SimpleNamespace(
            status_code=200, json=lambda: context, text=text, url=address, headers=headers,
            raise_for_status=lambda: None,
        )  # fmt: skip

    monkeypatch.setattr(http.HttpRequester, "get", staticmethod(get), raising=False)

    def findings(crate: Path) -> list[str]:
        settings = services.ValidationSettings(
            rocrate_uri=str(crate), profile_identifier="workflow-run-crate-0.5", skip_availability_check=True,
            requirement_severity=models.Severity.REQUIRED, no_cache=True,
        )  # fmt: skip
        return [issue.message for issue in services.validate(settings).get_issues()]

    return findings


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_it_is_a_workflow_run_crate(validate, crate):
    assert validate(crate) == []


@pytest.mark.parametrize(
    ("entity", "key"),
    [("./", "conformsTo"), ("#run", "instrument")],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_crate_that_is_none_is_seen(validate, tmp_path, files, entity, key):
    described = json.loads(files[metadata.NAME])
    (one,) = (one for one in described["@graph"] if one["@id"] == entity)
    del one[key]
    zipped.write(tmp_path / "x.zip", files | {metadata.NAME: json.dumps(described).encode()})
    assert validate(tmp_path / "x.zip")
