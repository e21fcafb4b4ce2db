"""Step: the ten pitfalls of machine learning in security, answered by what this build has computed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from analysis.audit.condition import Condition, ConditionError
from analysis.command import In, Ins, Out, Outs, run
from analysis.record import Column, Record, read_json, show, write_json
from analysis.record.value import WORDS

PLACE = re.compile(r"\{([a-z0-9_]+(?:\.[a-z0-9_]+)+)\}")
"""A value within the words of a check."""
VERDICTS = {"avoided": "avoided", "partly": "partly avoided", "present": "not avoided"}
RECEIVED = ("Bwd ", "Total Length of Bwd", "Total Backward", "Subflow Bwd", "Avg Bwd", "Init_Win_bytes_backward")
"""Beginnings of the names of features that are the server's answer; the sender decides on all others."""

Found = Mapping[str, Mapping[str, Any]]


class Check(BaseModel):
    """What is asked of the values, and the words where it holds and where it does not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    holds: str
    says: str
    otherwise: str

    def met(self, values: Found) -> bool:
        """Whether it holds; not where a value that it or its words need is not there."""
        condition = Condition(self.holds)
        if not all(key in values for key in (*condition.keys, *PLACE.findall(self.says))):
            return False
        if any(values[key]["value"] is None for key in PLACE.findall(self.says)):
            return False
        try:
            return condition.holds(values)
        except ConditionError:
            # A part of the condition names a value that is missing, for a reason that its own step gives.
            return False

    def words(self, values: Found) -> str:
        """What the table says."""
        chosen = self.says if self.met(values) else self.otherwise
        return PLACE.sub(lambda match: str(values[match[1]]["text"]), chosen)


class Switch(BaseModel):
    """What a file of settings says to build the paper without a choice; ``name`` is that of the file and the build."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")]
    does: str
    settings: dict[str, Any]


class Pitfall(BaseModel):
    """A pitfall, what the text of the source tells of it, and the checks of this paper.

    ``switches`` build the paper without its choice; ``lacks`` says what no setting can change.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    name: str
    source: Literal["avoided", "partly", "present", "unclear"]
    because: str
    checks: tuple[Check, ...]
    switches: tuple[Switch, ...] = ()
    lacks: str | None = None

    def verdict(self, values: Found) -> str:
        """Of this paper: ``avoided`` where all checks are met, ``partly`` where some are, else ``present``."""
        met = [check.met(values) for check in self.checks]
        return "avoided" if all(met) else "partly" if any(met) else "present"


def load(path: Path) -> list[Pitfall]:
    """The pitfalls in the order of the file."""
    return [Pitfall.model_validate(entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))]


def limits(names: Mapping[str, Sequence[str]]) -> str:
    """What is not avoided, or in part, as a sentence goes on; ``names`` by verdict.

    >>> limits({"present": ["lab-only evaluation"], "partly": ["data snooping", "sampling bias"]})
    'does not avoid one (lab-only evaluation) and avoids two only in part (data snooping and sampling bias)'
    """
    said = []
    for verdict, words in (("present", "does not avoid {}"), ("partly", "avoids {} only in part")):
        if own := names.get(verdict):
            said.append(f"{words.format(WORDS[len(own)])} ({show(own, 'list')})")
    return " and ".join(said) or "avoids all"


def report_pitfalls(pitfalls: Sequence[Pitfall], values: Found, ranked: Sequence[str], data: str) -> Record:
    """Table ``pitfalls`` and values ``pitfalls.*``; ``ranked`` are the features of the source's models."""
    record = Record("pitfalls", data)
    mutable = [name for name in ranked if not name.startswith(RECEIVED)]
    record.value("pitfalls.mutable", len(mutable), "integer", "ranked features on which the sender of a flow decides: "
                 "those that are not of the server's packets alone", unit="features", n=len(ranked))  # fmt: skip
    known = dict(values) | {key: value.to_json() for key, value in record.values.items()}
    rows, names = [], dict[str, list[str]]()
    for pitfall in pitfalls:
        verdict = pitfall.verdict(known)
        names.setdefault(verdict, []).append(pitfall.name.lower())
        rows.append({
            "id": pitfall.id, "name": pitfall.name,
            "evidence": "; ".join(check.words(known) for check in pitfall.checks),
            "source": f"{pitfall.source}: {pitfall.because}", "here": VERDICTS[verdict], "verdict": verdict,
        })  # fmt: skip
        record.value(f"pitfalls.{pitfall.id}", verdict, "text", f"{pitfall.name}: verdict on this paper", unit="",
                     table="pitfalls", cell=f"{pitfall.id}/verdict")  # fmt: skip
    columns = [Column("id", "Key", align="left"), Column("name", "Pitfall", align="left"),
               Column("evidence", "Evidence here", align="left"), Column("source", "The source", align="left"),
               Column("here", "This paper", align="left"), Column("verdict", "Verdict", align="left")]  # fmt: skip
    notes = [
        "The source: as far as its text tells. This paper: avoided where every piece of evidence speaks for it, partly "
        "avoided where some do; what a build cannot compute does not."
    ]
    record.table("pitfalls", "Ten pitfalls of machine learning in security", columns, rows, notes=notes, id="id")
    for verdict, words in VERDICTS.items():
        own = names.get(verdict, [])
        record.value(f"pitfalls.count.{verdict}", len(own), "integer", f"pitfalls that this paper has {words}",
                     unit="pitfalls", n=len(pitfalls))  # fmt: skip
    record.value("pitfalls.count.all", len(pitfalls), "integer", "pitfalls asked for", unit="pitfalls")
    present = sum(pitfall.source == "present" for pitfall in pitfalls)
    what = "pitfalls that the text of the source shows"
    record.value("pitfalls.source.present", present, "integer", what, unit="pitfalls", n=len(pitfalls))
    record.value("pitfalls.limits", limits(names), "text", "what this paper does not avoid, or in part", unit="")
    return record


def as_json(pitfalls: Sequence[Pitfall], values: Found) -> list[dict[str, Any]]:
    """What pitfalls.json holds: each pitfall with its rules, the values that they name, and both verdicts."""
    found = []
    for pitfall in pitfalls:
        checks = []
        for check in pitfall.checks:
            keys = dict.fromkeys([*Condition(check.holds).keys, *PLACE.findall(check.says)])
            evidence = {key: values[key]["value"] if key in values else None for key in keys}
            checks.append({"rule": check.holds, "met": check.met(values), "evidence": evidence,
                           "words": check.words(values)})  # fmt: skip
        found.append({"id": pitfall.id, "name": pitfall.name, "source": pitfall.source, "because": pitfall.because,
                      "here": pitfall.verdict(values), "checks": checks})  # fmt: skip
    return found


def step(parts: Ins, pitfalls: In, features: In, metadata: In, values: Out, tables: Outs, report_file: Out) -> None:
    """The ten pitfalls of machine learning in security, answered by what this build has computed."""
    known = {key: value for path in parts for key, value in read_json(path).items()}
    asked, about = load(pitfalls), read_json(metadata)
    record = report_pitfalls(asked, known, read_json(features)["selected"], about["data"])
    own = known | {key: value.to_json() for key, value in record.values.items()}
    write_json(report_file, {"schema": "flowpaper/pitfalls/1", "data": about["data"], "pitfalls": as_json(asked, own)})
    record.write(values, tables)


if __name__ == "__main__":
    run(step)
