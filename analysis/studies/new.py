"""Begin a study: ``python -m analysis.studies.new <id>`` writes ``studies/<id>.yaml`` with every key explained."""

from __future__ import annotations

import sys
from pathlib import Path

from analysis.conditions.condition import LEVELS
from analysis.conditions.models import SOURCE
from analysis.errors import UserError, run
from analysis.record import write_atomically
from analysis.studies.read import FOLDER, ID, MEASURES

TEMPLATE = """\
# How to fill this in: docs/studies.md. Lines that begin with # are for you; leave them in or take them out.
study: {id}  # its name in tables, such as Smith et al. (2024)
reference: Authors, title, journal or address, year  # whatever a reader needs to find it

# What all its claims share; a claim may say otherwise under a 'protocol' of its own. What is left out stands at the
# first level named here.
protocol:
  release: any  # any, original, corrected, or CICIDS2017 for any release of it: the data that it used
  split: random  # {split}
  # part: Friday  # of a split with several parts, the one that the numbers are of
  duplicates: keep  # {duplicates}
  features: all  # {features}
  model: random_forest  # {models}, or a model of your settings
  # labels: cleaned  # {labels}
  # target: binary  # {target}
  # threshold: 0.01  # share of false alarms that a threshold was set for on held-back flows; left out: the model's own

claims:
  - id: accuracy  # a name of its own, in small letters
    place: Table 1, first row  # where in the publication the number stands
    measure: accuracy  # {measures}
    printed: 0.9990  # as printed, with all its decimals; also 99.9 %. Or a bound: at_least: 0.99, at_most: 0.05
    # departs: [fitted on a sub-sample]  # in what our condition is not theirs; the verdict is then more careful
    # missing: its model is none of ours  # why nothing here can be set beside it; it is listed with that reason
"""


def template(id: str) -> str:
    """Text of a new study."""
    levels = {
        factor: ", ".join(f"{level}:<part>" if level == "added" else level for level in known)
        for factor, known in LEVELS.items()
    }
    return TEMPLATE.format(id=id, **levels, models=", ".join(SOURCE), measures=", ".join(MEASURES))


def begin(id: str, folder: Path = FOLDER) -> Path:
    """Write a new study; UserError for an id that is no file name, or is taken."""
    if not ID.fullmatch(id):
        raise UserError(f"NEW={id}: an id has small letters, digits, - and _, as in make study NEW=smith2024")
    path = folder / f"{id}.yaml"
    if path.exists():
        raise UserError(f"{path}: there is such a study already; edit it, or choose another id")
    folder.mkdir(exist_ok=True)
    with write_atomically(path, noted=False) as temporary:
        temporary.write_text(template(id), encoding="utf-8")
    return path


if __name__ == "__main__":
    run(lambda: print(f"{begin(sys.argv[1])}: fill it in as docs/studies.md says, then build"))
