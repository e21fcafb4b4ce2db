"""What is missing, additional, altered, escaping or too large is named, one line each; nothing is unpacked or run."""

from __future__ import annotations

import json
import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from analysis.archive import check, metadata, rebuild, verify, zipped
from analysis.audit import reproduce
from analysis.checkout import checkout
from analysis.errors import UserError

from .conftest import publish


def of(crate: Path) -> list[str]:
    with zipped.opened(crate) as archive:
        return list(check.of_crate(archive))


def rewritten(crate: Path, files: dict[str, bytes], **changes: bytes | None) -> Path:
    """The crate with other files; None takes one out."""
    zipped.write(crate, {name: text for name, text in (files | changes).items() if text is not None})
    return crate


# --------------------------------------------------------------------------------------------------------------- builds


def test_a_build_as_it_was_published_has_no_faults(results):
    assert list(check.of_folder(results)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda folder: (folder / "paper.html").unlink(), "paper.html: missing, though build.json names it"),
        (lambda folder: (folder / "tables/a b.csv").write_text("x\n2\n"), "tables/a b.csv: altered; its SHA-256 is "),
        (lambda folder: (folder / "tables/.new").touch(), "tables/.new: additional; build.json does not name it"),
        (lambda folder: (folder / "more").symlink_to("/etc"), "more: a link, which may lead anywhere"),
    ],
)
def test_what_is_not_as_published_is_named(results, change, said):
    change(results)
    (fault,) = check.of_folder(results)
    assert fault.startswith(said)


def test_a_build_of_another_form_is_not_judged(results, project):
    publish(results, project, schema="x")
    with pytest.raises(UserError, match=r"build\.json: is x, and this version reads flowpaper/build/1; build it anew"):
        list(check.of_folder(results))


def test_a_published_file_that_became_a_link_is_named(results, tmp_path):
    shutil.move(results / "paper.html", tmp_path / "moved.html")
    (results / "paper.html").symlink_to(tmp_path / "moved.html")
    assert list(check.of_folder(results)) == ["paper.html: a link, which may lead anywhere"]


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../b", "C:/x", "a\\b"])
def test_a_name_that_leads_out_of_the_folder_is_not_read(results, name):
    manifest = json.loads((results / "build.json").read_text(encoding="utf-8"))
    manifest["files"][name] = "00"
    (results / "build.json").write_text(json.dumps(manifest), encoding="utf-8")
    (fault,) = check.of_folder(results)
    assert fault.startswith(f"{name}: leads out of the crate")


def test_settings_altered_after_publication_change_the_id(results):
    manifest = json.loads((results / "build.json").read_text(encoding="utf-8"))
    manifest["settings"]["seed"] = 2
    (results / "build.json").write_text(json.dumps(manifest), encoding="utf-8")
    (fault,) = check.of_folder(results)
    assert fault.startswith(f"build.json: altered; its id is {manifest['id']}, and what it says gives ")


# --------------------------------------------------------------------------------------------------------------- crates


def test_a_crate_as_it_was_written_has_no_faults(crate):
    assert of(crate) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"results/demo/paper.html": None}, "results/demo/paper.html: missing, though ro-crate-metadata.json names it"),
        ({"results/demo/paper.html": b"x"}, "results/demo/paper.html: altered; its SHA-256 is "),
        ({"analysis/rank.py": b"x"}, "analysis/rank.py: altered"),
        ({"sitecustomize.py": b"x"}, "sitecustomize.py: additional; ro-crate-metadata.json does not name it"),
    ],
)
def test_what_is_not_as_archived_is_named_once(crate, files, changes, said):
    (fault,) = of(rewritten(crate, files, **changes))
    assert fault.startswith(said)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("results/demo/paper.html", ["results/demo/build.json"]),
        ("analysis/rank.py", ["the code: not that of the build"]),
        ("requirements.txt", ["requirements.txt: not that of the build"]),
    ],
)
def test_who_alters_a_file_and_the_metadata_is_found_by_the_build(crate, files, name, said):
    import hashlib

    described = json.loads(files[metadata.NAME])
    (one,) = (one for one in described["@graph"] if one["@id"] == name)
    one["sha256"] = hashlib.sha256(b"x").hexdigest()
    faults = of(rewritten(crate, files, **{name: b"x", metadata.NAME: json.dumps(described).encode()}))
    assert [place in fault for place, fault in zip(said, faults, strict=True)] == [True]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../out.txt", "leads out of the crate ('..')"),
        ("results/../../out.txt", "leads out of the crate ('..')"),
        ("/out.txt", "leads out of the crate (absolute"),
        ("C:\\out.txt", "leads out of the crate (absolute"),
        ("results\\..\\out.txt", "leads out of the crate (absolute"),
        ("results/demo/PAPER.html", "stands there 2 times"),
    ],
)
def test_an_escaping_file_is_named_and_nothing_is_written(crate, tmp_path, name, said):
    with zipfile.ZipFile(crate, "a") as archive:
        archive.writestr(name, b"x")
    before = sorted(tmp_path.rglob("*"))
    (fault,) = of(crate)
    assert said in fault
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_a_link_or_a_device_is_named(crate, kind):
    entry = zipfile.ZipInfo("results/demo/x")
    entry.create_system, entry.external_attr = 3, (kind | 0o777) << 16
    with zipfile.ZipFile(crate, "a") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert of(crate) == ["results/demo/x: a link or a device, and no plain file"]


