"""Each switch of the page is a file of settings that the workflow takes, and changes what it says and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis import settings, settings_file
from analysis.audit.pitfalls import Switch, load
from analysis.errors import UserError
from paper.audit import switches

ROOT = Path(__file__).resolve().parents[3]
PITFALLS = load(ROOT / "config" / "pitfalls.yaml")
SWITCHES = [switch for pitfall in PITFALLS for switch in pitfall.switches]
QUICK = yaml.safe_load((ROOT / "config" / "quick.yaml").read_text(encoding="utf-8"))
OWN: list[dict[str, Any]] = [{}, QUICK, {"conditions": [{"features": "port"}], "paper": {"title": "A: 'b' #c"}}]


def chosen(given: dict[str, Any]) -> dict[str, Any]:
    """What of a study is not its default, as the rule hands it to the page."""
    return json.loads(settings.load(given).model_dump_json(exclude_defaults=True))


def leaves(given: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    if not isinstance(given, dict):
        return {path: given}
    return {place: leaf for name, one in given.items() for place, leaf in leaves(one, (*path, name)).items()}


def read(own: dict[str, Any], switch: Switch, folder: Path) -> settings.Study:
    """The study by the file that the page gives."""
    path = folder / f"{switch.name}.yaml"
    path.write_text(switches.file_of(chosen(own), switch), encoding="utf-8")
    settings_file.check(path)
    return settings.load(yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("own", OWN, ids=["default", "quick", "conditions"])
@pytest.mark.parametrize("switch", SWITCHES, ids=lambda switch: switch.name)
def test_a_switch_is_settings_that_change_what_it_says_and_nothing_else(switch, own, tmp_path):
    before, after = settings.load(own), read(own, switch, tmp_path)
    one, other = (leaves(study.model_dump(mode="json")) for study in (before, after))
    changed = {place for place in one.keys() | other.keys() if one.get(place) != other.get(place)}
    assert changed
    assert changed <= {place for said in leaves(switch.settings) for place in other if place[: len(said)] == said}


def test_a_switch_that_is_no_setting_is_seen(tmp_path):
    with pytest.raises(UserError, match=r"cleaning\.duplicate: unknown setting; did you mean duplicates"):
        read({}, Switch(name="no", does="nothing", settings={"cleaning": {"duplicate": "drop"}}), tmp_path)


def test_duplicates_have_a_switch():
    (snooping,) = [one for one in PITFALLS if one.id == "data_snooping"]
    assert {"cleaning": {"duplicates": "drop"}} in [switch.settings for switch in snooping.switches]


def test_every_pitfall_has_a_switch_or_says_what_it_would_take_and_names_stand_once():
    assert [one.id for one in PITFALLS if not one.switches and not one.lacks] == []
    names = [switch.name for switch in SWITCHES]
    assert sorted(names) == sorted(set(names))


def test_a_build_that_is_built_so_is_told_apart():
    switch = Switch(name="one", does="it", settings={"cleaning": {"duplicates": "drop"}})
    assert switches.on({"seeds": 2, "cleaning": {"duplicates": "drop", "constant": "keep"}}, switch)
    assert not switches.on({"cleaning": {"constant": "keep"}}, switch)


def test_rows_of_conditions_come_after_those_of_the_build():
    assert switches.merged({"conditions": [1, 2]}, {"conditions": [2, 3]}) == {"conditions": [1, 2, 3]}
