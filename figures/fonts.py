"""The paper's text font for figures: Libertinus Serif, which the Typst compiler carries inside its library file.

Matplotlib needs it to know how wide words are. Pages that show a figure get the few letters that the figure uses.
"""

from __future__ import annotations

import atexit
import base64
import io
import shutil
import string
import struct
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import typst
from fontTools import subset
from fontTools.ttLib import TTFont
from matplotlib import font_manager

from analysis.errors import UserError

FAMILY = "Libertinus Serif"
WEIGHTS = {400: "Regular", 700: "Bold"}
USUAL = frozenset(string.ascii_letters + string.digits + string.punctuation + " \xa0·×²³¹⁰⁴⁵⁶⁷⁸⁹⁻−–—‘’“”…≤≥≈δρ")
"""Letters that figures are drawn with, but for what the names of users' types and models bring along."""
SIGNATURE = b"OTTO"
ENTRY = 16
"""Bytes of an entry in the table directory of an OpenType font, which begins after twelve bytes."""


@cache
def faces() -> dict[int, bytes]:
    """The font files by weight; UserError where this Typst carries none."""
    wanted = {f"{FAMILY} {name}": weight for weight, name in WEIGHTS.items()}
    found: dict[int, bytes] = {}
    for library in sorted(Path(typst.__file__).parent.glob("_typst*")):
        for font in _fonts(library.read_bytes()):
            name = str(TTFont(io.BytesIO(font), lazy=True)["name"].getDebugName(4))
            if name in wanted:
                found.setdefault(wanted[name], font)
            if len(found) == len(wanted):
                return found
    raise UserError(f"the Typst in use does not carry {FAMILY}, the font of figures: install requirements.txt again")


def _fonts(library: bytes) -> Iterator[bytes]:
    """Every OpenType font that lies uncompressed in a file: its table directory says how long it is."""
    at = library.find(SIGNATURE)
    while at >= 0:
        (tables,) = struct.unpack_from(">H", library, at + 4)
        if at + 12 + ENTRY * tables <= len(library) and 5 < tables < 40:
            entries = [struct.unpack_from(">4sIII", library, at + 12 + ENTRY * i) for i in range(tables)]
            if all(tag.isascii() for tag, *_ in entries) and any(tag == b"name" for tag, *_ in entries):
                yield library[at : at + max(offset + length for _, _, offset, length in entries)]
        at = library.find(SIGNATURE, at + 4)


@cache
def register() -> None:
    """Make the font known to Matplotlib, for as long as this process runs."""
    folder = Path(tempfile.mkdtemp(prefix="flowpaper-fonts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for weight, font in faces().items():
        path = folder / f"{weight}.otf"
        path.write_bytes(font)
        font_manager.fontManager.addfont(path)


def embedded(letters: Iterable[str], weights: Iterable[int]) -> str:
    """CSS rules that bring the font along, reduced to ``letters``: a picture in a page loads nothing from elsewhere."""
    rules, wanted = [], frozenset(letters)
    for weight in weights:
        font = _usual(weight) if wanted <= USUAL else faces()[weight]
        data = base64.b64encode(_reduced(font, wanted, "woff")).decode()
        rules.append(f"@font-face{{font-family:'{FAMILY}';font-weight:{weight};src:url(data:font/woff;base64,{data})}}")
    return "".join(rules)


@cache
def _usual(weight: int) -> bytes:
    """A font file with the letters that most figures choose from: the whole one takes twice as long to reduce."""
    return _reduced(faces()[weight], USUAL, None)


def _reduced(font: bytes, letters: Iterable[str], flavor: str | None) -> bytes:
    options = subset.Options(
        flavor=flavor, hinting=False, desubroutinize=True, recalc_timestamp=False, layout_features=["kern", "liga"]
    )
    reduced = TTFont(io.BytesIO(font), recalcTimestamp=False, recalcBBoxes=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(letters)))
    subsetter.subset(reduced)
    reduced.flavor = flavor
    out = io.BytesIO()
    reduced.save(out)
    return out.getvalue()
