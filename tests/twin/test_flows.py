"""The twin's flows: what the release says of each holds of them, and they are like the real ones where it counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score

from analysis.dataset.input.layout import LABEL
from analysis.dataset.input.reading import read
from analysis.dataset.input.source import flow_files
from analysis.dataset.release import load
from analysis.twin import write as twin
from analysis.twin.calibration import real_flows
from analysis.twin.constraints import FREE, LONGEST, MOST_FIELD, SAME, complete, free
from tests.twin.conftest import FLOOR, ROWS, SEED

RELEASE = load("original")


def close(a: pl.Series, b: pl.Series, digits: float = 1e-8) -> bool:
    """Equal up to the ten digits that the release prints (nine decimals below one)."""
    return bool(np.allclose(a.to_numpy(), b.to_numpy(), rtol=digits, atol=2e-9))


def rounded(a: pl.Series, b: pl.Series) -> bool:
    """Equal up to the three digits to which the release rounds long times and rates."""
    return bool(np.allclose(a.to_numpy(), b.to_numpy(), rtol=0.0051, atol=2e-9))


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 60,000 flows in the form of the original release."""
    folder = tmp_path_factory.mktemp("many")
    twin.write(folder / "original", 60_000, FLOOR, SEED)
    return folder / "original"


def test_zero_duration_gives_infinity_and_nan_as_the_release_spells_them(many: Path) -> None:
    paths = many.glob("*.csv")
    rows = [line.split(b",") for path in paths for line in path.read_bytes().splitlines()[1:]]
    still = [row for row in rows if row[1] == b"0"]
    assert abs(len(still) - 60_000 * 2867 / 2_830_743) < 2
    assert {(row[14], row[15]) for row in still} == {(b"Infinity", b"Infinity"), (b"NaN", b"Infinity")}
    assert not any(row[14] in (b"Infinity", b"NaN") for row in rows if row[1] != b"0")
    backward = [row for row in rows if row[1] == b"-1"]
    assert len(backward) == round(115 * 60_000 / 2_830_743)
    assert {(row[14], row[15]) for row in backward} == {(b"-12000000.0", b"-2000000.0")}


# ------------------------------------------------------------------------------------------------------- identities


def test_constant_columns_are_zero(table: pl.DataFrame) -> None:
    assert table.select(pl.col(RELEASE.constant).abs().sum()).row(0) == (0,) * len(RELEASE.constant)


def test_identical_columns_are_identical(table: pl.DataFrame) -> None:
    for one, other in (*RELEASE.identical, *SAME.items()):
        assert table[one].equals(table[other], check_names=False)


