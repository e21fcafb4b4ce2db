"""A detector of a finished build: ``python -m analysis.detector.make twin`` writes ``results/twin.detector/``.

The folder stands beside the results, as a crate does, and not among them: these are published as one, with a checksum
of each file, and an additional file would be a fault to whoever checks them.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from analysis.audit.exchange import fresh_of, old_of, put_in_place
from analysis.command import run
from analysis.detector import choice, sigma_rule
from analysis.detector.built import Built
from analysis.detector.card import card
from analysis.detector.convert import convert
from analysis.detector.describe import describe, redundancy, with_card
from analysis.detector.load import CARD, DESCRIPTION
from analysis.detector.parity import compared, compared_types, first_of_most
from analysis.detector.refit import Refit, refit
from analysis.detector.score import Session
from analysis.errors import UserError, explained
from analysis.record import write_atomically, write_json
from analysis.record.files import data_checksum


def files(built: Built, model: str | None = None, features: str | None = None) -> dict[str, Any]:
    """What the folder of the detector holds, by name: bytes of models, text of the card, JSON of its description.

    UserError where there is no such model, where fitted again it answers otherwise, or where its ONNX does.
    """
    of = refit(built, *choice.detector(built, model, features))
    typing = choice.typing(built, of.entry["factors"]["features"])
    types = refit(built, *typing) if typing else None
    models = {"model.onnx": convert(of.found.pipeline)} | (
        {"types.onnx": convert(types.found.pipeline)} if types else {}
    )
    about = built.about()
    made_of = {
        "build": built.results.name,
        "build_id": built.id,
        "version": built.manifest["version"],
        "data": {
            "words": about["data"],
            "release": about["release"],
            "synthetic": about["synthetic"],
            "identity": data_checksum(built.manifest),
        },
    }
    text, rule = sigma_rule.of(of, made_of)
    clusters = redundancy(built.cache / "data" / "clusters.json")
    written = models | ({sigma_rule.NAME: text.encode()} if text else {})
    found = describe(of, types, about, made_of, parity(of, types, models), clusters, written, rule)
    said = card(found)
    return {**written, DESCRIPTION: with_card(found, CARD, said), CARD: said}


def parity(of: Refit, types: Refit | None, models: dict[str, bytes]) -> dict[str, Any]:
    """On how many test flows the models and scikit-learn's disagree; UserError above the stated share."""
    score = Session(models["model.onnx"], "model.onnx")(of.unseen)
    expected = of.answered["score"].to_numpy()
    found = {"model": compared(score, expected, of.description["thresholds"], "model.onnx")}
    if types is not None:
        shares = Session(models["types.onnx"], "types.onnx")(types.unseen)
        told = np.asarray(types.found.pipeline.classes_)[first_of_most(shares)]
        found["types"] = compared_types(told, types.answered["predicted"].to_numpy(), "types.onnx")
    return found


def write(folder: Path, contents: dict[str, Any]) -> None:
    """Write the files of a detector into ``folder``, which takes its place in one move."""
    fresh = fresh_of(folder)
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        with explained(folder):
            for name, content in contents.items():
                if isinstance(content, dict):
                    write_json(fresh / name, content, noted=False)
                else:
                    with write_atomically(fresh / name, noted=False) as temporary:
                        temporary.write_bytes(content if isinstance(content, bytes) else content.encode())
            put_in_place(folder)
    finally:
        for left in (fresh, old_of(folder)):
            shutil.rmtree(left, ignore_errors=True)


def demand_free(folder: Path) -> None:
    """UserError where the folder to write is something else than an earlier detector, which it would replace."""
    if folder.exists() and not folder.is_dir():
        raise UserError(f"OUT={folder}: this is a file; name a folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / DESCRIPTION).is_file():
        raise UserError(f"OUT={folder}: this folder holds something else than a detector; name another")


def step(build: str, /, *, model: str | None = None, features: str | None = None, out: Path | None = None) -> None:
    """Write the detector of a finished build to the folder ``out`` (default: beside its results)."""
    built = Built.find(build)
    folder = out or built.results.with_name(f"{built.results.name}.detector")
    demand_free(folder)
    contents = files(built, model, features)
    write(folder, contents)
    told = contents["detector.json"]
    many = "1 feature" if len(told["features"]) == 1 else f"{len(told['features'])} features"
    print(f"{folder}: {told['model']['name']} on {many} of build {told['build']}")
    counts = told["parity"]["model"]
    print(f"ONNX and scikit-learn disagree on {counts['score']} of {counts['flows']:,} test flows")


if __name__ == "__main__":
    run(step)
