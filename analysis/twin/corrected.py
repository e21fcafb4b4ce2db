"""The twin in the form of the corrected release: a sketch of its form, not a description of its flows.

Numbers of flows per day and label are those of the corrected release, 'Attempted' ones included. The features are
drawn from behaviours that were calibrated on the *original* release, each label from the class that it corrects, and
attempted flows from the class that they attempt; what follows from them is computed as the corrected release's meter
does. Everything in time and address is invented: an attack fills a window of its published day evenly, benign flows the
working hours; addresses are of private ranges. What is tested on it is code that handles time and conversations, never
a statement about them.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.dataset.meter import Flows
from analysis.dataset.release import Release
from analysis.twin import printing
from analysis.twin.apportionment import Inventory
from analysis.twin.corrected_meter import measured

WORKING_HOURS = (8.0, 17.0)
WINDOWS: Mapping[str, tuple[float, float]] = {
    "FTP-Patator": (9.0, 10.0),
    "SSH-Patator": (14.0, 15.0),
    "DoS slowloris": (9.0, 10.0),
    "DoS Slowhttptest": (10.0, 10.5),
    "DoS Hulk": (10.5, 11.0),
    "DoS GoldenEye": (11.0, 11.5),
    "Heartbleed": (15.0, 15.5),
    "Web Attack Brute Force": (9.0, 10.0),
    "Web Attack XSS": (10.0, 10.5),
    "Web Attack SQL Injection": (10.5, 11.0),
    "Infiltration": (14.0, 14.5),
    "Infiltration PortScan": (14.5, 15.5),
    "Bot": (10.0, 11.0),
    "PortScan": (13.0, 15.0),
    "DDoS": (16.0, 16.5),
}
"""First and last hour of each attack: invented, so that attacks of a day follow one another."""
BEHAVES_LIKE = {"Infiltration PortScan": "PortScan"}
CLIENTS, SERVERS, ATTACKER = "10.17.1.", "10.17.2.", "10.66.0.1"
HOSTS, TARGETS = 20, 50
CATEGORIES = 7
"""Reasons why an attempt had no effect are numbered from 0; which flow has which is invented too. -1: no attempt."""
TCP, UDP = 6, 17


def inventory(release: Release) -> Inventory:
    """Published flows per file and label; attempted flows under their label with its suffix."""
    suffix = release.attempted or ""
    return {
        file.name: {**file.counts, **{f"{label}{suffix}": n for label, n in file.attempted.items()}}
        for file in release.files
    }


def behaves(label: str, release: Release) -> str:
    """Class of the original release that a label's features are drawn from."""
    base = label.removesuffix(release.attempted or "")
    return BEHAVES_LIKE.get(base, base)


@dataclass(frozen=True)
class Spelling:
    """Spells flows in the layout of the corrected release (91 columns)."""

    release: Release

    def __call__(
        self, flows: Flows, labels: NDArray[np.str_], file: str, first: int, random: np.random.Generator
    ) -> pl.DataFrame:
        """Rows of a block; ``first`` is the number of its first flow in the file."""
        suffix = self.release.attempted or ""
        base = np.char.replace(labels, suffix, "")
        attempted = base != labels
        tcp = flows["Init_Win_bytes_forward"] >= 0
        flows = flows | {
            **measured(flows, tcp),
            "ICMP Code": np.full(len(labels), -1.0),
            "ICMP Type": np.full(len(labels), -1.0),
            "Total TCP Flow Time": np.where(tcp, flows["Flow Duration"], 0),
        }
        category = np.where(attempted, random.integers(0, CATEGORIES, len(labels)), -1)
        spelling = {label: spellings[0] for label, spellings in self.release.labels.items()}
        spelled = np.array([spelling[label] for label in base]) if len(base) else base
        return pl.DataFrame([
            pl.Series("id", np.arange(first + 1, first + len(labels) + 1)),
            *self._conversation(base, flows["Destination Port"], np.where(tcp, TCP, UDP), random),
            self._times(base, file, random),
            *(printing.number(c.header, c.type, flows[c.name]) for c in self.release.columns[1:]),
            pl.Series("Label", np.where(attempted, np.char.add(spelled, suffix), spelled)),
            pl.Series("Attempted Category", category),
        ])  # fmt: skip

    def _conversation(
        self, labels: NDArray[np.str_], port: NDArray[np.float64], protocol: NDArray[np.int64],
        random: np.random.Generator,
    ) -> list[pl.Series]:  # fmt: skip
        """Flow ID and what it consists of: attacks come from one address, benign flows from the clients."""
        n = len(labels)
        client = np.char.add(CLIENTS, random.integers(1, HOSTS + 1, n).astype(str))
        server = np.char.add(SERVERS, random.integers(1, TARGETS + 1, n).astype(str))
        tuple_ = pl.DataFrame({
            "Src IP": np.where(labels == self.release.benign, client, ATTACKER),
            "Src Port": random.integers(1024, 65_536, n),
            "Dst IP": server,
            "Dst Port": port.astype(np.int64),
            "Protocol": protocol,
        })  # fmt: skip
        names = ["Src IP", "Dst IP", "Src Port", "Dst Port", "Protocol"]
        flow_id = tuple_.select(pl.concat_str(names, separator="-").alias("Flow ID")).to_series()
        return [flow_id, *tuple_.get_columns()]

    def _times(self, labels: NDArray[np.str_], file: str, random: np.random.Generator) -> pl.Series:
        date = next(entry.date for entry in self.release.files if entry.name == file)
        start, end = np.array([WINDOWS.get(label, WORKING_HOURS) for label in labels]).reshape(-1, 2).T
        seconds = (start + random.random(len(labels)) * (end - start)) * 3600
        midnight = datetime.datetime.combine(date, datetime.time())
        times = pl.Series("Timestamp", np.rint(seconds * 1e6).astype(np.int64)).cast(pl.Duration("us")) + midnight
        return times.dt.to_string("%Y-%m-%d %H:%M:%S%.6f").alias("Timestamp")
