"""Step: which claims of the manuscript hold. Conditions over values stand beside its chapters, one for each claim.

A claim is a span ``[the forest leads]{claim="id"}``; the paper's filter shows it where its condition holds, the
sentence given as ``otherwise`` where not, and fails the build where there is none.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis.audit.condition import Condition, ConditionError
from analysis.command import In, Ins, Out, run
from analysis.errors import UserError
from analysis.record import write_json
from analysis.record.address import Address, AddressError, Tables
from analysis.record.files import read_values
from analysis.yaml_loader import SAFE

# Values that a sentence shows, and those on which a passage in it depends.
SHOWN = re.compile(r"`([^`]+)`\s*\{[^}]*\.val\b")
PASSAGE = re.compile(r"\[[^\[\]]*\]\{[^}]*\bwhen=[^}]*\}")
ASKED = re.compile(r"\bwhen=\"([^\"]+)\"")
OF_THE_RENDERING = "build."
"""Values that are known only when the paper is rendered."""
ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class PaperClaim(BaseModel):
    """One claim. ``when`` is the key of a truth without which the build has no such values and no such sentence."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    holds: str = Field(min_length=1)
    note: str = Field(min_length=1)
    otherwise: str | None = Field(default=None, min_length=1)
    when: str | None = Field(default=None, min_length=1)


class _Loader(SAFE):  # type: ignore[misc]  # PyYAML has no types
    """YAML without duplicate keys, of which the plain loader silently keeps the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: dict[Any, int] = {}
        for key, _ in (pair for pair in node.value if isinstance(pair[0], yaml.ScalarNode)):
            line = key.start_mark.line + 1
            if key.value in seen:
                raise UserError(
                    f"{key.start_mark.name}:{line}: '{key.value}' is given twice, first in line {seen[key.value]}; "
                    "keep one"
                )
            seen[key.value] = line
        return super().construct_mapping(node, deep)


def load(path: Path) -> dict[str, PaperClaim]:
    """The claims of a file by id. Raises UserError for all that is wrong with its form."""
    try:
        with path.open(encoding="utf-8") as file:
            entries = yaml.load(file, _Loader)
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file; it holds the conditions of the paper's claims") from None
    except RecursionError:
        raise UserError(f"{path}: cannot be read: its brackets are nested too deeply") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(entries, dict):
        raise UserError(f"{path}: must hold claims, each an id with 'holds' and 'note'")
    claims, wrong = {}, []
    for name, entry in entries.items():
        if not ID.fullmatch(str(name)):
            wrong.append(f"claim '{name}': an id is made of lower-case words and hyphens")
        try:
            claims[str(name)] = PaperClaim.model_validate(entry)
        except ValidationError as error:
            for found in error.errors():
                where = ".".join(str(part) for part in found["loc"]) or "entry"
                what = "unknown field; known: holds, otherwise, when, note"
                message = what if found["type"] == "extra_forbidden" else found["msg"]
                condition = f", condition '{entry['holds']}'" if isinstance(entry, dict) and "holds" in entry else ""
                wrong.append(f"claim '{name}'{condition}: {where}: {message}")
    if wrong:
        raise UserError(f"{path}: " + "\n  ".join(wrong))
    return claims


def load_all(paths: Iterable[Path]) -> dict[Path, dict[str, PaperClaim]]:
    """The claims of several files, by file and id. Raises UserError also for a claim that two files give."""
    found: dict[Path, dict[str, PaperClaim]] = {}
    for path in paths:
        claims = load(path)
        for other, earlier in found.items():
            if both := claims.keys() & earlier.keys():
                raise UserError(f"{path}: claim '{min(both)}' is given in {other} too; keep one")
        found[path] = claims
    return found


def place(path: Path, name: str) -> str:
    """File and line in which the claim ``name`` stands."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return f"{path.as_posix()}:{next((n for n, line in enumerate(lines, 1) if line.startswith(f'{name}:')), 1)}"


def evaluate(
    claims: Mapping[str, PaperClaim], values: Mapping[str, Mapping[str, Any]], where: str, tables: Tables | None = None
) -> dict[str, Any]:
    """What claims.json holds: for each claim whether it holds, its condition, the texts of its values, ``otherwise``.

    ``holds`` is None for a claim about what this build does not have. Raises UserError naming ``where``, id and
    condition of each claim that cannot be evaluated.
    """
    results, wrong = {}, []
    for name, claim in claims.items():
        try:
            applies = claim.when is None or _ask("the condition of its 'when',", claim.when, values, tables)[1] is True
            condition, holds = _ask("the condition", claim.holds, values, tables, applies)
            entries = condition.entries(values, tables) if applies else {}
            results[name] = {
                "holds": holds,
                "condition": condition.text,
                "values": {key: entry["text"] for key, entry in entries.items()},
                "otherwise": claim.otherwise,
            }
            _demand_known(claim.otherwise if applies else None, values, tables)
        except ConditionError as error:
            wrong.append(f"claim '{name}': {error}")
    if wrong:
        raise UserError(f"{where}: " + "\n  ".join(wrong))
    return results


def _ask(
    what: str, text: str, values: Mapping[str, Mapping[str, Any]], tables: Tables | None, applies: bool = True
) -> tuple[Condition, bool | None]:
    """The condition ``text`` and, where it ``applies``, whether it holds; what is wrong with it, with its text."""
    try:
        condition = Condition(text)
        holds = condition.holds(values, tables) if applies else None
    except ConditionError as error:
        raise ConditionError(f"{what} '{_short(text.strip())}' {error}") from None
    return condition, holds


def _demand_known(sentence: str | None, values: Mapping[str, Any], tables: Tables | None) -> None:
    """Refuse a value that a build does not have, also in a sentence that it does not show: another build would."""
    for key in keys_of(sentence or ""):
        if "[" in key:
            try:
                Address.parse(key).entry(tables or Tables(Path()))
            except AddressError as error:
                raise ConditionError(f"its 'otherwise' names a cell that this build does not have: {error}") from None
        elif key not in values:
            near = ", ".join(get_close_matches(key, values, 3, 0.6)) or "none; look it up in values.json"
            raise ConditionError(
                f"its 'otherwise' names the value '{key}', which this build does not have; nearest: {near}"
            )


def keys_of(sentence: str) -> list[str]:
    """The values that a sentence needs: those it shows, but in passages of their own condition, and the conditions."""
    asked = [text.removeprefix("not ").strip() for text in ASKED.findall(sentence)]
    shown = [key for key in SHOWN.findall(PASSAGE.sub("", sentence)) if not key.startswith(OF_THE_RENDERING)]
    return list(dict.fromkeys([*shown, *asked]))


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]} ..."


def step(claims: Ins, values: In, results: Out) -> None:
    """Say which claims of the manuscript hold."""
    known = read_values(values)["values"]
    tables = Tables(values.parent / "tables")
    found: dict[str, Any] = {}
    for path, said in load_all(claims).items():
        for name, result in evaluate(said, known, path.as_posix(), tables).items():
            found[name] = {**result, "place": place(path, name)}
    write_json(results, found)


if __name__ == "__main__":
    run(step)
