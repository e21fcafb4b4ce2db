"""Makes a drawn SVG whole, and sets it as PDF and PNG: margin line, dark colours, its font, metadata.

Text stays text. Browsers take the font from the picture itself; Typst, which sets the PDF and the PNG, has it.
"""

from __future__ import annotations

import io
import re
from html import escape, unescape
from pathlib import Path
from typing import Any

import typst
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from figures import fonts, style
from figures.origin import CHECKSUM, Origin

DPI = 300
MARGIN = 11
"""Height of the margin line below the picture, in points."""
SIZE = 6.5

# Title and texts arrive as inputs, so that nothing in them is taken for Typst's markup.
PAGE = b"""
#let about = sys.inputs
#set page(width: auto, height: auto, margin: 0pt, fill: if about.ground == "" { none } else { rgb(about.ground) })
#let whole = about.description + " " + about.source
#set document(title: about.title, description: whole, keywords: about.keywords.split("; "), date: none)
#image("/" + about.file, alt: about.description)
"""


def describe(name: str, alt: str, origin: Origin) -> dict[str, str]:
    """Metadata by the names of Dublin Core, which PNG shares."""
    kind = "synthetic" if origin.synthetic else "real"
    return {"Title": name.replace("_", " "), "Description": alt, "Source": origin.line(),
            "Keywords": f"intrusion detection; {kind} flows"}  # fmt: skip


def dress(svg: str, origin: Origin) -> str:
    """``svg`` as Matplotlib writes it, with the margin line below, colours for the dark, and its letters."""
    box = re.search(r'height="([\d.]+)pt" viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    if not box:
        raise ValueError("this SVG has no size in points")
    width, height = float(box[2]), float(box[3])
    grown = f'height="{height + MARGIN:g}pt" viewBox="0 0 {width:g} {height + MARGIN:g}"'
    line = origin.line(CHECKSUM)
    margin = (
        f"<text style=\"font-size: {SIZE}px; font-family: '{fonts.FAMILY}'; text-anchor: end; fill: {style.GREY}\" "
        f'x="{width - 2:g}" y="{height + MARGIN - 3:g}">{escape(line)}</text>\n'
    )
    letters = {letter for text in re.findall(r"<text\b[^>]*>(.*?)</text>", svg, re.DOTALL) for letter in unescape(text)}
    weights = [weight for weight in fonts.WEIGHTS if weight == 400 or f"font-weight: {weight}" in svg]
    rules = f"<style>{fonts.embedded(letters | set(line), weights)}{style.in_the_dark()}</style>\n"
    head, drawing = svg.replace(box[0], grown, 1).split("<defs>", 1)
    body, end = drawing.rsplit("</svg>", 1)
    return f"{head}{rules}<defs>{body}{margin}</svg>{end}"


def pdf(svg: Path, about: dict[str, str], temporary: Path) -> None:
    """Set the SVG as a PDF of its size: text as text, tagged, with metadata and no date."""
    temporary.write_bytes(_typeset(svg, about, "", format="pdf", pdf_standards="ua-1", timestamp=0))


def png(svg: Path, about: dict[str, str], temporary: Path) -> None:
    """Set the SVG as a PNG on white, with its resolution and metadata."""
    made = _typeset(svg, about, "#ffffff", format="png", ppi=DPI)
    words = PngInfo()
    for key, text in about.items():
        words.add_itxt(key, text)
    picture = Image.open(io.BytesIO(made)).convert("RGB")
    picture.save(temporary, format="PNG", dpi=(DPI, DPI), pnginfo=words)


def _typeset(svg: Path, about: dict[str, str], ground: str, **how: Any) -> bytes:
    inputs = {key.lower(): text for key, text in about.items()} | {"file": svg.name, "ground": ground}
    made: bytes = typst.compile(PAGE, root=svg.parent, ignore_system_fonts=True, sys_inputs=inputs, **how)
    return made