def test_a_crate_that_would_fill_the_disk_is_not_read(crate, monkeypatch):
    monkeypatch.setattr(zipped, "LARGEST", 1000)
    monkeypatch.setattr(zipped, "sha256", lambda *_: pytest.fail("was read"))
    (fault,) = of(crate)
    assert fault.endswith("bytes; more than 1,000 are not read")


def test_a_crate_of_very_many_files_is_not_read(crate, monkeypatch):
    monkeypatch.setattr(zipped, "MOST", 3)
    (fault,) = of(crate)
    assert fault.endswith("more than 3 are not read")


def test_a_file_that_unpacks_to_more_than_the_list_says_is_refused(crate, tmp_path):
    """The size in the list of contents is what a limit on it relies on."""
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(metadata.NAME, b"0" * 1_000_000)
    content = (tmp_path / "bomb.zip").read_bytes()
    assert content.count((1_000_000).to_bytes(4, "little")) == 2
    (tmp_path / "bomb.zip").write_bytes(content.replace((1_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    with pytest.raises(UserError, match="cannot be read"):
        of(tmp_path / "bomb.zip")


def test_damaged_bytes_are_no_traceback(crate, files, tmp_path):
    content = bytearray(crate.read_bytes())
    at = content.index(b"results/demo/paper.html") + len("results/demo/paper.html") + 3
    content[at : at + 8] = b"\xff" * 8
    crate.write_bytes(content)
    with pytest.raises(UserError, match=r"paper\.html: cannot be unpacked"):
        of(crate)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "cannot be read"),
        (b"[]", "no list of files with checksums"),
        (b'{"@graph": [{"@type": "File"}]}', "no list of files with checksums"),
        (b"[" * 100_000, "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_metadata_that_is_none_is_one_message(crate, files, content, said):
    with pytest.raises(UserError, match=said) as caught:
        of(rewritten(crate, files, **{metadata.NAME: content}))
    assert "\n" not in str(caught.value)


def test_what_is_no_crate_is_one_message(tmp_path, crate, files):
    with pytest.raises(UserError, match="there is no file"):
        of(tmp_path / "none.zip")
    (tmp_path / "a.zip").write_bytes(b"no zip file")
    with pytest.raises(UserError, match="not a zip file that can be read"):
        of(tmp_path / "a.zip")
    zipped.write(tmp_path / "b.zip", {"a": b"b"})
    with pytest.raises(UserError, match=r"no ro-crate-metadata\.json in it"):
        of(tmp_path / "b.zip")


def test_a_name_that_moves_the_cursor_is_escaped(crate, capsys):
    with zipfile.ZipFile(crate, "a") as archive:
        archive.writestr("\x1b[2Jx", b"x")
    with pytest.raises(SystemExit) as ended:
        verify.step(crate=crate)
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert "\x1b" not in said
    assert r"\x1b[2Jx: additional" in said


def test_the_whole_is_said_to_be_as_published_with_its_checksum(crate, results, capsys):
    verify.step(crate=crate)
    verify.step(build=str(results))
    said = capsys.readouterr().out
    identifier = json.loads((results / "build.json").read_text(encoding="utf-8"))["id"]
    assert said.count(f"id of the build: {identifier}; SHA-256 of ") == 2


@pytest.mark.parametrize(
    "given", [{}, {"build": "a", "crate": Path("b")}, {"build": "a", "identifier": "0123456789ab"}]
)
def test_one_of_build_and_crate_is_asked_for(given):
    with pytest.raises(UserError, match="give one of ID=, BUILD="):
        verify.step(**given)


# -------------------------------------------------------------------------------------------------------- built again


@pytest.fixture
def twin(results: Path, project: Path) -> Path:
    return publish(results, project, identity="synthetic twin", input=[])


def builder(results: Path, change: dict[str, str], project: Path):
    """In the place of a build: what was published, but for ``change``."""

    def build(folder: Path, cores: int, configfile: Path, config: dict[str, str]) -> None:
        assert configfile.is_file()
        commit = json.loads((results / "build.json").read_text(encoding="utf-8"))["commit"]
        assert checkout(folder)["commit"] == commit, "the paper names it"
        made = Path(shutil.copytree(results, folder / "results" / config["build"]))
        for name, text in change.items():
            (made / name).write_text(text, encoding="utf-8")
        publish(made, project, identity="synthetic twin", input=[])

    return build


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({}, 0, "rebuilt: all 3 files are the same, byte by byte"),
        ({"paper.html": "<p>An F1 of 0.9002</p>"}, 0, "within tolerance"),
        ({"paper.html": "<p>An F1 of 0.7</p>"}, 1, "the builds differ"),
    ],
)
def test_a_build_is_made_again_and_compared(twin, project, monkeypatch, capsys, change, code, said):
    monkeypatch.setattr(reproduce, "build", builder(twin, change, project))
    with pytest.raises(SystemExit) as ended:
        verify.step(build=str(twin), again=True)
    assert ended.value.code == code
    assert said in capsys.readouterr().out


def test_a_build_of_a_commit_is_made_again_as_of_it(results, project, monkeypatch, capsys):
    twin = publish(results, project, identity="synthetic twin", input=[], commit="ab" * 20, clean=True)
    monkeypatch.setattr(reproduce, "build", builder(twin, {}, project))
    with pytest.raises(SystemExit):
        verify.step(build=str(twin), again=True)
    assert "rebuilt: " in capsys.readouterr().out


def test_a_build_is_found_by_its_id_and_made_again(twin, project, monkeypatch, capsys):
    monkeypatch.setattr(reproduce, "build", builder(twin, {}, project))
    identifier = json.loads((twin / "build.json").read_text(encoding="utf-8"))["id"]
    monkeypatch.chdir(twin.parents[1])
    with pytest.raises(SystemExit) as ended:
        verify.step(identifier=identifier, again=True)
    assert ended.value.code == 0
    assert "byte by byte" in capsys.readouterr().out
    with pytest.raises(UserError, match="no build under results/ has the id"):
        verify.step(identifier="0" * 12, again=True)


def test_what_a_crate_brings_is_not_run(crate, monkeypatch):
    monkeypatch.setattr(reproduce, "build", lambda *_: pytest.fail("was run"))
    with pytest.raises(UserError, match=r"code in the crate is not that of this checkout \(\d+ files differ"):
        verify.step(crate=crate, again=True)


def test_data_must_be_given_and_be_the_same(results, project, twin, tmp_path, monkeypatch):
    monkeypatch.setattr(reproduce, "build", lambda *_: pytest.fail("was run"))
    with pytest.raises(UserError, match="leave DATA out"):
        verify.step(build=str(twin), again=True, data="x.csv")
    publish(results, project)
    with pytest.raises(UserError, match=r"the data \(flows\.csv\) are not part of a build: give them"):
        verify.step(build=str(results), again=True)
    monkeypatch.setattr(rebuild, "_checksum_of", lambda data: "ef" * 32)
    with pytest.raises(UserError, match="is not what build demo was made of"):
        verify.step(build=str(results), again=True, data="x.csv")
    publish(results, project, settings={"test": "other"})
    with pytest.raises(UserError, match="cannot be rebuilt alone"):
        verify.step(build=str(results), again=True)
