"""The twin in the form of the corrected release: its columns and labels, invented times and addresses that agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analysis.dataset.defects.audit import audit
from analysis.dataset.input.reading import read
from analysis.dataset.input.source import flow_files
from analysis.dataset.release import load
from analysis.twin import corrected
from analysis.twin import write as twin
from analysis.twin.corrected_meter import measured

RELEASE = load("corrected")
ROWS = 8_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("corrected") / "source"
    twin.write(out, ROWS, 20, 1, "corrected")
    return out


@pytest.fixture(scope="module")
def text(folder: Path) -> pl.DataFrame:
    """All cells as they are printed."""
    paths = sorted(folder.glob("*.csv"))
    return pl.concat(pl.read_csv(path, infer_schema=False).with_columns(file=pl.lit(path.name)) for path in paths)


def test_full_size_has_the_published_inventory() -> None:
    inventory = corrected.inventory(RELEASE)
    total = sum(sum(labels.values()) for labels in inventory.values())
    assert total == 2_099_976
    assert sum(n for labels in inventory.values() for label, n in labels.items() if "Attempted" in label) == 11_979
    assert sum(labels["BENIGN"] for labels in inventory.values()) == 1_582_566
    assert twin.twin(total, 20, 1, "corrected").counts == inventory


def test_the_project_reads_it_as_a_complete_layout_of_that_release(folder: Path) -> None:
    parts = [read(flow_file) for flow_file in flow_files(folder)]
    assert {part.layout.release.name for part in parts} == {"corrected"}
    assert all(not part.layout.missing and not part.layout.unknown for part in parts)
    flows = pl.concat(part.flows for part in parts)
    assert flows.height == ROWS
    assert {"timestamp", "Source IP", "attempted"} <= set(flows.columns)
    assert flows["attempted"].any()
    assert set(flows["Label"]) == set(RELEASE.labels)


def test_columns_and_labels_are_spelled_as_in_the_release(text: pl.DataFrame) -> None:
    assert len(text.columns) == 91 + 1
    assert text.columns[:9] == [
        *("id", "Flow ID", "Src IP", "Src Port", "Dst IP", "Dst Port", "Protocol", "Timestamp", "Flow Duration")
    ]
    assert text.columns[-3:-1] == ["Label", "Attempted Category"]
    assert "DoS Slowloris" in set(text["Label"])
    assert "Web Attack - XSS - Attempted" in set(text["Label"])
    tried = text["Label"].str.ends_with(" - Attempted")
    assert ((text["Attempted Category"] == "-1") == ~tried).all()


def test_flow_id_says_what_the_tuple_says(text: pl.DataFrame) -> None:
    names = ["Src IP", "Dst IP", "Src Port", "Dst Port", "Protocol"]
    assert text["Flow ID"].equals(text.select(pl.concat_str(names, separator="-")).to_series(), check_names=False)
    assert text["Src IP"].str.starts_with("10.").all()
    assert text["Dst IP"].str.starts_with("10.").all()
    attack = text["Label"] != "BENIGN"
    assert set(text["Src IP"].filter(attack)) == {corrected.ATTACKER}
    assert corrected.ATTACKER not in set(text["Src IP"].filter(~attack))


def test_flows_are_numbered_and_lie_in_their_window_of_the_day(text: pl.DataFrame) -> None:
    days = {file.name: file for file in RELEASE.files}
    for (file,), rows in text.group_by("file"):
        assert rows["id"].cast(pl.Int64).sort().to_list() == list(range(1, rows.height + 1))
        times = rows["Timestamp"].str.to_datetime("%Y-%m-%d %H:%M:%S%.f")
        assert set(times.dt.date()) == {days[str(file)].date}
        hours = times.dt.hour() + times.dt.minute() / 60
        for label in set(rows["Label"]):
            canonical, _ = RELEASE.read_label(label) or ("", False)
            start, end = corrected.WINDOWS.get(canonical, corrected.WORKING_HOURS)
            assert hours.filter(rows["Label"] == label).is_between(start, end).all()


def test_flows_have_the_identities_of_that_release_s_meter(folder: Path) -> None:
    flows = pl.concat(read(flow_file).flows for flow_file in flow_files(folder))
    found = {finding.id: finding for finding in audit(flows.lazy(), RELEASE)}
    for id in ("average_not_mean", "average_not_bytes_over_packets", "variance_not_std_squared", "fractions"):
        assert found[id].count == 0, id
    forward, backward = pl.col("Total Fwd Packets"), pl.col("Total Backward Packets")
    n = forward + backward
    expected = {
        "Down/Up Ratio": backward / forward,
        "Subflow Fwd Bytes": pl.col("Total Length of Fwd Packets") // n,
        "Subflow Bwd Bytes": pl.col("Total Length of Bwd Packets") // n,
        "PSH Flag Count": pl.col("Fwd PSH Flags") + pl.col("Bwd PSH Flags"),
    }
    for name, value in expected.items():
        gap = flows.select((pl.col(name) - value).abs().max()).item()
        assert gap <= 1e-6, name


def test_the_meter_s_identities_hold_in_real_rows(shared_data: Path) -> None:
    real = pl.concat(
        [read(m).flows for m in flow_files(shared_data / "cicids2017-improved.zip")], how="diagonal_relaxed"
    )
    columns = {name: real[name].cast(pl.Float64).to_numpy() for name in RELEASE.features}
    tcp = real["Protocol"].to_numpy() == corrected.TCP
    for name, value in measured(columns, tcp).items():
        if name not in ("SYN Flag Count", "CWE Flag Count", "ECE Flag Count", "Fwd RST Flags", "Bwd RST Flags"):
            agree = np.isclose(columns[name], value, rtol=1e-6, atol=1e-3).mean()
            assert agree > 0.999, (name, agree)
