from __future__ import annotations

from pathlib import Path
from threading import Barrier

import pytest

from analysis.dataset.input import inventory
from analysis.dataset.input.flow_file import FlowFile
from analysis.dataset.input.inspect import report_inspection, step
from analysis.dataset.input.inspection import inspect
from analysis.dataset.input.reading import survey
from analysis.dataset.input.source import flow_files, unread
from analysis.dataset.release import load
from analysis.errors import UserError
from tests.dataset.input.archives import zip_at
from tests.dataset.input.conftest import parsed

ORIGINAL, CORRECTED = load("original"), load("corrected")
DDOS = "Friday-WorkingHours-Afternoon-DDos.pcap_ISCX.csv"


def facts(name, counts, attempted=None, blank=0):
    return {"name": name, "counts": counts, "attempted": attempted or {}, "blank_rows": blank}


@pytest.mark.parametrize(
    ("name", "counts", "status", "why"),
    [
        (DDOS, {"BENIGN": 97718, "DDoS": 128027}, "complete", "every label count as published"),
        ("friday-workinghours-afternoon-ddos.csv", {"BENIGN": 97718, "DDoS": 128027}, "complete", "every label"),
        ("mine.csv", {"BENIGN": 97718, "DDoS": 128027}, "complete", "under another name"),
        (DDOS, {"BENIGN": 183910, "DDoS": 41835}, "altered", "older version"),
        (DDOS, {"BENIGN": 97718, "DDoS": 128026}, "subset", "225,744 of 225,745 flows"),
        (DDOS, {"BENIGN": 97718, "DDoS": 128028}, "altered", "DDoS 128,028 where 128,027"),
        (DDOS, {"BENIGN": 97718, "DDoS": 128027, "Bot": 1}, "altered", "Bot 1 where 0"),
        ("mine.csv", {"BENIGN": 5}, "unknown", "not the name"),
    ],
)
def test_a_file_against_the_inventory(name, counts, status, why):
    verdict = inventory.compare(facts(name, counts), ORIGINAL)
    assert (verdict.status, why in verdict.why) == (status, True)


def test_a_file_known_by_its_counts_is_not_missed_under_its_published_name():
    (day,) = (file for file in ORIGINAL.files if file.name == DDOS)
    missing = inventory.missing_files([facts("mine.csv", day.counts, day.attempted)], ORIGINAL)
    assert len(missing) == len(ORIGINAL.files) - 1
    assert DDOS not in {file.name for file in missing}


def test_the_whole_against_the_inventory():
    assert inventory.overall(ORIGINAL.counts, {}, ORIGINAL).status == "complete"
    assert inventory.overall(CORRECTED.counts, CORRECTED.attempted_counts, CORRECTED).status == "complete"
    assert inventory.overall(CORRECTED.counts, {}, CORRECTED).status == "subset"
    assert inventory.overall({"BENIGN": 2_100_814}, {}, load("wtmc2021")).status == "complete"
    grouped = {"BENIGN": 10, "DoS": 252_661}
    assert inventory.overall(grouped, {}, ORIGINAL).status == "subset"
    assert inventory.overall({**grouped, "DoS": 252_662}, {}, ORIGINAL).status == "altered"


def test_blank_rows_belong_to_one_file_of_trafficlabelling():
    release, name = load("labelled"), "Thursday-WorkingHours-Morning-WebAttacks.pcap_ISCX.csv"
    counts = next(file.counts for file in release.files if file.name == name)
    assert inventory.compare(facts(name, counts, blank=288_602), release).status == "complete"
    assert inventory.compare(facts(name, counts, blank=0), release).status == "complete"
    assert inventory.compare(facts(name, counts, blank=7), release).status == "altered"


def test_how_flows_were_drawn():
    tenth = {label: round(n / 10) for label, n in ORIGINAL.counts.items()}
    assert inventory.sampling(tenth, ORIGINAL)[0] == "natural"
    capped = {label: min(n, 5000) for label, n in ORIGINAL.counts.items()}
    assert inventory.sampling(capped, ORIGINAL)[0] == "per_label"
    assert inventory.sampling({**capped, "Bot": 1900}, ORIGINAL)[0] == "unknown"
    assert inventory.sampling({"BENIGN": 60_000, "PortScan": 8}, ORIGINAL)[0] == "unknown"
    assert inventory.sampling({"BENIGN": 9}, load("wtmc2021"))[0] == "unknown"


def one_file(content, write, name="flows.csv"):
    return flow_files(write(content, name))


def test_a_copy_without_a_column_is_read_and_said_to_be_poorer(lines, write):
    position = [column.name for column in ORIGINAL.columns].index("Destination Port")
    text = "\n".join(",".join(c for i, c in enumerate(line.split(",")) if i != position) for line in lines)
    found = inspect(one_file(text.encode("latin-1"), write))
    assert (found["release"], found["lacks"], found["confidence"]) == ("original", ["Destination Port"], "likely")
    assert "Destination Port" in "\n".join(report_inspection(found, "flows.csv", twin=False))


