"""Whether a file of settings can be read: the message of the workflow, which reads it too, names no file or line.

The file is looked at before it is understood: one that never ends, or that unfolds to more than a memory holds, is
refused by its kind, size, depth or first alias. ``make`` asks before the workflow reads the file. Given to Snakemake
itself (``--configfile``), it has been read when the workflow asks.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from analysis.errors import UserError, run

LARGEST = 1_000_000
"""Bytes; the longest file of settings that makes sense has some thousand."""
DEEPEST = 20
"""Levels of nesting; the settings have three."""
RUNS = "__use_yte__"
"""With this key Snakemake takes a file for a template, and runs the Python in it."""


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # the library comes without types
    """The safe loader, which refuses keys that stand twice or hold a program, and names the place of what is no value.

    It leaves to Python what is a date or a number, and dates that there are not and numbers of 5,000 digits with it.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen or key.value == RUNS:
                    problem = "runs what it holds" if key.value == RUNS else "stands twice"
                    problem = f"the key {key.value!r} {problem}"
                    raise yaml.constructor.ConstructorError(problem=problem, problem_mark=key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, KeyError) as error:
            kind = node.tag.rpartition(":")[2]
            problem = f"no {kind}: {str(error).partition(';')[0]}"
            raise yaml.constructor.ConstructorError(problem=problem, problem_mark=node.start_mark) from None


def check(path: Path) -> None:
    """UserError where the file is no YAML (or JSON) of settings, with file and line."""
    try:
        if path.exists() and not path.is_file():
            raise UserError(f"CONFIG: {path} is no regular file; write the settings into one")
        if (size := path.stat().st_size) > LARGEST:
            raise UserError(f"CONFIG: {path} has {size:,} bytes; settings have at most {LARGEST:,}")
        text = path.read_text(encoding="utf-8")
        _demand_plain(text, path)
        found = yaml.load(text, Loader=_Loader)
    except OSError as error:
        raise UserError(f"CONFIG: {path} cannot be read ({error.strerror}); give a file of settings") from None
    except UnicodeDecodeError:
        raise UserError(f"CONFIG: {path} is not text in UTF-8; save it as such") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "a character that YAML does not allow"
        raise UserError(f"CONFIG: {path}{place}: not readable as YAML ({problem}); see config/study.yaml") from None
    if not isinstance(found, dict) or not found:
        raise UserError(f"CONFIG: {path} holds no settings; write them as in config/study.yaml, 'name: value' in lines")


def _demand_plain(text: str, path: Path) -> None:
    """Refuse aliases and deep nesting by the parser's events, which it gives one by one and builds nothing from."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise UserError(f"CONFIG: {path}, line {line}: aliases (*{event.anchor}) are not read; write it out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise UserError(f"CONFIG: {path}, line {line}: nested deeper than {DEEPEST} levels; see config/study.yaml")


if __name__ == "__main__":
    run(lambda: check(Path(sys.argv[1])))
