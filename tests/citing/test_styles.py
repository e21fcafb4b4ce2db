"""References beside strings written by hand, and beside what Pandoc makes of them."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace

import pytest

from analysis.citing.references import CITATION, CORRECTED, Name, Reference, of_data, of_paper
from analysis.citing.styles import apa, chicago, ieee, styled
from paper import pandoc
from tests.citing.conftest import whole
from tests.citing.test_sentence import value
from tests.conftest import ROOT

HOSTILE = r'</script><b>&"\x{y} $1_2^3~ 50% #1 @misc{} €'
"""What a label or a title may hold."""


def converted(text: str, source: str, target: str, *options: str) -> str:
    command = [str(pandoc.executable()), f"--from={source}", f"--to={target}", "--wrap=none", *options]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def data() -> Reference:
    (one,) = of_data(whole()["values"], ROOT / CITATION)
    return one


@pytest.fixture
def paper() -> Reference:
    return replace(of_paper(whole(), "mine", "0123456789ab"), url="https://example.org/x")


@pytest.mark.parametrize(
    ("style", "said"),
    [
        (apa, "Sharafaldin, I., Lashkari, A. H., & Ghorbani, A. A. (2018). Toward Generating a New Intrusion Detection "
              "Dataset and Intrusion Traffic Characterization. In Proceedings of the 4th International Conference on "
              "Information Systems Security and Privacy (ICISSP) (pp. 108–116). https://doi.org/10.5220/0006639801080116"),
        (ieee, "I. Sharafaldin, A. H. Lashkari, and A. A. Ghorbani, “Toward Generating a New Intrusion Detection "
               "Dataset and Intrusion Traffic Characterization,” in Proceedings of the 4th International Conference on "
               "Information Systems Security and Privacy (ICISSP), 2018, pp. 108–116, doi: 10.5220/0006639801080116."),
        (chicago, "Sharafaldin, Iman, Arash Habibi Lashkari, and Ali A. Ghorbani. 2018. “Toward Generating a New "
                  "Intrusion Detection Dataset and Intrusion Traffic Characterization.” In Proceedings of the 4th "
                  "International Conference on Information Systems Security and Privacy (ICISSP), 108–16. "
                  "https://doi.org/10.5220/0006639801080116."),
    ],
)  # fmt: skip
def test_the_reference_for_the_data(style, said, data):
    assert style(data) == said


@pytest.mark.parametrize(
    ("style", "said"),
    [
        (apa, "Lovelace, A., & van den Berg, W. (2026). A Study (build mine of flowpaper 0.1.0, id 0123456789ab). "
              "https://example.org/x"),
        (ieee, "A. Lovelace and W. van den Berg, “A Study,” build mine of flowpaper 0.1.0, id 0123456789ab, 2026. "
               "[Online]. Available: https://example.org/x"),
        (chicago, "Lovelace, Ada, and Wernher van den Berg. 2026. A Study. Build mine of flowpaper "
                  "0.1.0, id 0123456789ab. https://example.org/x."),
    ],
)  # fmt: skip
def test_the_reference_for_the_paper(style, said, paper):
    assert style(paper) == said


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ada Lovelace", Name("Lovelace", "Ada")),
        ("Lovelace, Ada", Name("Lovelace", "Ada")),
        ("Wernher van den Berg", Name("van den Berg", "Wernher")),
        ("Jean-Luc Picard", Name("Picard", "Jean-Luc")),
        ("The flowpaper authors", Name("The flowpaper authors")),
        ("ENISA", Name("ENISA")),
    ],
)
def test_names(text, name, paper):
    assert Name.of(text) == name
    if name.given == "Jean-Luc":
        assert apa(replace(paper, authors=(name,))).startswith("Picard, J.-L. (2026).")


def test_a_group_and_an_end_with_a_mark(paper):
    asked = replace(paper, authors=(Name("The flowpaper authors"),), title="What is left?", url="")
    assert (
        chicago(asked) == "The flowpaper authors. 2026. What is left? Build mine of flowpaper 0.1.0, id 0123456789ab."
    )
    assert ieee(asked).endswith(", 2026.")


def test_chicago_is_what_pandoc_makes_of_the_same_items(paper, data):
    pages = [(7, 12), (96, 117), (100, 104), (107, 108), (321, 328), (498, 532), (1087, 1089), (1496, 1500),
             (998, 1003), (200, 201), (254, 262), (13, 18), (115, 121), (1103, 1123)]  # fmt: skip
    many = [paper, data, *(replace(data, id=f"p{first}", year=1900 + i, pages=(first, last))
                           for i, (first, last) in enumerate(pages))]  # fmt: skip
    made = converted(styled(many, "csl-json"), "csljson", "plain", "--citeproc").strip().split("\n\n")
    # Without an editor Pandoc's style takes proceedings for a periodical, and the manual for a book: hence the 'In'.
    assert all("” In " in chicago(one) for one in many[1:])
    assert sorted(made) == sorted(chicago(one).replace("” In ", "” ") for one in many)


def test_programs_get_the_address_as_well(paper, data):
    for one, address in ((paper, "https://example.org/x"), (data, "https://doi.org/10.5220/0006639801080116")):
        assert f"  url          = {{{address}}}" in styled([one], "bibtex")
        assert json.loads(styled([one], "csl-json"))[0]["URL"] == address
    nowhere = replace(paper, url="")
    assert "url " not in styled([nowhere], "bibtex")
    assert "URL" not in json.loads(styled([nowhere], "csl-json"))[0]


def test_bibtex_and_csl_say_the_same_to_pandoc(paper, data):
    items = json.loads(converted(styled([paper, data], "bibtex"), "bibtex", "csljson"))
    for item, one in zip(items, json.loads(styled([paper, data], "csl-json")), strict=True):
        names = [(name.get("dropping-particle", "") + " " + name["family"]).strip() for name in item["author"]]
        assert names == [name["family"] for name in one["author"]]
        for field in ("id", "title", "container-title", "DOI", "URL"):
            assert item.get(field) == one.get(field)
        assert str(item["issued"]["date-parts"][0][0]) == str(one["issued"]["date-parts"][0][0])


def test_hostile_text_is_text_in_bibtex_and_csl(paper):
    one = replace(paper, id="hostile", title=HOSTILE, note=HOSTILE, authors=(Name(HOSTILE, HOSTILE),), version=HOSTILE)
    bib = styled([one, paper], "bibtex")
    assert bib.count("{") == bib.count("}")
    items = json.loads(converted(bib, "bibtex", "csljson"))
    assert [item["id"] for item in items] == [one.id, paper.id]
    assert converted(bib, "bibtex", "plain", "--citeproc").count("</script><b>&") >= 1
    shown = converted(styled([one], "csl-json"), "csljson", "plain", "--citeproc").replace("\u2060", "")
    assert "</script><b>&" in shown, "and no bold text that begins here"
    assert "</script><b>" not in styled([one], "csl-json")


@pytest.mark.parametrize(("key", "doi"), CORRECTED.items())
def test_a_corrected_release_is_cited_with_who_corrected_it(key, doi):
    values = whole()["values"] | {key: value(key, True)}
    assert [one.doi for one in of_data(values, ROOT / CITATION)] == ["10.5220/0006639801080116", doi]
