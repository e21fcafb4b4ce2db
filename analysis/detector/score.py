"""Answers of an ONNX model: flows in, scores out, on as many threads as are given."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime

from analysis.errors import UserError

ROWS = 8192
"""Flows answered for at once."""


class Session:
    """An ONNX model ready to answer. One thread answers for one flow, so that sums are made in one order."""

    def __init__(self, model: bytes, name: str) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the runtime raises kinds of its own, which share no base
            reader = f"ONNX Runtime {onnxruntime.__version__}"
            raise UserError(f"{name}: not a model that {reader} reads ({error}); make the detector anew") from None
        self._input = self._session.get_inputs()[0]

    @property
    def features(self) -> int:
        """Number of the model's features."""
        return int(self._input.shape[1])

    def __call__(self, flows: np.ndarray, threads: int = 1) -> np.ndarray:
        """Answers for ``flows`` (n, k), of shape (n,) or (n, classes); the same whatever the number of ``threads``."""
        parts = [np.ascontiguousarray(flows[start : start + ROWS], dtype=np.float64)
                 for start in range(0, max(len(flows), 1), ROWS)]  # fmt: skip
        if threads == 1 or len(parts) == 1:
            return np.concatenate([self._run(part) for part in parts])
        with ThreadPoolExecutor(threads) as pool:
            return np.concatenate(list(pool.map(self._run, parts)))

    def _run(self, part: np.ndarray) -> np.ndarray:
        found: np.ndarray = self._session.run(None, {self._input.name: part})[0]
        return found