def test_two_releases_in_one_folder_are_refused(content, tmp_path):
    (tmp_path / "a.csv").write_bytes(content)
    names = [column.header for column in CORRECTED.columns]
    row = ["1"] * len(names)
    (tmp_path / "b.csv").write_text(",".join([*names, "Label"]) + "\n" + ",".join([*row, "BENIGN"]) + "\n")
    with pytest.raises(UserError, match=r"two releases in one place: a\.csv .* b\.csv"):
        inspect(flow_files(tmp_path))


def test_files_that_differ_in_their_columns_are_refused(content, lines, tmp_path):
    (tmp_path / "a.csv").write_bytes(content)
    text = "\n".join(line.split(",", 1)[1] for line in lines)
    (tmp_path / "b.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(UserError, match=r"b\.csv lacks the column Destination Port"):
        inspect(flow_files(tmp_path))


def test_repeated_header_lines_of_ids2018_are_left_out(write):
    release = load("ids2018")
    header = ",".join([*(column.header for column in release.columns), "Label"])
    row = ",".join([*["1"] * len(release.columns), "Benign"])
    found = inspect(one_file("\n".join([header, row, header, row]).encode(), write))
    assert (found["release"], found["rows"]) == ("ids2018", 2)
    part = parsed(
        "\n".join([header, row, header, header, row, row, header, row]).encode(), FlowFile("a.csv", Path("a.csv"))
    )
    assert part.flows["source_row"].to_list() == [1, 4, 5, 7]
    bad = row.replace("Benign", "Bening")
    with pytest.raises(UserError, match="row 4: unknown label 'Bening'"):
        inspect(one_file("\n".join([header, row, header, header, bad]).encode(), write, "bad.csv"))
    short = row.split(",", 1)[1]
    with pytest.raises(UserError, match=r"row 3: .* cells where the header has"):
        inspect(one_file("\n".join([header, row, header, short]).encode(), write, "short.csv"))
    assert "1 header lines repeated inside, left out" in found["warnings"][-1]


@pytest.mark.parametrize(
    ("file", "release", "rows", "sampling"),
    [
        ("cicids2017-sample-12k.csv", "original", 12_001, "natural"),
        ("cicids2017-day-heads.zip", "original", 59_993, "unknown"),
        ("cicids2017-improved.zip", "corrected", 43_419, "per_label"),
        ("cicids2017-web-attacks.zip", "labelled", 7_267, "unknown"),
        ("cicids2017-grouped-labels.zip", "original", 15_181, "unknown"),
    ],
)
def test_real_copies(shared_data, file, release, rows, sampling):
    found = inspect(flow_files(shared_data / file))
    assert (found["release"], found["rows"], found["sampling"]) == (release, rows, sampling)
    assert found["has_timestamps"] == (release == "corrected")
    text = "\n".join(report_inspection(found, file, twin=False))
    assert file in text


def test_numbered_columns_are_refused(shared_data):
    with pytest.raises(UserError, match=r"its 77 columns \(X1, X2, X3, X4, \.\.\.\) belong to no known release"):
        inspect(flow_files(shared_data / "cicids2017-heartbleed.zip"))


def test_the_name_of_a_member_is_in_every_refusal(content, flow_file):
    assert isinstance(flow_file, FlowFile)
    assert flow_file.path == Path("flows.csv")


def test_groups_in_one_file_and_single_types_in_another_are_refused(content, tmp_path):
    (tmp_path / "a.csv").write_bytes(content)
    (tmp_path / "b.csv").write_bytes(content.replace(b"DoS Hulk", b"DoS"))
    with pytest.raises(UserError, match=r"b\.csv labels flows with the group DoS, but a\.csv with .* DoS Hulk"):
        inspect(flow_files(tmp_path))


def test_files_that_are_passed_over_are_named_where_they_look_like_flows(content, tmp_path):
    (tmp_path / "a.csv").write_bytes(content)
    for name in ("Tuesday.xlsx", "Friday.csv.crdownload", "README.md", ".DS_Store"):
        (tmp_path / name).write_bytes(b"x")
    assert unread(tmp_path) == ["Friday.csv.crdownload", "Tuesday.xlsx"]
    found = inspect(flow_files(tmp_path), unread=unread(tmp_path))
    assert found["warnings"][0] == "files that are not read: Friday.csv.crdownload, Tuesday.xlsx"
    files = {"a.csv": (tmp_path / "a.csv").read_bytes(), "Thursday.rar": b"x"}
    assert unread(zip_at(tmp_path / "all.zip", files)) == ["all.zip:Thursday.rar"]


def inspected(path, capsys):
    step(str(path))
    return capsys.readouterr().out


def test_the_report_ends_with_what_make_paper_would_say(content, lines, write, monkeypatch, capsys):
    from analysis.preflight import prepare

    monkeypatch.chdir(write(content).parent)
    gap, huge = (",".join([*lines[2].split(",")[:14], cell, *lines[2].split(",")[15:]]) for cell in ("NaN", "1e50"))
    cases = {
        "few.csv": (lines, r"holds 40 attack flows; the study needs at least 50 \(min_attacks\)"),
        "benign.csv": ([lines[0], *lines[1::3]], "holds only BENIGN flows; the study needs attacks as well"),
        "attacks.csv": ([lines[0], *lines[2::3] * 3], "holds no BENIGN flow; the study needs both classes"),
        "gaps.csv": ([*lines, *[gap] * 60], "cleaning.non_finite: drop takes 60 of the 100 attacks .* at least 50"),
        "huge.csv": ([*lines, *[huge] * 60], "cleaning.magnitude: drop takes 60 of the 100 attacks .* at least 50"),
        "both.csv": ([*lines, *[gap, huge] * 30], "drop and cleaning.magnitude: drop take 60 of the 100 attacks"),
    }
    for name, (rows, message) in cases.items():
        path = write("\n".join(rows).encode("latin-1"), name)
        last = inspected(path, capsys).splitlines()[-1]
        with pytest.raises(UserError, match=message) as refused:
            prepare({"data": str(path)})
        assert last == f"make paper would refuse these data: {refused.value}"
    path = write("\n".join([*lines, *lines[1:]]).encode("latin-1"), "enough.csv")
    assert inspected(path, capsys).splitlines()[-1] == "make paper would build the paper on these data."
    prepare({"data": str(path)})


def test_names_of_files_and_columns_are_shown_escaped(lines, tmp_path, capsys):
    path = tmp_path / "flows\x1b[2J\u202e\n.csv"
    text = [f"{lines[0]},odd\u202e\xa0name", *(f"{line},1" for line in lines[1:])]
    path.write_text("\n".join(text), encoding="utf-8")
    out = inspected(path, capsys)
    assert not set(out) & set("\x1b\u202e")
    assert r"flows\x1b[2J\u202e\n.csv: columns that are not used: odd\u202e\xa0name" in out


def test_a_report_that_cannot_be_written_is_refused_first(tmp_path):
    for path in (tmp_path, tmp_path / "none/x.json"):
        with pytest.raises(UserError, match=r"--json: .* is no file in a folder that is there"):
            step("nothing.csv", json=path)


def test_a_number_too_large_for_arithmetic_and_a_mark_that_stands_once_are_remarks(lines, write):
    for row, cell in ((7, "9007199254740992"), (9, "-1e308"), (11, "NA")):
        lines[row] = ",".join([*lines[row].split(",")[:1], cell, *lines[row].split(",")[2:]])
    assert inspect(one_file("\n".join(lines).encode("latin-1"), write))["warnings"] == [
        "flows.csv: cells that say in words that they are missing: once 'NA'; read as missing numbers",
        "flows.csv: a number too large for arithmetic in row 7, column Flow Duration, the first of its kind; "
        "cleaning.magnitude decides about them",
    ]


def test_fractions_in_columns_of_whole_numbers_are_a_remark(lines, write):
    assert not inspect(one_file("\n".join(lines).encode("latin-1"), write))["warnings"]
    lines[7] = ",".join([*lines[7].split(",")[:2], "2.5", *lines[7].split(",")[3:]])
    found = inspect(one_file("\n".join(lines).encode("latin-1"), write))
    assert found["warnings"] == ["flows.csv: fractions where the release has whole numbers: Total Fwd Packets"]


def test_files_are_read_at_once(content, lines, tmp_path):
    (tmp_path / "a.csv").write_bytes(content)
    (tmp_path / "b.csv").write_bytes(content + lines[-1].encode("latin-1"))
    both = Barrier(2, timeout=60)

    def examine(flow_file, release):
        both.wait()  # until the other file is being read as well
        return survey(flow_file, release)

    files = inspect(flow_files(tmp_path), examine=examine, threads=2)["files"]
    assert [file["name"] for file in files] == ["a.csv", "b.csv"]


def test_the_largest_file_is_read_first(content, lines, tmp_path):
    (tmp_path / "a.csv").write_bytes(content)
    (tmp_path / "b.csv").write_bytes(content + lines[-1].encode("latin-1"))
    said = []
    files = inspect(flow_files(tmp_path), said.append, threads=1)["files"]
    assert said == ["reading b.csv", "reading a.csv"]
    assert [file["name"] for file in files] == ["a.csv", "b.csv"]


def test_of_what_is_wrong_that_of_the_first_file_is_said(lines, tmp_path):
    for name, rows in {"a.csv": 1, "b.csv": 2}.items():
        (tmp_path / name).write_bytes("\n".join([lines[0], *["short"] * rows]).encode())
    with pytest.raises(UserError, match=r"a\.csv, row 1: 1 cell"):
        inspect(flow_files(tmp_path), threads=2)
