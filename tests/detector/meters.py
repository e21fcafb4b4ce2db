"""How far flow meters from the registry agree with the release's on captures that are made here.

``python -m tests.detector.meters`` in an environment that has one of them (docs/detector.md); it needs NumPy beside,
and nothing else of the project's.
"""

from __future__ import annotations

import importlib.metadata
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.detector.captures import CASES, HANDSHAKE, TCP, Packet, flows, write

Flow = Mapping[str, float]
EXACT = 1e-9
"""Relative difference up to which columns are the same."""
ENDS = {"Fwd": "src2dst", "Bwd": "dst2src"}
STATISTICS = {"Max": "max", "Min": "min", "Mean": "mean", "Std": "stddev"}
NAMED = {
    "Flow Duration": "flow_duration", "Total Fwd Packets": "tot_fwd_pkts", "Total Backward Packets": "tot_bwd_pkts",
    "Total Length of Fwd Packets": "totlen_fwd_pkts", "Total Length of Bwd Packets": "totlen_bwd_pkts",
    **{f"{way} {what} {name}": f"{way.lower()}_{short}_{name.lower()}" for way in ENDS
       for what, short in (("Packet Length", "pkt_len"), ("IAT", "iat")) for name in STATISTICS},
    **{f"Flow IAT {name}": f"flow_iat_{name.lower()}" for name in STATISTICS},
    "Fwd IAT Total": "fwd_iat_tot", "Bwd IAT Total": "bwd_iat_tot", "Fwd Header Length": "fwd_header_len",
    "Bwd Header Length": "bwd_header_len", "Flow Bytes/s": "flow_byts_s", "Flow Packets/s": "flow_pkts_s",
    "Fwd Packets/s": "fwd_pkts_s", "Bwd Packets/s": "bwd_pkts_s", "Min Packet Length": "pkt_len_min",
    "Max Packet Length": "pkt_len_max", "Packet Length Mean": "pkt_len_mean", "Packet Length Std": "pkt_len_std",
    "Packet Length Variance": "pkt_len_var", "Average Packet Size": "pkt_size_avg", "Down/Up Ratio": "down_up_ratio",
    "Avg Fwd Segment Size": "fwd_seg_size_avg", "Avg Bwd Segment Size": "bwd_seg_size_avg",
    "act_data_pkt_fwd": "fwd_act_data_pkts", "min_seg_size_forward": "fwd_seg_size_min",
}  # fmt: skip
"""The release's columns by what cicflowmeter calls them."""


def nfstream(path: Path, until_fin: bool = False) -> list[Flow]:
    """The flows of a capture by NFStream: lengths of data, the release's timeout, and where asked an end at a FIN."""
    from nfstream import NFPlugin, NFStreamer  # type: ignore[import-not-found, unused-ignore]

    class Ends(NFPlugin):  # type: ignore[misc, unused-ignore]
        def on_update(self, packet, flow) -> None:  # type: ignore[no-untyped-def]
            flow.expiration_id = -1 if packet.fin else flow.expiration_id

    told = NFStreamer(source=str(path), statistical_analysis=True, accounting_mode=3, idle_timeout=120,
                      active_timeout=120, n_dissections=0, n_meters=1, udps=Ends() if until_fin else None)  # fmt: skip
    rows = [dict(zip(flow.keys(), flow.values(), strict=True)) for flow in told]
    return [_of_nfstream(row) for row in sorted(rows, key=lambda row: row["bidirectional_first_seen_ms"])]


