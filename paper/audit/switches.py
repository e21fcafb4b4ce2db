"""Files of settings that build the paper without one of its choices: this build's own settings, and the switch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from analysis.audit.pitfalls import Switch


def merged(own: Mapping[str, Any], switch: Mapping[str, Any]) -> dict[str, Any]:
    """The settings ``own`` with those of ``switch`` in their place; the rows of a list come after its own.

    >>> merged({"seeds": 2, "split": {"min_type": 6}}, {"split": {"min_support": 9}})
    {'seeds': 2, 'split': {'min_type': 6, 'min_support': 9}}
    """
    found = dict(own)
    for name, value in switch.items():
        before = found.get(name)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            found[name] = merged(before, value)
        elif isinstance(before, list) and isinstance(value, list):
            found[name] = [*before, *(one for one in value if one not in before)]
        else:
            found[name] = value
    return found


def on(own: Mapping[str, Any], switch: Switch) -> bool:
    """Whether a build with the settings ``own`` is already built so."""
    return merged(own, switch.settings) == dict(own)


def file_of(own: Mapping[str, Any], switch: Switch) -> str:
    """Text of the file of settings; ``own`` are the settings of this build that are not the defaults."""
    text = yaml.safe_dump(merged(own, switch.settings), sort_keys=False, allow_unicode=True, width=100)
    return f"# {switch.name}.yaml: {switch.does}.\n{text}"


def command(switch: Switch, synthetic: bool) -> str:
    """What builds the paper with it. The data are named by who builds: a path would be another one there."""
    data = "" if synthetic else "DATA=<these data> "
    return f"make paper {data}CONFIG={switch.name}.yaml BUILD={switch.name}"


def comparison(switch: Switch) -> str:
    """What compares the build with the switch and the one whose page it is."""
    return f"make diff A=<this build> B={switch.name}"
