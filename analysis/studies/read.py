"""The files ``studies/<id>.yaml``: what a publication claims, where it says so, and under which protocol.

Everything is read as text, so that ``0.9990`` keeps the four decimals that it is printed with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from analysis.errors import UserError

FOLDER = Path("studies")
LARGEST = 200_000
"""Bytes; a study has some thousand."""
DEEPEST = 6
MEASURES = {
    "accuracy": "accuracy", "precision": "precision", "recall": "recall", "f1": "F1", "fpr": "FPR", "mcc": "MCC",
    "macro_f1": "macro F1", "pr_auc": "average precision", "roc_auc": "ROC-AUC",
}  # fmt: skip
NUMBER = re.compile(r"(-?\d+(?:\.(\d+))?) ?(%?)")


class Printed(BaseModel):
    """A number as printed: its value as a fraction, half a unit of its last decimal, and its text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: float
    half_unit: float
    text: str


def as_printed(text: object) -> Printed:
    """'0.9990', '0.65 %' as a number with its rounding.

    >>> as_printed("0.65 %").value, as_printed("0.65 %").half_unit
    (0.0065, 5e-05)
    """
    found = NUMBER.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise ValueError(f"give a number as it is printed, such as 0.9990 or 0.65 % (it is {text!r})")
    decimals = len(found[2] or "") + (2 if found[3] else 0)
    value = round(float(found[1]) / (100 if found[3] else 1), decimals)
    return Printed(value=value, half_unit=round(0.5 * 10**-decimals, decimals + 1), text=str(text))


Text = Annotated[str, Field(min_length=1)]
Number = Annotated[Printed, BeforeValidator(as_printed)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}")
"""What a study is called."""


class Protocol(_Part):
    """How a number was obtained: a release, the levels of a condition, the part tested on, the threshold's target.

    What is left out stands at the baseline of a condition (``analysis/conditions/condition.py``).
    """

    release: Literal["original", "corrected", "CICIDS2017", "any"] = "any"
    labels: Text = "cleaned"
    duplicates: Text = "keep"
    split: Text = "random"
    part: Text | None = None
    features: Text = "all"
    target: Text = "binary"
    model: Text = "random_forest"
    threshold: Literal["own", "0.01", "0.001"] = "own"

    def levels(self) -> dict[str, str]:
        """Its levels of a condition."""
        return self.model_dump(include={"labels", "duplicates", "split", "features", "target", "model"})


class Claim(_Part):
    """A claim: its number with rounding (``printed``), or a bound; where it stands; what was measured.

    ``type`` is the type of traffic that the measure is of, for models that tell types apart. ``departs`` says in what
    our condition is not the publication's, ``missing`` why there is none, ``ours`` the key of a value that stands in
    for one where a build has it.
    """

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    place: Text
    measure: Literal["accuracy", "precision", "recall", "f1", "fpr", "mcc", "macro_f1", "pr_auc", "roc_auc"]
    type: Text | None = None
    printed: Number | None = None
    at_least: Number | None = None
    at_most: Number | None = None
    protocol: Protocol = Protocol()
    departs: tuple[Text, ...] = ()
    missing: Text | None = None
    ours: Text | None = None

    @field_validator("printed", "at_least", "at_most")
    @classmethod
    def _is_a_share(cls, number: Printed | None, info: ValidationInfo) -> Printed | None:
        """Every measure is 1 at most, and all but MCC are 0 at least."""
        if number and number.value > 1:
            whole = "" if number.text.endswith("%") else f"; of percent write {number.text} %"
            raise ValueError(f"is {number.text}, and no measure is above 1{whole}")
        if number and number.value < (-1 if info.data.get("measure") == "mcc" else 0):
            raise ValueError(f"is {number.text}, and no such measure is so low")
        return number

    @model_validator(mode="after")
    def _has_a_number(self) -> Claim:
        bounds = self.at_least is not None or self.at_most is not None
        if (self.printed is None) == (not bounds):
            raise ValueError("give its number as 'printed', or a bound as 'at_least' or 'at_most'")
        if self.type and self.measure != "f1":
            raise ValueError("of a single type only f1 is measured; leave 'type' out, or measure f1")
        if self.protocol.target != "binary" and not self.type and self.measure not in ("accuracy", "macro_f1"):
            raise ValueError("of a model of types only accuracy, macro_f1, and f1 with a 'type' are measured")
        return self

    @property
    def runs(self) -> bool:
        """Whether a condition is asked for it."""
        return self.missing is None and self.ours is None


class StudyFile(_Part):
    """A publication: its name for tables, its full reference, and its claims under their protocols."""

    id: str
    study: Text
    reference: Text
    claims: tuple[Claim, ...] = Field(min_length=1)


