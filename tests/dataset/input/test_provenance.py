from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from analysis.dataset.input.inspection import inspect
from analysis.dataset.input.provenance import report_provenance
from analysis.dataset.input.source import flow_files

SOURCE = Path("config/source-study.yaml")
METADATA = {"data": "test", "synthetic": False, "sampling": "unknown", "weighted": False}


@pytest.fixture
def values(content, write, root):
    def made(change=lambda content: content, **metadata):
        inspection = inspect(flow_files(write(change(content), "x.csv")))
        return report_provenance(inspection, METADATA | metadata, root / SOURCE)

    return made


def test_a_copy_of_the_original(values):
    found = values().values
    assert found["release.is_original"].value is True
    assert found["release.is_corrected"].value is False
    assert found["data.share_of_release"].value == 60 / 2_830_743
    assert found["release.has_port"].value is True
    assert found["release.any_lacks"].value is False
    assert found["data.representative"].value is False


def test_what_a_copy_lacks(values):
    found = values(lambda content: without(content, "Bwd Packet Length Std", "Destination Port")).values
    assert found["release.lacks"].value == ["Destination Port", "Bwd Packet Length Std"]
    assert found["release.lacks_named"].value == ["Bwd Packet Length Std"]
    assert found["release.has_port"].value is False


def without(content: bytes, *names: str) -> bytes:
    lines = content.decode("latin-1").splitlines()
    keep = [i for i, name in enumerate(lines[0].split(",")) if name.strip() not in names]
    return "\n".join(",".join(line.split(",")[i] for i in keep) for line in lines).encode("latin-1")


def test_grouped_labels(values):
    record = values(lambda content: content.replace(b"DoS Hulk", b"DoS"))
    assert record.values["release.grouped_labels"].value == ["DoS"]
    rows = {row["label"]: row for row in record.tables["inventory"].records()}
    assert rows["DoS"]["published"] == 252_661
    assert "DoS Hulk" not in rows


def test_the_settings_have_the_last_word_on_sampling(values):
    record = values(sampling="natural", weighted=True)
    assert record.values["data.sampling"].text == "in natural shares"
    assert record.values["data.sampling_why"].value == "the settings of this build say so"
    assert record.values["data.weighted"].value is True


def test_spellings_are_shown(values):
    rows = {row["label"]: row for row in values().tables["inventory"].records()}
    assert rows["Web Attack XSS"]["spelled"].startswith("Web Attack ")
    assert rows["Web Attack XSS"]["spelled"] != "Web Attack XSS"


@pytest.mark.parametrize(
    ("metadata", "status", "origin", "sample"),
    [
        ({}, "subset", "60 flows, SHARE of the original release (MachineLearningCVE)", True),
        ({}, "complete", "all 60 flows of the original release (MachineLearningCVE)", False),
        ({}, "altered", "60 flows of an altered copy of the original release (MachineLearningCVE)", True),
        ({"synthetic": True}, "subset", "60 generated flows in the form of the original release (MachineLearningCVE)",
         False),
    ],
)  # fmt: skip
def test_what_the_flows_are_in_a_phrase(content, write, root, metadata, status, origin, sample):
    inspection = {**inspect(flow_files(write(content, "x.csv"))), "status": status}
    found = report_provenance(inspection, METADATA | metadata, root / SOURCE).values
    assert found["data.origin"].value == origin.replace("SHARE", found["data.share_of_release"].text)
    assert found["data.sample"].value is sample
    assert found["data.of_cicids2017"].value is True


def test_the_checksum_of_one_file_is_its_own(content, write, root):
    path = write(content, "x.csv")
    inspection = inspect(flow_files(path))
    checksum = report_provenance(inspection, METADATA, root / SOURCE).values["data.checksum"].value
    assert checksum == hashlib.sha256(path.read_bytes()).hexdigest()
    twice = {**inspection, "files": inspection["files"] * 2}
    values = report_provenance(twice, METADATA, root / SOURCE).values
    assert values["data.checksum"].value == inspection["data_checksum"]
