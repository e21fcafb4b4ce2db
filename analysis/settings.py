"""Every setting of a study: its type, range, default and meaning. ``config/study.yaml`` is generated from here."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, Field, ValidationError, field_validator

from analysis.command import run
from analysis.conditions.catalogue import plan
from analysis.errors import UserError
from analysis.model_settings import Count, Fraction, Group, Models, OtherModel, RandomForest, Speed

REPETITIONS = 5
"""How often a full study repeats split and fit, unless the settings say otherwise."""


class Twin(Group):
    """The synthetic twin, used where no data is given."""

    rows: int = Field(56_615, ge=1_000, description="flows to generate; the default is 2 % of the release")
    floor: int = Field(20, ge=0, description="least flows of a class (or its published count, if smaller)")


class Cleaning(Group):
    """What is taken out before the study, decided in this order; a missing cell is left out of statistics."""

    blank_rows: Literal["drop", "refuse"] = Field(
        "drop", description="completely blank rows: drop, or refuse the input"
    )
    attempted: Literal["benign", "attack", "out"] = Field(
        "benign", description="attacks labelled 'Attempted': benign (as the corrected labels mean it), attack, or out"
    )
    non_finite: Literal["drop", "missing"] = Field(
        "drop", description="infinite or not a number: drop the flow, or treat the cell as missing"
    )
    magnitude: Literal["drop", "missing"] = Field(
        "drop", description="a number beyond 2^53, too large for arithmetic: drop the flow, or a missing cell"
    )
    negatives: Literal["keep", "drop", "missing"] = Field(
        "keep", description="impossible negatives (below 0 and no sentinel): keep, drop the flow, or a missing cell"
    )
    sentinels: Literal["keep", "drop", "missing"] = Field(
        "keep", description="-1 for 'no TCP window': keep, drop the flow (costs a large part), or a missing cell"
    )
    duplicates: Literal["keep", "drop"] = Field(
        "keep", description="identical rows: keep (as the source study very likely did) or drop all but the first"
    )
    constant: Literal["drop", "keep"] = Field("drop", description="columns that never vary: drop or keep")


class Split(Group):
    """Training and test part, stratified by traffic type."""

    test_fraction: Fraction = Field(0.2, description="share of flows in the test part")
    min_type: int = Field(5, ge=2, description="types with fewer flows are pooled into one stratum")
    min_support: Count = Field(10, description="types with fewer test flows are counted, not scored")


class Features(Group):
    """Which features the ten-feature models use."""

    count: int = Field(10, ge=2, le=40, description="how many features are kept, by absolute correlation")
    rule: Literal["source", "distinct"] = Field(
        "source", description="source: identical columns count separately; distinct: only the first of them is ranked"
    )


class Bootstrap(Group):
    """Intervals of the descriptive statistics."""

    resamples: int = Field(1_000, ge=100, le=100_000, description="resamples of the percentile bootstrap")
    confidence: Fraction = Field(0.95, description="coverage aimed at")


class AllFeatures(Group):
    """The four models on all features."""

    train_rows: int = Field(
        15_000, ge=0, description="flows of the stratified sub-sample of the training part they are fitted on; 0: all"
    )


class AttackTypes(Group):
    """The attack-type forest, in its four variants."""

    random_forest: RandomForest = RandomForest()
    train_rows: int = Field(0, ge=0, description="flows of a stratified sub-sample to fit on; 0: all")


class Ledger(Group):
    """Verdicts on what the source study claims."""

    tolerance: float = Field(0.02, ge=0, lt=0.5, description="widens the interval that a printed number stands for")
    margin: float = Field(0.01, gt=0, lt=0.5, description="a difference in F1 below this is none in practice")
    resamples: int = Field(2_000, ge=100, le=100_000, description="resamples of the paired bootstrap of F1 differences")
    train_rows: int = Field(
        6_000, ge=0, description="flows of the stratified sub-sample its own models are fitted on; 0: all"
    )
    trees: int = Field(300, ge=100, le=10_000, description="trees of its largest forest, and rounds of its boosting")


class Findings(Group):
    """The second part of the paper: what the numbers are worth"""

    train_rows: int = Field(
        10_000, ge=0, description="flows of the stratified sub-sample that each of its models is fitted on; 0: all"
    )
    twin_rows: int = Field(
        2_000, ge=0, description="flows of that sub-sample on the twin, whose numbers only test the pipeline; 0: all"
    )
    columns: int = Field(4, ge=1, le=20, description="most columns that are added to the ranked features")
    flows_a_day: Count = Field(1_000_000, description="flows that the network of the alarm counts sees in a day")
    attack_share: Fraction = Field(0.001, description="share of attacks among the flows of the alarm counts")
    resamples: int = Field(200, ge=20, le=10_000, description="resamples of flows by which features are ranked again")


class Evasion(Group):
    """An attacker who acts on detected flows, and what that may cost a flow"""

    flows: Count = Field(300, description="flows of a family that are attacked at most")
    twin_flows: Count = Field(
        12, description="flows of a family that are attacked at most on the twin, which only tests the pipeline"
    )
    bytes: int = Field(10_000, ge=0, description="bytes that may be added to a flow")
    seconds: int = Field(60, ge=0, description="seconds by which a flow may become longer")
    queries: int = Field(100, gt=10, description="answers of a model that the longer search asks for on a flow")


class Tooling(Group):
    """Who looks at the alerts of a detector"""

    alerts_a_day: Count = Field(50, description="alerts that an analyst looks at in a day")


class Paper(Group):
    """The paper's title block."""

    title: str | None = Field(None, description="null: taken from the data set")
    subtitle: str | None = Field(None, description="null: says which flows the paper is built on")
    author: str = Field("The flowpaper authors", min_length=1, description="a name, or several between semicolons")
    affiliation: str | None = Field(None, description="where the authors work; null: not said")
    date: datetime.date = Field(datetime.date(2026, 11, 22), description="day in the title block and in the PDF")
    repository: str | None = Field(
        None,
        pattern=r"^https://[^\s\"<>]+$",
        description="address of the project's files, to which sources link; null: paths",
    )

    @field_validator("title", "subtitle", "author", "affiliation")
    @classmethod
    def _no_shortcode(cls, value: str | None) -> str | None:
        if value and (found := re.search(r"\{\{[<%]", value)):
            raise ValueError(f"'{found[0]}' begins an instruction to Quarto; write it otherwise, as in '{{ {{<'")
        return value

    @field_validator("author")
    @classmethod
    def _some_name(cls, value: str) -> str:
        if not value.replace(";", "").strip():
            raise ValueError("give at least one name")
        return value


