"""Before anything runs: the settings are valid, the input is what it should be, the build name is free.

Called while the workflow is read, so it must be quick when nothing changed: the inspection of the input is kept beside
the build under the sizes and times of its files. Who only looks (a dry run) locks, fetches, reads and writes nothing.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from analysis import settings, upkeep
from analysis.audit.identical import MARKER
from analysis.dataset.input.address import is_address, shown
from analysis.dataset.input.enough import refuse_too_little
from analysis.dataset.input.source import flow_files, is_twin, kept, located, naming_the_download, unread
from analysis.errors import UserError, explained
from analysis.lock import lock
from analysis.record.files import data_checksum, read_json, write_json
from analysis.upkeep import MANIFEST

TWIN = "synthetic twin"
TWIN_RELEASE = "original"


@dataclass(frozen=True)
class Plan:
    """A validated study and what it will be built from."""

    study: settings.Study
    name: str
    data: Path | None
    release: str
    synthetic: bool
    weighted: bool
    typed: bool
    """Whether labels tell types of attack apart."""
    told: tuple[str, ...] = ()
    """What flows tell of themselves beside features and class, as conditions ask for it."""
    rows: int = 0
    """Flows of the input; 0 where nobody has counted them, or the twin's are made here."""
    held: IO[str] | None = field(default=None, compare=False, repr=False)
    """The lock on the build, which the system frees when the process ends."""

    @property
    def build(self) -> str:
        """Folder of the workflow's cache."""
        return f"build/{self.name}"

    @property
    def results(self) -> str:
        """Folder that the finished build is published to."""
        return f"results/{self.name}"


def prepare(config: Mapping[str, Any], looking: bool = False, temporary: Path | None = None) -> Plan:
    """Check everything that can be checked without running the study; UserError says what is wrong.

    The build is locked, cleared of what a kill left, and its files are compared with their checksums. With ``looking``
    none of this happens; data that were never read are then taken for the original release. ``temporary`` is a folder
    of this process's, in which all temporary files go from here on; if a kill leaves it, the next start removes it.
    """
    study = settings.load(config)
    data = None if study.data is None else (kept if looking else located)(study.data)
    name = study.build or ("twin" if study.data is None else _name_of(data or Path(shown(study.data))))
    demand_other(study.test, name)
    with naming_the_download(study.data or ""):
        signature = _signature(data) if data else []
    if looking:
        return _outlook(study, name, data, signature)
    with explained(f"build/{name}"), ExitStack() as opened:
        held = opened.enter_context(lock(name))
        upkeep.clear(Path("build", name), Path("results", name), held.read())
        held.truncate(0)
        print(temporary or "", file=held, flush=True)
        if temporary:  # for unpacked copies, also those of the steps, whose TMPDIR Snakemake takes from here
            tempfile.tempdir = str(temporary)
        metadata = _make_ready(study, name, data, signature)
        opened.pop_all()
    known: dict[str, Any] = _known(Path("build", name, "input.json")) or {}
    return Plan(study, name, data, **_of_plan(metadata), rows=known.get("rows", 0), held=held)


def _make_ready(study: settings.Study, name: str, data: Path | None, signature: list[Any]) -> dict[str, Any]:
    """Inspect the input and lay out what the first steps read; the answer is ``data/metadata.json``, which all read."""
    build, results = Path("build", name), Path("results", name)
    earlier = _known(build / "input.json") or {}
    if data is None:
        inspection: dict[str, Any] = {"data_checksum": TWIN, "files": []}
    elif earlier.get("signature") == signature:
        inspection = earlier
    else:
        # Imported here because an unchanged input needs none of it, and it takes a quarter of a second.
        from analysis.dataset.input.inspection import inspect

        with naming_the_download(study.data or ""):
            inspection = inspect(flow_files(data), unread=unread(data))
    if data:
        refuse_too_little(inspection, study, shown(study.data or ""))
    _refuse_other_data(results, build / MARKER, data_checksum(inspection), study.force)
    upkeep.distrust(build)
    upkeep.published(results, build / MARKER)
    metadata = _metadata(inspection, data, study.sampling)
    _keep(build / "data" / "metadata.json", metadata)
    _keep(build / "input.json", {**inspection, "signature": signature, **_origin(study.data, data, earlier)})
    if data:
        files = {file["name"]: file["sha256"] for file in inspection["files"]}
        seen = {"data_checksum": data_checksum(inspection), "unread": unread(data), "files": files}
        _keep(build / "data" / "source.json", seen)
    return metadata


def _outlook(study: settings.Study, name: str, data: Path | None, signature: list[Any]) -> Plan:
    """The plan of who only looks, from what was found out before."""
    results, marker = Path("results", name), Path("build", name, MARKER)
    known: Any = {"data_checksum": TWIN} if study.data is None else _known(Path("build", name, "input.json"))
    upkeep.published(results, marker, looking=True)
    if known and (study.data is None or (data and known.get("signature") == signature)):
        _refuse_other_data(results, marker, data_checksum(known), study.force)
        metadata = _metadata(known, data, study.sampling)
    else:
        known, where = {}, shown(study.data or "")
        print(
            f"flowpaper: {where} was not read yet, so this is the plan for the {TWIN_RELEASE} release; "
            "make inspect DATA=... says what it is",
            file=sys.stderr,
        )
        metadata = {"release": TWIN_RELEASE, "synthetic": bool(data and is_twin(data)), "weighted": False}
    place = Path(shown(study.data)) if study.data and not data else data
    return Plan(study, name, place, **_of_plan(metadata), rows=known.get("rows", 0))


