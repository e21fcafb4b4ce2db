"""The page as a file: hostile text is text, nothing is fetched, times are put into a copy alone."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from analysis.audit.pitfalls import Switch
from analysis.errors import UserError
from analysis.record import Column, Table
from paper.audit.__main__ import page
from paper.audit.facts import record, times
from paper.audit.learnt import steps
from paper.audit.markup import cells, el, grid, key, searched, section, shown, written
from paper.audit.pitfalls import of_switch
from paper.audit.timed import write
from paper.page import Page
from tests.paper.chromium import Chromium, needed

HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</style><b>&amp;", "a\x1b[2J\u202eb", "=1+1")
ABOUT = {"data": HOSTILE[0], "synthetic": True}


class Elements(HTMLParser):
    """The elements of a page as a browser reads them, and its texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts += data


def entry(text):
    return {"value": text, "text": text, "definition": text, "unit": text, "n": 3, "interval": None,
            "origin": {"step": text, "table": text, "row": text, "column": text}}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text_wherever_it_stands(text):
    table = Table.of("t", text, [Column("a", text, align="left")], [{"a": text}], data="x", notes=[text])
    parts = [shown(table), record({"a.b": entry(text)}, {}), key(text, {text: 1}), grid([text], [[text]]),
             el("p", text, title=text, id=text)]  # fmt: skip
    clean = [shown(Table.of("t", "T", [Column("a", "A", align="left")], [{"a": "b"}], data="x", notes=["n"])),
             record({"a.b": entry("b")}, {}), key("b", {"b": 1}), grid(["h"], [["c"]]),
             el("p", "t", title="t", id="i")]  # fmt: skip
    found, plain = (Elements("".join(map(written, one))) for one in (parts, clean))
    assert found.tags == plain.tags
    if text.isprintable():
        assert found.texts.count(text) >= 8
    assert "\x1b" not in found.texts
    assert "\u202e" not in found.texts


def test_the_page_fetches_nothing_and_allows_its_one_script_alone():
    text = written(page(ABOUT, [record({"a.b": entry("b")}, {})]))
    assert Page(text).fetched == []
    assert Elements(text).tags.count("script") == 1
    assert re.search(r"default-src 'none';.* script-src 'sha256-[\w+/]{43}='", text)
    assert not re.search(r"https?://", text)


def test_a_page_of_generated_flows_says_so():
    assert "flows are synthetic" in written(page(ABOUT, []))
    assert "flows are synthetic" not in written(page(ABOUT | {"synthetic": False}, []))


def test_a_value_is_told_as_printed_exactly_and_with_its_interval():
    one = entry("0.919") | {"value": 0.9189189, "low": 0.89, "high": 0.93, "interval": "Wilson", "unit": "fraction"}
    text = Elements(written(record({"findings.random.f1": one}, {"0.919": "analysis/x.py"}))).texts
    assert "0.919 = 0.9189189 fraction; 0.89 to 0.93 (Wilson)" in text
    assert "analysis/x.py; table 0.919" in text
    missing = entry("no times") | {"value": None, "unit": "fraction"}
    assert "no times fraction" not in Elements(written(record({"a.b": missing}, {}))).texts


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "build/mine/benchmarks"
    folder.mkdir(parents=True)
    (folder / "fit_all.tsv").write_text("s\th:m:s\tmax_rss\n12.5\t0:00:12\t300.25\n")
    (folder / "clean.tsv").write_text("s\th:m:s\tmax_rss\n2.25\t0:00:02\t-\n")
    (tmp_path / "results/mine").mkdir(parents=True)
    published = written(page(ABOUT, [times(), record({"a.b": entry("b")}, {})]))
    (tmp_path / "results/mine/audit.html").write_text(published, encoding="utf-8")
    return tmp_path


def test_times_stand_in_a_copy_among_the_benchmarks_and_not_in_what_is_published(project):
    published = (project / "results/mine/audit.html").read_text(encoding="utf-8")
    assert "300.25" not in published
    path = write("mine", project)
    assert path == project / "build/mine/benchmarks/audit.html"
    text = Elements(path.read_text(encoding="utf-8")).texts
    assert text.index("fit_all12.5300.25") < text.index("clean2.2")
    assert "15 s in all" in text
    assert (project / "results/mine/audit.html").read_text(encoding="utf-8") == published
    assert 'href="../../../results/mine/paper.html"' in path.read_text(encoding="utf-8")


def test_a_copied_build_has_no_times_and_what_is_no_build_is_not_listed(project):
    shutil.copytree(project / "results/mine", project / "results/copy")
    (project / "results/mine.crate.zip").touch()
    (project / "results/mine.detector").mkdir()
    with pytest.raises(UserError, match=r"build copy: .*build/copy/benchmarks has no times, as it was built elsewhere"):
        write("copy", project)
    with pytest.raises(UserError, match=r"\(builds: copy, mine\)"):
        write("other", project)