class Study(Group):
    """The settings of a study."""

    data: str | None = Field(
        None,
        description="CSV or Parquet file, packed or not, archive, folder or http(s) address; null: the twin",
    )
    sampling: Literal["auto", "natural", "per_label", "unknown"] = Field(
        "auto", description="how the flows were drawn from their release; auto: judged by their label counts"
    )
    study: Literal["source", "full"] = Field(
        "full", description="chapters of the paper, and the steps they need: those on the source study, or all"
    )
    build: str | None = Field(None, description="name under results/; null: taken from the data")
    test: str | None = Field(
        None, description="name of a finished build; models fitted here are tested on its flows, too"
    )
    force: bool = Field(False, description="true: let a build name that holds results of other data be overwritten")
    seed: int = Field(20_170_703, ge=0, lt=2**31, description="master seed; every step derives its own from it")
    threads: int = Field(1, ge=1, description="threads of BLAS and OpenMP in each step; changes last digits, so fixed")
    files_apart: int = Field(
        10_000_000,
        ge=0,
        description="flows of the user's files from which each file is read by a job of its own, to the same table",
    )
    renderer: Literal["auto", "quarto", "pandoc"] = Field(
        "auto", description="auto: Quarto where it is installed, otherwise Pandoc with Typst"
    )
    min_attacks: int = Field(50, ge=10, description="fewer attack flows than this are refused")
    seeds: int | None = Field(
        None,
        ge=0,
        le=100,
        description="repetitions of split and fit (`make seeds N=5`); 0: none; null: 5, in the study of the source 0",
    )
    twin: Twin = Twin()
    cleaning: Cleaning = Cleaning()
    split: Split = Split()
    features: Features = Features()
    bootstrap: Bootstrap = Bootstrap()
    models: Models = Models()
    engine: Speed = Speed()
    all_features: AllFeatures = AllFeatures()
    attack_types: AttackTypes = AttackTypes()
    ledger: Ledger = Ledger()
    findings: Findings = Findings()
    evasion: Evasion = Evasion()
    tooling: Tooling = Tooling()
    conditions: list[dict[str, Any]] = Field(
        [],
        description="beside the source study's, such as - {split: by_file, duplicates: [keep, drop], model: adaboost}",
    )
    paper: Paper = Paper()

    @field_validator("data", "build", "test", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        """Names such as 2017 arrive from a command line as numbers."""
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @property
    def repetitions(self) -> int:
        """How often split and fit are repeated; 0: not at all."""
        if self.seeds is None:
            return REPETITIONS if self.study == "full" else 0
        return self.seeds

    @field_validator("seeds")
    @classmethod
    def _spread_needs_two(cls, value: int | None) -> int | None:
        if value == 1:
            raise ValueError("one repetition has no spread; give 0 or at least 2")
        return value

    @field_validator("build", "test")
    @classmethod
    def _safe_name(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", value):
            raise ValueError(
                "a build name is made of letters, digits, '.', '_' and '-', and starts with a letter or digit"
            )
        return value


def load(config: Mapping[str, Any]) -> Study:
    """Validate a configuration; UserError with one line for each key that is unknown or out of range."""
    try:
        study = Study.model_validate(dict(config))
    except ValidationError as error:
        lines = [_explain(item) for item in error.errors()]
        raise UserError("\n  ".join(["the settings are not valid:", *lines])) from None
    plan(study)
    return study


def _explain(item: Any) -> str:
    path = [str(part) for part in item["loc"]]
    # A key may hold anything, and what does not show must not move the cursor of a terminal.
    key = ".".join(part if part.isprintable() else ascii(part)[1:-1] for part in path)
    if item["type"] == "extra_forbidden":
        known = list(_fields(path[:-1]))
        near = get_close_matches(path[-1], known, n=1)
        return f"{key}: unknown setting; " + (f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}")
    message = item["msg"].removeprefix("Value error, ")
    given = "" if isinstance(item["input"], Mapping) else f" (it is {item['input']!r})"
    return f"{key}: {message[0].lower()}{message[1:]}{given}; see config/study.yaml"


def _fields(path: list[str]) -> Iterator[str]:
    model: Any = Study
    for part in path:
        model = model.model_fields[part].annotation if part in model.model_fields else OtherModel
    yield from model.model_fields


def documented(present: str = "") -> str:
    """Text of config/study.yaml: every setting with its default and comment.

    The conditions and the further models of its ``present`` text stay.
    """
    given = yaml.safe_load(present) or {}
    further = {key: one for key, one in given.get("models", {}).items() if key not in Models.model_fields}
    study = load({"models": further, "conditions": given.get("conditions", [])})
    head = (
        "# Every setting of a study, with its default. Generated by `make settings` from analysis/settings.py.\n"
        "# Override single ones in a file of your own (make paper CONFIG=mine.yaml) or on the command line\n"
        "# (.venv/bin/python -m snakemake --config seed=1 twin='{rows: 100000}').\n"
    )
    return head + "\n".join(_document(study, "")) + "\n"


def _document(group: BaseModel, indent: str) -> Iterator[str]:
    for name, field in type(group).model_fields.items():
        value = getattr(group, name)
        if isinstance(value, BaseModel):
            yield ""
            yield f"{indent}{name}:  # {(type(value).__doc__ or '').strip().rstrip('.')}"
            yield from _document(value, indent + "  ")
        else:
            shown = json.dumps(value) if value is None or isinstance(value, bool | list) else value
            yield f"{indent}{name}: {shown}  # {field.description}"
    for name, further in (group.model_extra or {}).items():
        yield f"{indent}{name}: {json.dumps(further.model_dump())}"


def described(path: str) -> str:
    """What a setting is, in words, by its path; empty for what the models of a study add.

    >>> described("split.test_fraction")
    'share of flows in the test part'
    """
    group: Any = Study()
    *groups, name = path.split(".")
    for one in groups:
        group = getattr(group, one, None)
    field = type(group).model_fields.get(name) if isinstance(group, BaseModel) else None
    return (field and field.description) or ""


def step(path: Path, /) -> None:
    """Write every setting with its default and comment to a file, which keeps its conditions and further models."""
    present = path.read_text(encoding="utf-8") if path.is_file() else ""
    path.write_text(documented(present), encoding="utf-8")


if __name__ == "__main__":
    run(step)
