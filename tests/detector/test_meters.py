"""From packets: flows that are cut by the release's rule, captures that can be read, and what meters make of them."""

from __future__ import annotations

import importlib.metadata
import re
import struct
from pathlib import Path

import pytest

from analysis.detector.flows import given
from analysis.errors import UserError
from tests.detector.captures import BEGUN, CASES, LEAST_FRAME, TCP, UDP, flows, write
from tests.detector.meters import MEASURED, METERS, compared, padding

DOCS = Path(__file__).resolve().parents[2] / "docs" / "detector.md"
CONNECTION, *_ = CASES


def version_of(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def test_a_fin_ends_a_flow_and_the_answer_to_it_begins_another_from_the_server() -> None:
    first, rest = flows(*CASES[CONNECTION])
    assert (first["Flow Duration"], first["Total Fwd Packets"], first["Total Backward Packets"]) == (20_013, 5, 4)
    assert (first["Total Length of Bwd Packets"], first["Bwd Packet Length Max"]) == (1_400 + 1_400 + 517, 1_400)
    # The first packet, which is empty, counts twice.
    assert first["Packet Length Mean"] == pytest.approx((300 + 3_317) / 10)
    assert first["Fwd Header Length"] == 5 * 20
    assert (rest["Flow Duration"], rest["Total Fwd Packets"], rest["Total Backward Packets"]) == (444, 1, 1)


def test_each_case_has_the_flows_of_the_rule() -> None:
    assert [len(flows(*case)) for case in CASES.values()] == [2, 1, 1, 1, 3, 2]
    late = flows(*CASES["TCP: a packet every 20 s for 200 s"])
    # 3 of the handshake and those after 0, 20, ..., 100 s; then those after 120, ..., 200 s, the first of them forward.
    assert [(one["Total Fwd Packets"], one["Total Backward Packets"]) for one in late] == [(5, 4), (3, 2)]
    assert late[0]["Flow Duration"] == 100_000_000 + 3_001 + 5 * 37


def test_headers_are_those_of_the_protocol() -> None:
    (asked,) = flows(*CASES["UDP: two questions, two answers"])
    assert (asked["Fwd Header Length"], asked["min_seg_size_forward"]) == (2 * 8, 8)
    assert asked["Fwd IAT Max"] == 50_003


@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_a_capture_holds_its_packets(tmp_path: Path, case: str, filled: bool) -> None:
    protocol, packets = CASES[case]
    path = tmp_path / "capture.pcap"
    write(path, protocol, packets, filled)
    raw, at, found = path.read_bytes(), 24, []
    while at < len(raw):
        seconds, micro, size, whole = struct.unpack_from("<IIII", raw, at)
        frame = raw[at + 16 : at + 16 + size]
        assert size == whole == len(frame)
        assert size >= (LEAST_FRAME if filled else 0)
        length, kind = struct.unpack_from("!H", frame, 16)[0], frame[23]
        assert kind == protocol
        found.append((seconds * 1_000_000 + micro - BEGUN, length - 20 - {TCP: 20, UDP: 8}[kind]))
        at += 16 + size
    assert found == [(one.time, one.size) for one in packets]


@pytest.mark.parametrize("name", METERS)
def test_a_meter_agrees_in_the_columns_that_the_documentation_names(name: str) -> None:
    package, meter = METERS[name]
    if version_of(package) != MEASURED[package]:
        pytest.skip(f"{package} {MEASURED[package]} is measured in an environment of its own (docs/detector.md)")
    counts, apart = compared(meter)
    assert all(ours > 0 and theirs > 0 for ours, theirs in counts.values())
    said = re.search(rf"\| {name} [^|]*\|[^|]*\|[^|]*\| (\d+) of (\d+) \|", DOCS.read_text(encoding="utf-8"))
    assert said is not None
    assert (sum(not size for size in apart.values()), len(apart)) == (int(said[1]), int(said[2]))
    assert padding(meter) in (0, LEAST_FRAME)


@pytest.mark.parametrize("magic", ["d4c3b2a1", "a1b2c3d4", "4d3cb2a1", "a1b23c4d", "0a0d0d0a"])
def test_a_capture_is_refused_with_what_to_do(tmp_path: Path, magic: str) -> None:
    path = tmp_path / "capture.pcap"
    path.write_bytes(bytes.fromhex(magic) + bytes(60))
    with pytest.raises(UserError, match=r"packets, and a detector reads flows.*CICFlowMeter"), given(str(path)):
        pass
