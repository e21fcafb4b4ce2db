"""Byte by byte: what differs between two builds that should be the same, and where."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

TELLS_OF_ITS_RUN = ("logs", "benchmarks")
"""Folders of a build that say how long a step took, and when."""
MARKER = "published.json"
"""What the workflow notes of a publication; it tells the time as build.json does, whose checksum it holds."""
TIMES = ("published",)
"""What build.json says of the clock."""
AROUND = 40


@dataclass(frozen=True)
class Difference:
    """A file that is not the same in both builds, and what is different."""

    file: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what}"


def files_of(project: Path, name: str) -> dict[str, Path]:
    """Every file that the build ``name`` of a project publishes or keeps, by its path in the project."""
    found = {}
    for folder in (project / "results" / name, project / "build" / name):
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder).parts
            hidden = any(part.startswith(".") for part in inside)
            if path.is_file() and not hidden and inside[0] not in (*TELLS_OF_ITS_RUN, MARKER):
                found[path.relative_to(project).as_posix()] = path
    return found


def differences(first: dict[str, Path], second: dict[str, Path]) -> list[Difference]:
    """What is not the same in both, by name; empty where all bytes are, but those that tell the time."""
    found = []
    for name in sorted(first.keys() | second.keys()):
        if name not in second or name not in first:
            found.append(Difference(name, f"only in the {'second' if name in second else 'first'} build"))
            continue
        one, other = _bytes(first[name]), _bytes(second[name])
        if one != other:
            found.append(Difference(name, place(one, other)))
    return found


def place(one: bytes, other: bytes) -> str:
    """Where two contents part: the byte, and for text the line with what stands there in both."""
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    where = f"differs from byte {at:,} on ({len(one):,} and {len(other):,} bytes)"
    try:
        one.decode(), other.decode()
    except UnicodeDecodeError:
        return where
    line = one.count(b"\n", 0, at) + 1
    return f"{where}, line {line:,}: '{_around(one, at)}' and '{_around(other, at)}'"


def _around(content: bytes, at: int) -> str:
    return " ".join(content[max(at - AROUND, 0) : at + AROUND].decode(errors="ignore").split())


def _bytes(path: Path) -> bytes:
    content = path.read_bytes()
    if path.name != "build.json":
        return content
    manifest = json.loads(content)
    return json.dumps({key: value for key, value in manifest.items() if key not in TIMES}, indent=1).encode()
