"""What differs between the two finished builds, and how the page of it looks on a phone."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from analysis.difference.read import read_both
from analysis.difference.report import compared
from tests.paper import axe
from tests.paper.chromium import Chromium, needed


@pytest.fixture(scope="module")
def written(sample, untyped, tmp_path_factory):
    folder = tmp_path_factory.mktemp("difference")
    command = [sys.executable, "-m", "analysis.difference", str(untyped), str(sample), "--out", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "")
    return folder


def test_every_change_of_the_text_has_its_sentence_and_each_number_of_a_sentence_is_there(untyped, sample):
    report = compared(*read_both(str(untyped), str(sample)))
    assert all((report.flips, report.rankings, report.recorded))
    for sentences, changes in report.in_text:
        assert any(sentences)
        for change in changes:
            for sentence in filter(None, sentences):
                assert change.key in {piece.key for piece in sentence.pieces}
    read = [build.paper.sentences for build in read_both(str(untyped), str(sample))]
    assert all(len(sentences) > 400 for sentences in read)


def test_a_build_does_not_differ_from_a_copy_of_it(untyped, tmp_path):
    copy = shutil.copytree(untyped, tmp_path / "copy")
    report = compared(*read_both(str(untyped), str(copy)))
    assert report.summary.startswith("Nothing changed")
    assert report.foundations == {"Data": [], "Settings": [], "Code": []}


@needed()
@pytest.mark.parametrize("width", [390, 1200])
def test_a_teacher_sees_first_what_flipped_and_the_sentences_of_both(written, tmp_path, width):
    with Chromium(tmp_path) as browser:
        browser.open(written / "diff.html", width)
        heads = browser.value("[...document.querySelectorAll('h2')].map(one => one.textContent)")
        flipped = [i for i, head in enumerate(heads) if "flipped" in head]
        assert flipped
        assert max(flipped) < heads.index("Numbers and words of the text")
        said = browser.value("[...document.querySelector('dl.sentences').children].map(one => one.textContent.trim())")
        assert len(said) == 4, "each build's name with its sentence"
        assert all(said)
        assert said[1] != said[3]
        assert axe.source() is None or axe.found(browser) == []


@needed()
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_is_no_wider_than_a_phone_and_loads_nothing(written, tmp_path, dark):
    with Chromium(tmp_path) as browser:
        browser.open(written / "diff.html", 390, dark=dark)
        assert browser.value("document.scrollingElement.scrollWidth") == 390
        assert browser.value("performance.getEntriesByType('resource').length") == 0
        assert browser.messages == []
