"""Captures that are made here, and the flows that the release's meter makes of them.

The rule by which it ends a flow is that of CICFlowMeter's FlowGenerator: a packet later than the timeout after the
first one begins another flow, of the same direction; a FIN is the last packet of its flow; RST ends nothing; flows of
one packet are not written. Columns of a flow are those of ``tests.evasion.packets``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.evasion.packets import HEADER, Packets, metered

TIMEOUT = 120_000_000
"""Microseconds from a flow's first packet to the last that it may have."""
BEGUN = 1_500_000_000_000_000
"""Microseconds since 1970 at which captures begin."""
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
TCP, UDP = 6, 17
HEADERS = {TCP: 20, UDP: 8}
LEAST_FRAME = 60
"""Bytes that Ethernet fills a frame up to."""
ENDS = (((192, 168, 0, 5), 40_000), ((10, 0, 0, 9), 80))


@dataclass(frozen=True)
class Packet:
    """A packet of one conversation: microseconds since its beginning, which end sends it, bytes of data, TCP flags."""

    time: int
    sender: int
    size: int
    flags: int = ACK


HANDSHAKE = (Packet(0, 0, 0, SYN), Packet(1_234, 1, 0, SYN | ACK), Packet(2_468, 0, 0))


def _connection(begin: int) -> list[Packet]:
    """Handshake, a request, an answer of three packets, and the end from both sides."""
    shake = [Packet(begin + one.time, one.sender, one.size, one.flags) for one in HANDSHAKE]
    rest = [(3_001, 0, 300, PSH | ACK), (10_777, 1, 1_400, ACK), (10_999, 1, 1_400, ACK), (11_432, 1, 517, PSH | ACK),
            (12_345, 0, 0, ACK), (20_013, 0, 0, FIN | ACK), (20_555, 1, 0, FIN | ACK), (20_999, 0, 0, ACK)]  # fmt: skip
    return shake + [Packet(begin + time, *others) for time, *others in rest]


def _every(seconds: int, times: int) -> list[Packet]:
    return [Packet(3_001 + i * seconds * 1_000_000 + 37 * i, i % 2, 100 + i) for i in range(times)]


CASES: dict[str, tuple[int, list[Packet]]] = {
    "TCP: handshake, data, FIN": (TCP, _connection(0)),
    "UDP: two questions, two answers": (UDP, [Packet(0, 0, 40), Packet(811, 1, 120), Packet(50_003, 0, 44),
                                              Packet(50_977, 1, 99)]),
    "TCP: idle for 50 s": (TCP, [*HANDSHAKE, *_every(50, 2)]),
    "TCP: ended by RST": (TCP, [*HANDSHAKE, Packet(3_001, 0, 300), Packet(3_777, 1, 0, RST | ACK),
                                Packet(4_111, 0, 0), Packet(4_333, 1, 0, RST)]),
    "TCP: two connections on one five-tuple": (TCP, [*_connection(0), *_connection(2_000_000)]),
    "TCP: a packet every 20 s for 200 s": (TCP, [*HANDSHAKE, *_every(20, 11)]),
}  # fmt: skip


def flows(protocol: int, packets: Sequence[Packet]) -> list[dict[str, float]]:
    """The flows of one conversation by the release's rule, each as columns, in the order in which they begin."""
    return [_columns(protocol, *one) for one in _cut(packets) if len(one[0]) > 1]


def _cut(packets: Sequence[Packet]) -> Iterator[tuple[list[Packet], int]]:
    """Packets of each flow, and which end is its source."""
    current: list[Packet] = []
    source = 0
    for packet in packets:
        if current and packet.time - current[0].time > TIMEOUT:
            yield current, source
            current = [packet]
        elif not current:
            current, source = [packet], packet.sender
        else:
            current.append(packet)
            if packet.flags & FIN:
                yield current, source
                current = []
    if current:
        yield current, source


def _columns(protocol: int, packets: Sequence[Packet], source: int) -> dict[str, float]:
    times, sizes = (np.array([getattr(one, name) for one in packets]) for name in ("time", "size"))
    forward = np.array([one.sender == source for one in packets])
    found = {name: float(column[0]) for name, column in metered(Packets(times, sizes, forward)).items()}
    for name in ("Fwd Header Length", "Bwd Header Length", "Fwd Header Length.1", "min_seg_size_forward"):
        found[name] *= HEADERS[protocol] / HEADER
    return found


def write(path: Path, protocol: int, packets: Sequence[Packet], filled: bool = False) -> None:
    """A capture (libpcap 2.4, microseconds, Ethernet, IPv4); ``filled``: short frames are as long as Ethernet's."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1))
        for one in packets:
            frame = _frame(protocol, one)
            frame = frame.ljust(LEAST_FRAME, b"\0") if filled else frame
            seconds, rest = divmod(BEGUN + one.time, 1_000_000)
            file.write(struct.pack("<IIII", seconds, rest, len(frame), len(frame)) + frame)


def _frame(protocol: int, packet: Packet) -> bytes:
    (source, port), (target, other) = ENDS[packet.sender], ENDS[1 - packet.sender]
    if protocol == TCP:
        head = struct.pack("!HHIIBBHHH", port, other, 1, 1, 5 << 4, packet.flags, 8_192, 0, 0)
    else:
        head = struct.pack("!HHHH", port, other, HEADERS[UDP] + packet.size, 0)
    body = head + b"x" * packet.size
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 1, 0, 64, protocol, 0, bytes(source), bytes(target))
    return b"\x02" * 6 + b"\x04" * 6 + b"\x08\x00" + ip + body