def _of_nfstream(row: Mapping[str, float]) -> Flow:
    seconds = row["bidirectional_duration_ms"] / 1e3

    def rate(number: float) -> float:
        return number / seconds if seconds else 0.0

    found = {"Flow Duration": row["bidirectional_duration_ms"] * 1e3,
             "Total Fwd Packets": row["src2dst_packets"], "Total Backward Packets": row["dst2src_packets"],
             "Flow Bytes/s": rate(row["bidirectional_bytes"]), "Flow Packets/s": rate(row["bidirectional_packets"]),
             "Min Packet Length": row["bidirectional_min_ps"], "Max Packet Length": row["bidirectional_max_ps"],
             "Packet Length Mean": row["bidirectional_mean_ps"], "Packet Length Std": row["bidirectional_stddev_ps"],
             "Packet Length Variance": row["bidirectional_stddev_ps"] ** 2,
             "Average Packet Size": row["bidirectional_bytes"] / row["bidirectional_packets"],
             "Down/Up Ratio": row["dst2src_packets"] // row["src2dst_packets"]}  # fmt: skip
    for name, statistic in STATISTICS.items():
        found[f"Flow IAT {name}"] = row[f"bidirectional_{statistic}_piat_ms"] * 1e3
        for way, end in ENDS.items():
            found[f"{way} Packet Length {name}"] = row[f"{end}_{statistic}_ps"]
            found[f"{way} IAT {name}"] = row[f"{end}_{statistic}_piat_ms"] * 1e3
    for way, end in ENDS.items():
        found[f"Total Length of {way} Packets"] = row[f"{end}_bytes"]
        found[f"{way} IAT Total"] = row[f"{end}_duration_ms"] * 1e3
        found[f"{way} Packets/s"] = rate(row[f"{end}_packets"])
        found[f"Avg {way} Segment Size"] = row[f"{end}_mean_ps"]
    return found


def cicflowmeter(path: Path) -> list[Flow]:
    """The flows of a capture by cicflowmeter, packet by packet: its own reader asks for a library of the system's."""
    from cicflowmeter import flow_session  # type: ignore[import-not-found, unused-ignore]
    from scapy.utils import PcapReader  # type: ignore[import-not-found, unused-ignore]

    rows: list[Mapping[str, float]] = []

    class Kept:
        def write(self, row: Mapping[str, float]) -> None:
            rows.append(row)

    flow_session.output_writer_factory = lambda *_: Kept()
    session = flow_session.FlowSession()
    take = session.on_packet_received if not hasattr(session, "flush_flows") else session.process
    with PcapReader(str(path)) as packets:
        for packet in packets:
            take(packet)
    session.flush_flows() if hasattr(session, "flush_flows") else session.garbage_collect(None)
    return [{ours: float(row[theirs]) for ours, theirs in NAMED.items() if theirs in row} for row in rows]


MEASURED = {"nfstream": "6.6.0", "cicflowmeter": "0.5.0"}
"""The versions of which the documentation says how far they agree."""
METERS: dict[str, tuple[str, Callable[[Path], list[Flow]]]] = {
    "NFStream": ("nfstream", nfstream),
    "NFStream, ended at FIN": ("nfstream", lambda path: nfstream(path, until_fin=True)),
    "cicflowmeter": ("cicflowmeter", cicflowmeter),
}


def compared(meter: Callable[[Path], list[Flow]]) -> tuple[dict[str, tuple[int, int]], dict[str, float]]:
    """Flows of each case by the release and by a meter; and by column the largest relative difference of flows in the
    cases in which both find as many."""
    counts, apart = {}, dict[str, float]()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "capture.pcap")
        for case, (protocol, packets) in CASES.items():
            write(path, protocol, packets)
            ours, theirs = flows(protocol, packets), meter(path)
            counts[case] = len(ours), len(theirs)
            for one, other in zip(ours, theirs, strict=False) if len(ours) == len(theirs) else ():
                for name in one.keys() & other.keys():
                    apart[name] = max(apart.get(name, 0.0), _apart(one[name], other[name]))
    return counts, apart


def _apart(ours: float, theirs: float) -> float:
    if math.isclose(ours, theirs, rel_tol=EXACT, abs_tol=EXACT):
        return 0.0
    return abs(theirs - ours) / abs(ours) if ours else math.inf


def padding(meter: Callable[[Path], list[Flow]]) -> float:
    """Bytes that a meter finds in segments without data whose frames Ethernet filled up: at most so many a segment."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "capture.pcap")
        write(path, TCP, [*HANDSHAKE, Packet(3_001, 1, 0)], filled=True)
        return max(flow["Max Packet Length"] for flow in meter(path))


def report_meters() -> Iterator[str]:
    """What each meter that is installed finds, as Markdown."""
    for name, (package, meter) in METERS.items():
        try:
            version = importlib.metadata.version(package)
            counts, apart = compared(meter)
        except (importlib.metadata.PackageNotFoundError, ImportError) as error:
            yield f"{name}: not measured ({error})"
            continue
        yield f"{name} ({version}): {padding(meter):g} bytes in filled segments without data"
        yield from (f"  {case}: {ours} flows, by this meter {theirs}" for case, (ours, theirs) in counts.items())
        same = sorted(column for column, size in apart.items() if not size)
        yield f"  {len(same)} of {len(apart)} columns are the same: {', '.join(same)}"
        yield from (f"  {column}: {size:.2g}" for column, size in sorted(apart.items()) if size)


if __name__ == "__main__":
    print("\n".join(report_meters()))
