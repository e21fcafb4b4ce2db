"""A figure's files by themselves: what they say of their data, text that is text, the paper's font, light and dark."""

from __future__ import annotations

import base64
import io
import re
import xml.etree.ElementTree as ET

import matplotlib as mpl
import matplotlib.pyplot as plt
import pypdf
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from analysis.errors import UserError
from figures import fonts, style
from figures.origin import CHECKSUM, Origin
from tests.figures.conftest import SHA256, SYNTHETIC
from tests.figures.test_figures import correlations, inventory

SVG = "{http://www.w3.org/2000/svg}"
REAL = Origin("12,001 flows, 0.4% of the original release (MachineLearningCVE)", False, SHA256)
FLOWS = {"BENIGN": 900, "DoS Hulk": 98, "Web Attack <b> & XSS": 2}


@pytest.fixture
def files(drawn):
    return drawn("class_inventory", {"class_inventory": inventory(FLOWS)})


@pytest.mark.parametrize("synthetic", [True, False])
def test_release_share_and_checksum_in_a_line(synthetic):
    values = {"data.synthetic": synthetic, "data.origin": "9 flows of x", "data.checksum": SHA256}
    origin = Origin.of({key: {"value": value, "text": str(value)} for key, value in values.items()})
    assert origin.line() == f"{'Synthetic: ' if synthetic else ''}9 flows of x · SHA-256 {SHA256}"


def words_of(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("origin", [SYNTHETIC, REAL])
def test_every_file_says_what_its_flows_are(origin, drawn):
    files = drawn("class_inventory", {"class_inventory": inventory(FLOWS)}, origin=origin)
    svg = files["svg"].read_text(encoding="utf-8")
    margin = origin.line(CHECKSUM)
    assert words_of(svg)[-1] == margin
    pdf = pypdf.PdfReader(files["pdf"])
    assert margin in pdf.pages[0].extract_text()
    picture = Image.open(files["png"])
    picture.load()
    for source, keywords in (
        (re.search(r"<dc:source>(.*?)</dc:source>", svg)[1], svg),
        (picture.text["Source"], picture.text["Keywords"]),
        (pdf.metadata.subject.removeprefix(f"{picture.text['Description']} "), pdf.metadata["/Keywords"]),
    ):
        assert source == origin.line()
        assert ("synthetic flows" in keywords) is origin.synthetic
    alt = picture.text["Description"]
    assert alt.startswith("Flows of 3 classes")


def test_text_stays_text(files):
    shown = words_of(files["svg"].read_text(encoding="utf-8"))
    assert {"DoS Hulk", "900  (90.00%)", "Web Attack <b> & XSS", "10²", "flows (log scale)"} <= set(shown)
    text = pypdfium2.PdfDocument(files["pdf"])[0].get_textpage().get_text_range()
    assert "900 (90.00%)" in text
    assert "Web Attack <b> & XSS" in text


def test_print_and_pixels_have_a_size(files):
    picture = Image.open(files["png"])
    assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert picture.width == round(style.WIDTH * 300)
    page = pypdf.PdfReader(files["pdf"]).pages[0].mediabox
    assert (float(page.width), float(page.height) * 300 / 72) == pytest.approx(
        (style.WIDTH * 72, picture.height), abs=1
    )


def test_the_font_is_the_papers_and_words_are_as_wide_as_laid_out(files):
    """Where Matplotlib thinks that a word ends, Typst ends it."""
    fonts_used = {
        str(font["/BaseFont"]) for page in pypdf.PdfReader(files["pdf"]).pages
        for font in page["/Resources"].get_object()["/Font"].values() for font in [font.get_object()]
    }  # fmt: skip
    assert all("LibertinusSerif" in name for name in fonts_used)
    style.use()
    figure = plt.figure(figsize=(4, 1), layout="none")
    word = figure.text(0.1, 0.5, "Total Length of Fwd Packets 10⁻³", size=9)
    figure.canvas.draw()
    wide = word.get_window_extent().width * 72 / figure.dpi
    page = pypdfium2.PdfDocument(files["pdf"])
    plt.close(figure)
    assert wide == pytest.approx(_advance("Total Length of Fwd Packets 10⁻³", 9), rel=0.02)
    left, _, right, _ = _box(page[0].get_textpage(), "flows (log scale)")
    assert right - left == pytest.approx(_advance("flows (log scale)", mpl.rcParams["axes.labelsize"]), rel=0.03)


def test_a_typst_without_the_font_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(fonts.typst, "__file__", str(tmp_path / "__init__.py"))
    (tmp_path / "_typst.so").write_bytes(b"\x7fELF OTTO\0\x0a and no font")
    with pytest.raises(UserError, match="does not carry Libertinus Serif"):
        fonts.faces.__wrapped__()


def _advance(text: str, size: float) -> float:
    """Width by the font's own table of advances, without kerning and ligatures."""
    font = TTFont(io.BytesIO(fonts.faces()[400]))
    glyphs = font.getBestCmap()
    return sum(font["hmtx"][glyphs[ord(letter)]][0] for letter in text) * size / font["head"].unitsPerEm


def _box(page: pypdfium2.PdfTextPage, text: str) -> tuple[float, float, float, float]:
    at, count = page.search(text).get_next()
    boxes = [page.get_charbox(at + i, loose=True) for i in range(count)]
    return boxes[0][0], min(b[1] for b in boxes), boxes[-1][2], max(b[3] for b in boxes)


def test_the_picture_brings_its_letters(files):
    svg = files["svg"].read_text(encoding="utf-8")
    data = re.findall(r"url\(data:font/woff;base64,([^)]*)\)", svg)
    letters = set("".join(words_of(svg)))
    assert len(data) == 1, "nothing in this figure is bold"
    for each in data:
        assert letters - {" "} <= {chr(code) for code in TTFont(io.BytesIO(base64.b64decode(each))).getBestCmap()}
    assert not re.search(r"url\(\s*['\"]?(?!data:|#)", svg), "nothing from elsewhere"


def test_bold_words_bring_bold_letters(drawn):
    svg = drawn("top_ten_correlations", correlations(0.97))["svg"].read_text(encoding="utf-8")
    assert "font-weight: 700" in svg
    assert re.findall(r"@font-face\{[^;]*;font-weight:(\d+)", svg) == ["400", "700"]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_colours_are_told_from_a_dark_ground():
    ground = style.DARK[style.GROUND]
    for colour in (style.INK, style.GREY):
        assert contrast(style.DARK[colour], ground) >= 4.5, "text"
    for colour in (style.BENIGN, style.ATTACK, *(style.PALETTE.values())):
        assert contrast(style.DARK[colour], ground) >= 3, "lines and areas"


def test_the_picture_has_no_ground_and_answers_to_the_dark(files):
    svg = files["svg"].read_text(encoding="utf-8")
    ground = re.search(r'<g id="patch_1">\s*<path[^>]*style="([^"]*)"', svg)[1]
    assert ground == "fill: none"
    rules = re.search(r"@media \(prefers-color-scheme:dark\)\{(.*?)\}\}", svg)[1]
    used = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", svg.split("</style>", 1)[1]))
    assert used <= style.DARK.keys(), "a colour without one for the dark"
    assert all(f'[style*="fill: {colour}"]' in rules for colour in used)
    assert Image.open(files["png"]).getpixel((0, 0)) == (255, 255, 255)


def test_labels_of_other_alphabets_are_drawn(drawn):
    name = "атака ≥ é λ"
    files = drawn("class_inventory", {"class_inventory": inventory({"BENIGN": 9, name: 3})})
    assert name in words_of(files["svg"].read_text(encoding="utf-8"))