def read(path: Path) -> StudyFile:
    """One study; UserError with file, line and key for whatever is wrong with it."""
    if not ID.fullmatch(path.stem):
        raise UserError(f"{path}: the name of the file is the study's id; use small letters, digits, - and _")
    found, lines = _plain(path)
    if not isinstance(found, dict):
        raise UserError(f"{path}: holds no study; begin with `make study NEW=<id>`")
    if "id" in found:
        raise UserError(f"{path}, line {lines[('id',)]}: id: the name of the file is its id; leave the key out")
    shared = found.pop("protocol", {}) or {}
    if not isinstance(shared, dict):
        raise UserError(f"{path}, line {lines[('protocol',)]}: protocol: must hold keys and values")
    claims = found.get("claims")
    if isinstance(claims, list):
        for claim in claims:
            if isinstance(claim, dict) and isinstance(claim.get("protocol", {}), dict):
                claim["protocol"] = shared | claim.get("protocol", {})
    try:
        study = StudyFile.model_validate(found | {"id": path.stem})
    except ValidationError as error:
        raise UserError(_told(path, error, lines)) from None
    seen: set[str] = set()
    for number, claim in enumerate(study.claims):
        if claim.id in seen:
            line = lines[("claims", number, "id")]
            raise UserError(
                f"{path}, line {line}: claims.{number}.id: the claim {claim.id!r} is given twice; rename one"
            )
        seen.add(claim.id)
    return study


def read_all(folder: Path = FOLDER) -> tuple[StudyFile, ...]:
    """All studies of a folder by the names of their files."""
    return tuple(read(path) for path in sorted(folder.glob("*.yaml")))


def line_of(path: Path, *keys: str | int) -> int:
    """The line of a key, or of the nearest that holds it, in a file that can be read; from 1 on."""
    return _nearest_line(_plain(path)[1], keys)


def _nearest_line(lines: Mapping[tuple[str | int, ...], int], keys: tuple[str | int, ...]) -> int:
    while keys and keys not in lines:
        # What a claim takes over from the study's protocol stands there.
        keys = keys[2:] if keys[2:3] == ("protocol",) and keys[2:] in lines else keys[:-1]
    return lines.get(keys, 1)


def _told(path: Path, error: ValidationError, lines: Mapping[tuple[str | int, ...], int]) -> str:
    """The first mistake in one line: place, key, what is wrong, what to write."""
    # A key that is misspelt is also missing, which would not help to find it.
    item = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    keys = tuple(item["loc"])
    what = item["msg"].removeprefix("Value error, ")
    if item["type"] == "missing":
        what = f"is missing; write it ({_meaning(keys)})"
    elif item["type"] == "extra_forbidden":
        model = {"protocol": Protocol}.get(
            str(keys[-2]) if len(keys) > 1 else "", Claim if len(keys) > 1 else StudyFile
        )
        what = f"is no key here; {nearest(str(keys[-1]), [*model.model_fields])}"
    elif item["type"] == "literal_error":
        known = re.findall(r"'([^']*)'", item["ctx"]["expected"])
        what = f"is {item['input']!r}; {nearest(str(item['input']), known)}"
    elif item["type"] == "string_pattern_mismatch":
        what = f"is {item['input']!r}; use small letters, digits and underscores"
    elif item["type"] in ("string_type", "string_too_short"):
        what = "must be a text that is not empty"
    elif item["type"] == "too_short":
        what = "is empty; write a claim at least"
    elif item["type"] in ("model_type", "model_attributes_type", "tuple_type"):
        what = "must hold keys and values" if "model" in item["type"] else "must be a list, each entry after a dash"
    return f"{path}, line {_nearest_line(lines, keys)}: {'.'.join(map(str, keys)) or 'the file'}: {what}"


def _meaning(keys: tuple[str | int, ...]) -> str:
    meanings = {"place": "where in the publication the number stands", "reference": "authors, title, year, address",
                "measure": f"one of {', '.join(MEASURES)}", "id": "a name of its own", "study": "its name in tables",
                "claims": "a list"}  # fmt: skip
    return meanings.get(str(keys[-1]), "see docs/studies.md")


def nearest(name: str, known: Iterable[str]) -> str:
    """What may have been meant."""
    names = list(known)
    near = get_close_matches(name.lower(), names, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"known here: {', '.join(names)}"


def _plain(path: Path) -> tuple[Any, dict[tuple[str | int, ...], int]]:
    """The file as dicts, lists and texts, and the line on which each of them begins by its keys."""
    lines: dict[tuple[str | int, ...], int] = {}

    def plain(node: yaml.Node, keys: tuple[str | int, ...]) -> Any:
        lines.setdefault(keys, node.start_mark.line + 1)
        if isinstance(node, yaml.SequenceNode):
            return [plain(item, (*keys, number)) for number, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            found: dict[str, Any] = {}
            for key, value in node.value:
                line = key.start_mark.line + 1
                if not isinstance(key, yaml.ScalarNode):
                    raise UserError(f"{path}, line {line}: a key must be a word")
                if key.value in found:
                    raise UserError(f"{path}, line {line}: {key.value}: the key stands twice; leave one out")
                lines[(*keys, key.value)] = line
                found[key.value] = plain(value, (*keys, key.value))
            return found
        return node.value

    try:
        if not path.is_file():
            raise UserError(f"{path}: there is no such file; begin one with `make study NEW=<id>`")
        if path.stat().st_size > LARGEST:
            raise UserError(f"{path}: has more than {LARGEST:,} bytes, which no study has; shorten it")
        text = path.read_text(encoding="utf-8")
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or depth > DEEPEST:
                raise UserError(f"{path}, line {event.start_mark.line + 1}: aliases and deep nesting are not read")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError:
        raise UserError(f"{path}: is no text in UTF-8; save it as such") from None
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise UserError(f"{path}{place}: not readable as YAML ({problem or 'a character it does not allow'})") from None
    return (None, lines) if node is None else (plain(node, ()), lines)
