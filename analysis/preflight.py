"""Before anything runs: the settings are valid, the input is what it should be, the build name is free.

Called while the workflow is read, so it must be quick when nothing changed: the inspection of the input is kept beside
the build under the sizes and times of its files.
"""

from __future__ import annotations

import fcntl
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from analysis import settings
from analysis.dataset.input.enough import refuse_too_little
from analysis.dataset.input.member import Member
from analysis.dataset.input.source import is_twin, located, members, naming_the_download, unread
from analysis.errors import UserError
from analysis.record.files import read_json, write_json

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

    @property
    def build(self) -> str:
        """Folder of the workflow's cache."""
        return f"build/{self.name}"

    @property
    def results(self) -> str:
        """Folder that the finished build is published to."""
        return f"results/{self.name}"


def prepare(config: Mapping[str, Any]) -> Plan:
    """Check everything that can be checked without running the study; UserError says what is wrong."""
    study = settings.load(config)
    data = None if study.data is None else located(study.data)
    name = study.build or ("twin" if data is None else _name_of(data))
    build = Path("build", name)
    with naming_the_download(study.data or ""):
        found = [] if data is None else members(data)
        passed_over = unread(data) if data else []
        inspection = _inspect(found, passed_over, build / "input.json")
    if found:
        refuse_too_little(inspection, study, study.data or "")
    _refuse_other_data(Path("results", name), inspection["identity"], study.force)
    about = _about(inspection, data, study.sampling)
    _keep(build / "data" / "about.json", about)
    _keep(build / "input.json", {**inspection, "data": study.data})
    if not Path("results", name, "build.json").is_file():
        # The results were removed by hand: forget that they were published, so that they are again.
        (build / "published.json").unlink(missing_ok=True)
    if found:
        _keep(build / "data" / "source.json", {"identity": inspection["identity"], "unread": passed_over})
    return Plan(study, name, data, about["release"], about["synthetic"], about["weighted"])


def lock(plan: Plan) -> IO[str]:
    """Hold the build for this process; the system frees it when the process ends, however it ends.

    UserError where another process holds it. Snakemake's own lock outlives a kill, so it is switched off.
    """
    file = Path(plan.build, ".lock").open("w")  # noqa: SIM115 (held until the process ends)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise UserError(f"another process is building {plan.name!r}; wait for it, or choose another BUILD") from None
    return file


def data_of(name: str) -> str | None:
    """The data that an earlier build of this name was made from; None for the twin or where there is none."""
    path = Path("build", name, "input.json")
    return read_json(path)["data"] if path.is_file() else None


def _name_of(data: Path) -> str:
    """A build name from a path: its last part without suffix, safe for every file system."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", data.resolve().stem).strip("-._")
    return name or "data"


def _inspect(found: list[Member], passed_over: list[str], record: Path) -> dict[str, Any]:
    """What the input is, from ``record`` where the files have not changed since."""
    if not found:
        return {"identity": TWIN, "signature": [], "files": []}
    signature = [[str(m), m.path.stat().st_size, m.path.stat().st_mtime_ns] for m in found]
    signature += [[name, 0, 0] for name in passed_over]
    if record.is_file() and (earlier := read_json(record))["signature"] == signature:
        return earlier
    # Imported here because an unchanged input needs none of it, and it takes a quarter of a second.
    from analysis.dataset.input.inspection import inspect

    return {"signature": signature, **inspect(found, unread=passed_over)}


def _about(inspection: Mapping[str, Any], data: Path | None, sampling: str) -> dict[str, Any]:
    """What the steps need to know of the flows before they read them."""
    from analysis.dataset.release import load

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
        "sampling": drawn,
        "weighted": drawn == "per_label" and bool(release.counts),
    }


def _refuse_other_data(results: Path, identity: str, force: bool) -> None:
    manifest = results / "build.json"
    if force or not manifest.is_file():
        return
    if (holds := read_json(manifest))["identity"] != identity:
        raise UserError(
            f"build: {results} holds results of other data ({holds['data'] or TWIN}); "
            "choose another BUILD, or FORCE=1 to replace them"
        )


def _keep(path: Path, entry: Any) -> None:
    """Write a file only when its content changes, so that its time does not make the workflow run again."""
    if not path.is_file() or read_json(path) != entry:
        write_json(path, entry)


if __name__ == "__main__":
    print(data_of(sys.argv[1]) or "")