def test_totals_means_and_variance_agree(table: pl.DataFrame) -> None:
    t = table.filter(table["Flow Duration"] > 0)
    for direction, packets in (("Fwd", "Total Fwd Packets"), ("Bwd", "Total Backward Packets")):
        total = t[f"Total Length of {direction} Packets"].cast(pl.Float64)
        assert close(t[f"{direction} Packet Length Mean"] * t[packets], total)
    assert rounded(t["Packet Length Variance"], t["Packet Length Std"] ** 2)
    assert t["Max Packet Length"].equals(t.select(pl.max_horizontal(r"^.wd Packet Length Max$")).to_series())
    n = t["Total Fwd Packets"] + t["Total Backward Packets"]
    assert close(t["Average Packet Size"] * n, t["Packet Length Mean"] * (n + 1))
    assert t["Down/Up Ratio"].equals((t["Total Backward Packets"] // t["Total Fwd Packets"]).alias("Down/Up Ratio"))


def test_rates_follow_from_totals_and_duration(table: pl.DataFrame) -> None:
    t = table.filter(table["Flow Duration"] > 0)
    seconds = t["Flow Duration"] / 1e6
    packets = t["Total Fwd Packets"] + t["Total Backward Packets"]
    assert rounded(t["Flow Packets/s"], packets / seconds)
    assert rounded(t["Flow Bytes/s"], (t["Subflow Fwd Bytes"] + t["Subflow Bwd Bytes"]) / seconds)
    assert rounded(t["Fwd Packets/s"], t["Total Fwd Packets"] / seconds)


def test_minimum_mean_and_maximum_are_in_order(table: pl.DataFrame) -> None:
    groups = [f"{d} {q}" for d in ("Fwd", "Bwd") for q in ("Packet Length", "IAT")] + ["Flow IAT", "Active", "Idle"]
    for group in groups:
        low, mean, high = (table[f"{group} {s}"].to_numpy() for s in ("Min", "Mean", "Max"))
        # Long times are rounded one by one, so their order is only as good as three digits.
        assert (low <= mean * 1.01 + 1e-9).all(), group
        assert (mean <= high * 1.01 + 1e-9).all(), group
        spread = table[f"{group} Std"].to_numpy()
        assert (spread <= (high - low) * 0.7072 + 0.01 * high + 1e-9).all(), group


def test_nothing_is_negative_but_the_sentinels_and_the_published_defects(table: pl.DataFrame) -> None:
    assert table.filter(pl.col("Flow IAT Min") < 0).height == round(2759 * ROWS / 2_830_743)
    table = table.filter(pl.col("Flow IAT Min") >= 0)
    for name in RELEASE.features:
        least = table[name].drop_nans().min()
        assert least == -1 if name in RELEASE.sentinels else isinstance(least, int | float) and least >= 0, name


def test_sentinels_keep_their_rates(table: pl.DataFrame) -> None:
    published = {"Init_Win_bytes_forward": 1_001_189, "Init_Win_bytes_backward": 1_441_552}
    for name, count in published.items():
        assert abs(np.mean(table[name].to_numpy() == -1) - count / 2_830_743) < 0.03


def test_no_field_exceeds_what_it_can_hold(many: Path, tmp_path: Path) -> None:
    """The outermost means of a behaviour reach beyond what any flow of the release has."""
    twin.write(tmp_path / "corrected", 60_000, FLOOR, SEED, into="corrected")
    for folder in (many, tmp_path / "corrected"):
        table = pl.concat([read(flow_file).flows for flow_file in flow_files(folder)])
        ports = [name for name in ("Destination Port", "Source Port") if name in table.columns]
        assert table.select(pl.col(ports).max()).row(0) <= (MOST_FIELD,) * len(ports)
        times = [name for name in table.columns if name == "Flow Duration" or name.startswith(("Active", "Idle"))]
        times += [name for name in table.columns if " IAT " in name]
        assert max(table.select(pl.col(times).max()).row(0)) <= LONGEST


def test_what_reaches_beyond_is_cut_back_and_the_rest_follows() -> None:
    quantities = dict.fromkeys(FREE, np.ones(1)) | {
        "Destination Port": np.array([70_000.0]),
        "Flow Duration": np.array([1.3e8]),
        "Fwd IAT Total": np.array([2e8]),
        "Idle Max": np.array([1.25e8]),
        "Idle Mean": np.array([1.22e8]),
        "Idle Std": np.array([5.0]),
        "Total Fwd Packets": np.array([4.0]),
    }
    flow = {name: column[0] for name, column in complete(quantities).items()}
    assert (flow["Destination Port"], flow["Flow Duration"]) == (MOST_FIELD, LONGEST)
    assert flow["Fwd IAT Total"] == LONGEST
    assert flow["Fwd IAT Mean"] == LONGEST / 3
    packets = flow["Total Fwd Packets"] + flow["Total Backward Packets"]
    assert flow["Flow Packets/s"] == packets / (LONGEST / 1e6)
    assert flow["Idle Min"] <= flow["Idle Mean"] <= flow["Idle Max"] <= LONGEST


def test_free_quantities_survive_completion() -> None:
    """A consistent flow comes back as it was: 3 packets of 10, 20 and 60 bytes, one reply of 5."""
    quantities = dict.fromkeys(FREE, np.zeros(1)) | {
        "Total Fwd Packets": np.array([3.0]),
        "Total Backward Packets": np.array([1.0]),
        "Flow Duration": np.array([900.0]),
        "Fwd Packet Length Max": np.array([60.0]),
        "Fwd Packet Length Min": np.array([10.0]),
        "Fwd Packet Length Mean": np.array([30.0]),
        "Fwd Packet Length Std": np.array([np.std([10, 20, 60], ddof=1)]),
        **{f"Bwd Packet Length {s}": np.array([5.0]) for s in ("Max", "Min", "Mean")},
        "Fwd IAT Total": np.array([700.0]),
        "Fwd IAT Max": np.array([500.0]),
        "Fwd IAT Min": np.array([200.0]),
    }
    flow = complete(quantities)
    lengths = [10, 10, 20, 60, 5]  # the first packet counts twice
    assert flow["Packet Length Mean"] == pytest.approx(np.mean(lengths))
    assert flow["Packet Length Std"] == pytest.approx(np.std(lengths, ddof=1))
    assert flow["Min Packet Length"] == 5
    assert [flow[f"Fwd IAT {s}"].item() for s in ("Max", "Min", "Mean")] == [500, 200, 350]
    assert flow["Fwd IAT Std"] == pytest.approx(np.std([500, 200], ddof=1))
    again = complete(free(flow))
    for name, column in flow.items():
        np.testing.assert_allclose(again[name], column, err_msg=name)


# --------------------------------------------------------------------------------------------------------- fidelity


def test_the_spike_at_zero_is_kept(table: pl.DataFrame) -> None:
    assert abs(np.mean(table["Bwd Packet Length Std"].to_numpy() == 0) - 0.716) < 0.03


def test_the_ten_features_of_highest_correlation_are_those_of_the_real_rows(table: pl.DataFrame) -> None:
    real = {"Avg Bwd Segment Size", "Average Packet Size", "Fwd IAT Std", "Max Packet Length"}
    real |= {f"Bwd Packet Length {s}" for s in ("Std", "Max", "Mean")}
    real |= {f"Packet Length {s}" for s in ("Std", "Variance", "Mean")}
    finite = table.filter(pl.col("Flow Duration") > 0)
    target = finite["is_attack"].to_numpy().astype(float)
    varying = [name for name in RELEASE.features if finite[name].n_unique() > 1]
    r = {name: abs(np.corrcoef(finite[name].to_numpy(), target)[0, 1]) for name in varying}
    top = sorted(r, key=lambda name: -r[name])[:10]
    assert len(real & set(top)) >= 9


def test_a_forest_trained_on_the_twin_knows_real_attacks(
    table: pl.DataFrame, shared_data: Path, tmp_path: Path
) -> None:
    """All features; the real rows calibrated the twin, so this is a check of the generator, not of detection."""
    (tmp_path / "real.csv").symlink_to(shared_data / "cicids2017-sample-12k.csv")
    found, _ = real_flows.sources(tmp_path)
    real = real_flows.main_source(found, RELEASE).table.filter(pl.col("Flow Duration") > 0)
    drawn = table.filter(pl.col("Flow Duration") > 0)
    forest = RandomForestClassifier(50, random_state=1).fit(drawn.select(RELEASE.features), drawn["is_attack"])
    assert f1_score((real[LABEL] != RELEASE.benign).to_numpy(), forest.predict(real.select(RELEASE.features))) > 0.94