def _of_plan(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What of ``metadata`` decides which steps there are."""
    from analysis.dataset.release import load

    typed, timed = metadata.get("typed", True), bool(metadata.get("has_timestamps"))
    told = {"types": typed, "times": timed, "hosts": metadata.get("has_five_tuple"),
            "attempted": load(metadata["release"]).attempted,
            # Days tell what files stand in for.
            "files": not timed and not metadata["synthetic"]}  # fmt: skip
    plan = {key: metadata[key] for key in ("release", "synthetic", "weighted")}
    return plan | {"typed": typed, "told": tuple(name for name, there in told.items() if there)}


def data_of(name: str) -> str | None:
    """What to give as data to build ``name`` again; None for the twin or where there is no such build."""
    return (_known(Path("build", name, "input.json")) or {}).get("again")


def _origin(given: str | None, data: Path | None, earlier: Mapping[str, Any]) -> dict[str, str | None]:
    """Where the data came from, for readers, and what to give to have them again: of secrets, neither."""
    if given is None:
        return {"data": None, "again": None}
    if given == earlier.get("again"):
        return {key: earlier[key] for key in ("data", "again")}
    return {"data": shown(given), "again": given if given == shown(given) else str(data)}


def for_jobs(settings: Sequence[str], data: Path | None) -> list[str]:
    """What a call was told (``name=value``), as the jobs of a cluster are told it on their command lines.

    Others may read these, and logs hold them, so the file that was fetched stands in the place of its address.
    """
    pairs = [(one, *one.partition("=")) for one in settings]
    return [f"data={data}" if name == "data" and is_address(told) else one for one, name, _, told in pairs]


def _known(path: Path) -> Any:
    """What a JSON file holds; None where it is missing or damaged, so that it is found out anew."""
    try:
        return read_json(path)
    except (OSError, ValueError, UserError):
        return None


def demand_other(name: str | None, build: str) -> None:
    """UserError where models are to be tested on a build that is not there, or on the flows they are fitted on."""
    if name == build:
        raise UserError(f"test: {name} is this build itself, which holds its training flows; name another build")
    if name and not all(Path("build", name, "data", file).is_file() for file in ("clean.parquet", "metadata.json")):
        raise UserError(f"test: there is no build {name}; build it first: make paper DATA=... BUILD={name}")


def _name_of(data: Path) -> str:
    """A build name from a path: its last part without suffix, safe for every file system."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", data.resolve().stem).strip("-._")
    return name or "data"


def _signature(data: Path) -> list[Any]:
    """What tells, without reading them, that files are those of before; the time of the last change cannot be set."""
    states = [(str(flow_file), flow_file.path.stat()) for flow_file in flow_files(data)]
    signature = [[name, state.st_size, state.st_mtime_ns, state.st_ctime_ns] for name, state in states]
    return signature + [[name, 0, 0, 0] for name in unread(data)]


def _metadata(inspection: Mapping[str, Any], data: Path | None, sampling: str) -> dict[str, Any]:
    """What the steps need to know of the flows before they read them."""
    from analysis.dataset.release import load, tells_types

    if data is None:
        return {
            "data": TWIN,
            "synthetic": True,
            "release": TWIN_RELEASE,
            "features": list(load(TWIN_RELEASE).features),
            "lacks": [],
            "has_timestamps": False,
            "has_five_tuple": False,
            "grouped": [],
            "typed": True,
            "sampling": "natural",
            "weighted": False,
            "status": "unknown",
        }
    synthetic = is_twin(data)
    release = load(inspection["release"])
    drawn = inspection["sampling"] if sampling == "auto" else sampling
    keys = ("release", "features", "lacks", "has_timestamps", "has_five_tuple", "grouped", "status")
    return {
        "data": TWIN if synthetic else release.short,
        "synthetic": synthetic,
        **{key: inspection[key] for key in keys},
        "typed": tells_types(inspection["counts"], release.benign),
        "sampling": drawn,
        "weighted": drawn == "per_label" and bool(release.counts),
    }


def _refuse_other_data(results: Path, marker: Path, checksum: str, force: bool) -> None:
    """UserError where ``results`` are of other data, by their manifest, or by the marker where that is damaged."""
    if force or not (results / MANIFEST).is_file():
        return
    holds = _known(results / MANIFEST) or _known(marker) or {"data_checksum": None, "data": "unknown"}
    if data_checksum(holds) != checksum:
        raise UserError(
            f"build: {results} holds results of other data ({holds['data'] or TWIN}); "
            "choose another BUILD, or FORCE=1 to replace them"
        )


def _keep(path: Path, entry: Any) -> None:
    """Write a file only when its content changes, so that its time does not make the workflow run again."""
    if _known(path) != entry:
        write_json(path, entry)


if __name__ == "__main__":
    print(data_of(sys.argv[1]) or "")
