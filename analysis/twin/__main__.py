"""Step: write the synthetic twin; by hand ``python -m analysis.twin --rows 56615 --flows data/flows``."""

from __future__ import annotations

from analysis.command import Out, run
from analysis.dataset.release import load
from analysis.errors import UserError
from analysis.record.checksums import note
from analysis.twin.forms import FORMS
from analysis.twin.write import FLOOR, ROWS, SEED, write

MOST_ROWS = 1_000_000_000


def step(
    *, flows: Out, rows: str = str(ROWS), floor: str = str(FLOOR), seed: str = str(SEED), form: str = "original",
    processes: str = "0", progress: bool = False, noted: bool = False,
) -> None:  # fmt: skip
    """Write the synthetic twin as day files into a folder.

    Numbers may have separators of thousands. With 0 processes there is one a core; the result does not depend on it.
    ``noted`` leaves the folder's checksum beside it, as builds need it.
    """
    number, least, start, side_by_side = (_number(text) for text in (rows, floor, seed, processes))
    if not 0 < number <= MOST_ROWS:
        raise UserError(f"twin: ROWS={number} is not between 1 and {MOST_ROWS}")
    if least < 0 or start < 0 or side_by_side < 0:
        raise UserError("twin: floor, seed and processes are not negative")
    if form not in FORMS:
        raise UserError(f"twin: FORM={form} is not known; the forms are {' and '.join(FORMS)}")
    write(flows, number, least, start, form, side_by_side or None, progress)
    if noted:
        note(flows)
    if progress:
        print(f"{number:,} synthetic flows in the form of the {load(form).title}: {flows}")


def _number(text: str) -> int:
    try:
        return int(text.replace("_", "").replace(",", ""))
    except ValueError:
        raise UserError(f"twin: {text!r} is no whole number") from None


if __name__ == "__main__":
    run(step)