@pytest.mark.parametrize("name", ["other", "../mine", ""])
def test_a_build_that_is_not_there_is_one_message(name, project):
    with pytest.raises(UserError, match=r"there is no finished build .*builds: mine.*make it first"):
        write(name, project)


def test_a_page_without_a_place_for_times_is_one_message(project):
    (project / "results/mine/audit.html").write_text("<p>Of an earlier version.</p>", encoding="utf-8")
    with pytest.raises(UserError, match=r"audit\.html: has no place for times; build it anew"):
        write("mine", project)
    assert not (project / "build/mine/benchmarks/audit.html").exists()


# ----------------------------------------------------------------------------------------------------- in a browser

NAMES = [f"a.value_{number}" for number in range(12)]
SEEN = "[...document.querySelectorAll('#%s tbody tr')].filter(row => row.checkVisibility()).map(row => row.id)"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Chromium(tmp_path_factory.mktemp("chromium")) as started:
        yield started


@needed()
def test_names_of_steps_stay_whole_beside_one_that_reads_from_many(browser, tmp_path):
    many = [f"step_of_a_long_name_{number}" for number in range(30)]
    needs = {"kolmogorov_smirnov": set(), "last": {*many}} | {one: set() for one in many}
    table = steps(["kolmogorov_smirnov", "last"], needs, dict.fromkeys(needs, "Say what it does, in a line of words."))
    (tmp_path / "audit.html").write_text(written(page(ABOUT, [section("learnt", "Learnt", table)])), encoding="utf-8")
    browser.open(tmp_path / "audit.html", 1200)
    assert browser.value("document.querySelector('#step-kolmogorov_smirnov code').getClientRects().length") == 1
    assert browser.value("document.documentElement.scrollWidth") == 1200


@needed()
@pytest.mark.parametrize("width", [390, 1200])
def test_a_search_leaves_what_it_finds_and_no_more(browser, tmp_path, width):
    rows = [cells([name], ["Question"], id=f"row-{name}") for name in NAMES]
    parts = [record({name: entry(name) for name in NAMES}, {}),
             section("sheet", "Questions", searched("questions", ["Question"], rows))]  # fmt: skip
    (tmp_path / "audit.html").write_text(written(page(ABOUT, parts)), encoding="utf-8")
    browser.open(tmp_path / "audit.html", width)
    browser.value("document.querySelector('details').open = true")
    for name, row in (("values", "value-a.value_7"), ("sheet", "row-a.value_7")):
        assert len(browser.value(SEEN % name)) == len(NAMES)
        browser.value(f"(i => {{ i.value = 'VALUE_7'; i.dispatchEvent(new Event('input')); }})"
                      f"(document.querySelector('#{name} input'))")  # fmt: skip
        browser.value("new Promise(done => setTimeout(done, 300))")
        assert browser.value(SEEN % name) == [row]


@needed()
def test_the_file_of_a_switch_is_saved_and_copied_as_it_is_shown(browser, tmp_path):
    switch = Switch(name="fewer", does="takes # fewer & other flows", settings={"findings": {"train_rows": 9}})
    made = written(page(ABOUT, [of_switch(switch, {"paper": {"title": "ä \u201cb\u201d"}}, True)]))
    (tmp_path / "audit.html").write_text(made, encoding="utf-8")
    browser.open(tmp_path / "audit.html", 1200)
    browser.value("document.querySelector('details').open = true")
    shown = browser.value("document.querySelector('pre').textContent")
    assert "train_rows: 9" in shown
    told = browser.value("document.querySelector('details').textContent")
    assert "Then make diff A=<this build> B=fewer tells" in told
    link = "document.querySelector('a[download]')"
    assert browser.value(f"{link}.download") == "fewer.yaml"
    assert unquote(browser.value(f"{link}.href").partition(",")[2]) == shown
    browser.value("navigator.clipboard.writeText = text => { document.title = text; return Promise.resolve(); }")
    browser.value("document.querySelector('button').click()")
    browser.value("new Promise(done => setTimeout(done, 100))")
    assert browser.value("document.querySelector('output').textContent") == " Copied."
    assert browser.value("document.title").split() == shown.split()
    browser.value("navigator.clipboard.writeText = () => Promise.reject()")
    browser.value("document.querySelector('button').click()")
    browser.value("new Promise(done => setTimeout(done, 100))")
    assert browser.value("getSelection().toString()").split() == shown.split()
    assert browser.messages == []
