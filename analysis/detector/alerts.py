"""Alerts: flows whose score lies above a threshold, with all that an event says of one."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.detector.flows import Flows
from analysis.detector.load import Detector
from analysis.detector.parity import called
from analysis.errors import UserError
from analysis.findings.prevalence import Ends


@dataclass(frozen=True)
class Limit:
    """What a score must exceed, the rate of false alarms that it was set for, and the precision to expect.

    ``rate`` is None for a threshold of one's own, ``precision`` where it is not known, and ``reason`` says why it rests
    on too little where it does; ``base`` is the share of attacks that is assumed.
    """

    threshold: float
    rate: float | None
    base: float
    precision: Ends | None
    reason: str | None = None

    @classmethod
    def of(cls, detector: Detector, fpr: float, threshold: float | None, base: float) -> Limit:
        """The operating point for the rate ``fpr``, or a ``threshold`` of one's own, of which no rates are known."""
        if not 0 < base < 1:
            raise UserError(f"BASE={base:g}: give the share of flows that are attacks, as in BASE=0.001")
        if threshold is not None:
            if not 0 <= threshold <= 1:
                raise UserError(f"THRESHOLD={threshold:g}: scores lie between 0 and 1; give one of them")
            return cls(threshold, None, base, None)
        point = detector.point(fpr)
        if point["recall"] == 0:
            others = [f"FPR={one['rate']}" for one in detector.told["operating_points"] if one["recall"]]
            raise UserError(f"FPR={fpr:g}: at its threshold, {point['threshold']:.6g}, this detector found none of the "
                            f"attacks of its test part; give {' or '.join([*others, 'THRESHOLD='])}")  # fmt: skip
        return cls(point["threshold"], fpr, base, detector.precision(point, base), point["reason"])


@dataclass(frozen=True)
class Alert:
    """A flow that is called an attack: where it stands, what is known of it, and why.

    ``ends`` has of Source IP and so on what the file has, ``outside`` the features beyond the values of the training
    flows, ``moved`` clusters of features with what each adds to the score (empty where none was asked for).
    """

    file: str
    row: int
    time: datetime.datetime | None
    ends: Mapping[str, Any]
    score: float
    type: str | None
    confidence: float | None
    outside: Sequence[str]
    moved: Sequence[tuple[Sequence[str], float]] = ()
    content: bytes = b""
    """The features, as the detector reads them."""

    def id(self, build: str, model: str) -> str:
        """The same for the same flow at the same place of a file of this name, and the same model of the same build."""
        where = f"{build}\n{model}\n{self.file}\n{self.row}\n{self.time}\n{sorted(self.ends.items())}\n"
        return hashlib.sha256(where.encode() + self.content).hexdigest()[:24]


def moved(detector: Detector, flows: np.ndarray, scores: np.ndarray) -> list[list[tuple[list[str], float]]]:
    """For each of ``flows`` (n, k) by how much its score falls where a cluster of features has the training medians.

    Clusters of redundant features move together, since one alone would leave the others to tell the same. Greatest
    first, without those that change nothing. Not a cause: the detector may be wrong for the right reasons.
    """
    medians = np.array([one["median"] for one in detector.told["features"]])
    falls = []
    for cluster in detector.told["clusters"]:
        columns = [detector.features.index(name) for name in cluster]
        other = flows.copy()
        other[:, columns] = medians[columns]
        falls.append(scores - detector.score(other))
    found = []
    for one in np.array(falls).T:
        order = [i for i in np.argsort(-np.abs(one), kind="stable") if abs(one[i]) > detector.told["margin"]]
        found.append([(detector.told["clusters"][i], float(one[i])) for i in order])
    return found


def alerts(detector: Detector, limit: Limit, flows: Flows, threads: int, explain: int) -> Iterator[Alert]:
    """The alerts among ``flows``, in their order; the first ``explain`` of them with what moved the score."""
    scores = detector.score(flows.matrix, threads)
    hit = np.flatnonzero(called(scores, limit.threshold))
    if not hit.size:
        return
    some, score = flows.matrix[hit], scores[hit]
    types, confidence = detector.types(some)
    outside = detector.outside(some)
    why = moved(detector, some[:explain], score[:explain]) if explain else []
    for i, about in enumerate(flows.about[hit].iter_rows(named=True)):
        yield Alert(
            flows.file, about.pop("source_row"), about.pop("timestamp", None),
            {name: value for name, value in about.items() if value is not None}, float(score[i]), types[i],
            float(confidence[i]) if types[i] else None,
            [name for name, out in zip(detector.features, outside[i], strict=True) if out],
            why[i] if i < len(why) else (), some[i].tobytes(),
        )  # fmt: skip
