"""The twin's files: laid out as the release, of the demanded counts, the same for the same seed."""

from __future__ import annotations

import errno
import hashlib
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from analysis.command import call
from analysis.dataset.input.layout import LABEL
from analysis.dataset.input.source import TWIN_MARK, is_twin
from analysis.dataset.release import load
from analysis.errors import UserError
from analysis.twin import generator
from analysis.twin import write as twin
from analysis.twin.__main__ import step
from analysis.twin.apportionment import part, share_out
from tests.twin.conftest import FLOOR, ROWS, SEED

RELEASE = load("original")


def digest(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


# ----------------------------------------------------------------------------------------------------------- layout


def test_files_and_header_are_those_of_the_release(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {file.name for file in RELEASE.files} | {TWIN_MARK}
    assert is_twin(folder)
    first = (folder / RELEASE.files[0].name).read_bytes().partition(b"\n")[0].decode()
    assert first.split(",") == [*(column.header for column in RELEASE.columns), " Label"]
    assert sum(name.startswith(" ") for name in first.split(",")) == 65


def test_counts_per_file_and_label_are_as_demanded(table: pl.DataFrame) -> None:
    wanted = twin.twin(ROWS, FLOOR, SEED).counts
    found = {(file, label): n for file, label, n in table.group_by("source_file", LABEL).len().rows()}
    assert found == {(file, label): n for file, labels in wanted.items() for label, n in labels.items() if n}
    assert table.height == ROWS


def test_web_attack_labels_have_the_byte_of_the_release(folder: Path) -> None:
    content = (folder / "Thursday-WorkingHours-Morning-WebAttacks.pcap_ISCX.csv").read_bytes()
    endings = Counter(line.rpartition(b",")[2] for line in content.splitlines()[1:])
    for label in (b"Web Attack \x96 Brute Force", b"Web Attack \x96 XSS", b"Web Attack \x96 Sql Injection"):
        assert endings[label] == 20


def test_whole_numbers_are_printed_without_a_point(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        text = pl.read_csv(path.read_bytes(), infer_schema=False, encoding="utf8-lossy")
        for column in RELEASE.columns:
            cells = text[column.header]
            whole = cells.str.contains(r"^-?\d+$")
            assert whole.all() if column.type == "integer" else not whole.any()


# --------------------------------------------------------------------------------------------- seed, counts, errors


def test_same_seed_same_bytes_other_seed_other_bytes(folder: Path, tmp_path: Path) -> None:
    twin.write(tmp_path / "again", ROWS, FLOOR, SEED)
    twin.write(tmp_path / "other", ROWS, FLOOR, SEED + 1)
    assert digest(tmp_path / "again") == digest(folder)
    other = digest(tmp_path / "other")
    assert all(other[name] != value for name, value in digest(folder).items())


def test_an_earlier_twin_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    twin.write(tmp_path / "source", 1000, 5, SEED, "corrected")
    twin.write(tmp_path / "source", 1000, 5, SEED)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]
    assert {path.name for path in (tmp_path / "source").glob("*.csv")} == {file.name for file in RELEASE.files}


@pytest.mark.parametrize("name", ["old.csv", "Monday-WorkingHours.pcap_ISCX.csv"])
def test_a_folder_of_other_files_is_refused_and_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("real flows, perhaps")
    with pytest.raises(UserError, match="holds other files"):
        twin.write(tmp_path, 1000, 5, SEED)
    assert (tmp_path / name).read_text() == "real flows, perhaps"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_too_little_room_is_said_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twin.shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    with pytest.raises(UserError, match="GB free"):
        twin.write(tmp_path / "source", 1000, 5, SEED)
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fills_while_writing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(made: twin.Twin, processes: int) -> Iterator[tuple[str, int, int, bytes]]:
        yield made.files[0], 0, 1, b"half of it"
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(twin, "_texts", full)
    with pytest.raises(UserError, match="the disk is full"):
        twin.write(tmp_path / "source", 1000, 5, SEED)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rows", "-5"], "not between"),
        (["--rows", "10"], "raise it"),
        (["--seed", "-1"], "not negative"),
        (["--form", "cleaned"], "original and corrected"),
    ],
)
def test_bad_numbers_are_refused_before_anything_is_written(tmp_path: Path, arguments: list[str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        call(step, ["--flows", str(tmp_path / "source"), *arguments])
    assert not (tmp_path / "source").exists()


def test_a_bad_number_is_one_message(tmp_path: Path) -> None:
    arguments = ["--rows", "many"]
    command = [sys.executable, "-m", "analysis.twin", "--flows", str(tmp_path / "source"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 2
    assert "no whole number" in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "source").exists()


def test_bytes_do_not_depend_on_the_number_of_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight files are eight pieces of work or more."""
    monkeypatch.setattr(twin, "ALONE", 1)
    twin.write(tmp_path / "one", 20_000, FLOOR, SEED, processes=1)
    twin.write(tmp_path / "two", 20_000, FLOOR, SEED, processes=2)
    assert digest(tmp_path / "one") == digest(tmp_path / "two")


def test_blocks_add_up_to_the_whole_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator, "BLOCK", 97)
    made = twin.twin(3000, FLOOR, SEED)
    for file in made.files:
        blocks = [made.block(name, number) for name, number in made.jobs() if name == file]
        assert max(block.height for block in blocks) <= 97 + len(RELEASE.labels)
        found = pl.concat([block[" Label"] for block in blocks]).value_counts()
        assert dict(found.rows()) == {RELEASE.labels[label][0]: n for label, n in made.counts[file].items()}


def test_parts_join_without_gaps() -> None:
    for count, blocks in ((0, 3), (2, 5), (1000, 7)):
        joined = [number for block in range(blocks) for number in part(count, block, blocks)]
        assert joined == list(range(count))


@pytest.mark.parametrize(("rows", "floor"), [(2000, 20), (56_615, 20), (56_615, 0), (1_000_003, 500), (300, 20)])
def test_total_is_exact_and_no_class_is_below_its_floor(rows: int, floor: int) -> None:
    counts = twin.twin(rows, floor, SEED).counts
    per_class = {label: sum(labels.get(label, 0) for labels in counts.values()) for label in RELEASE.labels}
    assert sum(per_class.values()) == rows
    assert all(n >= min(floor, RELEASE.counts[label]) for label, n in per_class.items())


def test_the_full_size_has_the_published_inventory() -> None:
    wanted = {file.name: file.counts for file in RELEASE.files}
    assert share_out(wanted, sum(RELEASE.counts.values()), 20) == wanted
    assert twin.twin(2_830_743, 20, SEED).counts == wanted


@pytest.mark.parametrize(("rows", "floor"), [(100, 20), (3, 0)])
def test_too_few_rows_are_refused(rows: int, floor: int) -> None:
    with pytest.raises(UserError, match=r"twin\.rows"):
        twin.twin(rows, floor, SEED).counts  # noqa: B018


def test_every_class_says_how_it_was_calibrated() -> None:
    classes = {found.label: found for found in twin.classes()}
    assert set(classes) == set(RELEASE.labels)
    assert {label for label, found in classes.items() if found.sketched} == {
        *("Heartbleed", "Infiltration", "Web Attack SQL Injection")
    }
    assert all(found.sketched == (found.rows < 100) for found in classes.values())
    assert all(found.clusters == 1 for found in classes.values() if found.sketched)


def test_the_mark_is_found_wherever_the_files_stand(folder: Path, tmp_path: Path) -> None:
    inner = tmp_path / "all" / "inner"
    inner.mkdir(parents=True)
    shutil.copy(folder / RELEASE.files[0].name, inner)
    assert not is_twin(tmp_path / "all")
    shutil.copy(folder / TWIN_MARK, inner)
    assert is_twin(tmp_path / "all")
    shutil.make_archive(str(tmp_path / "zipped" / "flows"), "zip", inner)
    assert is_twin(tmp_path / "zipped")
    (tmp_path / "linked.csv").symlink_to(folder / RELEASE.files[0].name)
    assert is_twin(tmp_path / "linked.csv")
