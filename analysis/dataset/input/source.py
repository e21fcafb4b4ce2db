"""Where flows come from: CSV and Parquet files, plain, packed, in archives or a folder, as a list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path, PurePath, PurePosixPath
from urllib.parse import unquote

from analysis.dataset.input import packed
from analysis.dataset.input.address import is_address, mistyped
from analysis.dataset.input.flow_file import FlowFile, Kind, damaged, unreadable
from analysis.dataset.input.headings import LABEL, folded, known
from analysis.dataset.input.packed import ADVICE, ARCHIVES, DAMAGED, PACKINGS, UNPACK
from analysis.errors import UserError
from analysis.printable import printable

ACCEPTED = "CSV and Parquet files, plain or packed (.gz, .xz, .bz2), in a folder, a zip or a tar"
KINDS: dict[str, Kind] = {".csv": "csv", ".parquet": "parquet"}
SPREADSHEET = "[Content_Types].xml"
"""A file that every spreadsheet has, which is a zip."""
MOST_FILES = 10_000
"""Files in one archive, with those in archives inside it."""


def flow_files(data: Path) -> list[FlowFile]:
    """The files of flows that ``data`` stands for, sorted by name; UserError where there are none or one is unfit.

    The name of each is its path within the folder or archive, with '/', and without '.gz' and the like.
    """
    try:
        if not data.exists():
            raise UserError(
                f"data: {data} is a link to a file that is not there; mend it"
                if data.is_symlink()
                else f"data: there is no file or folder {mistyped(str(data))}; give {ACCEPTED}"
            )
        if data.is_dir():
            _refuse_folder(data)
            found = _in_folder(data)
        else:
            held = _in_file(data, data.name)
            found = held.flow_files
            if not found:
                there = f"only {_some(held.names)}" if held.names else "it is empty"
                raise UserError(f"data: {data} holds no file of flows, {there}; give {ACCEPTED}")
    except OSError as error:
        raise UserError(f"data: {unreadable(error.filename or data, error)}") from None
    found.sort(key=lambda flow_file: (flow_file.name, str(flow_file)))
    for one, other in pairwise(found):
        if one.name == other.name:
            both = f"{one} stands there twice" if str(one) == str(other) else f"{one} and {other} stand for the same"
            raise UserError(f"data: {both}; keep only one")
    return found


def unread(data: Path) -> list[str]:
    """Names of files beside those read that look like flows or archives of them, such as a day saved as Excel."""
    read = flow_files(data)
    names = []
    if data.is_dir():
        paths = {flow_file.path for flow_file in read}
        names = [printable(path.relative_to(data).as_posix()) for path in _walk(data) if path not in paths]
    for archive in sorted({flow_file.path for flow_file in read if flow_file.inside}):
        names += [f"{printable(archive.name)}:{name}" for name in _in_file(archive, "").passed_over]
    last = {name: PurePosixPath(name.rpartition(":")[2]).name.lower() for name in names}
    return [name for name in names if _advice(last[name]) or re.search(r"\.(csv|parquet|zip|tar)\b", last[name])]


def _in_folder(folder: Path) -> list[FlowFile]:
    found: list[FlowFile] = []
    others: list[str] = []
    for path in _walk(folder):
        name = path.relative_to(folder).as_posix()
        inside = _in_file(path, name, f"{name}/").flow_files if _looks_read(path.name) else []
        found += inside
        if not inside:
            others.append(name)
    if not found:
        advice = sorted({f"{PurePath(name).suffix}: {_advice(name)}" for name in others if _advice(name)})
        there = f"only {_some(others)}" if others else "it is empty"
        hint = f" ({'; '.join(advice)})" if advice else ""
        raise UserError(f"data: the folder {folder} holds no file of flows, {there}; give {ACCEPTED}{hint}")
    return found


def _walk(folder: Path) -> Iterator[Path]:
    """Files below ``folder`` in a fixed order, through links, each folder once; UserError for what is none."""
    seen = {folder.resolve()}
    ahead = [folder]
    while ahead:
        for path in sorted(ahead.pop().iterdir()):
            if _hidden(path.name):
                continue
            if path.is_dir():
                _refuse_folder(path)
                if (real := path.resolve()) not in seen:
                    seen.add(real)
                    ahead.append(path)
            elif path.is_file():
                yield path
            elif _looks_read(path.name):
                what = "a link to a file that is not there" if path.is_symlink() else "not a regular file"
                raise UserError(f"data: {path} is {what}; mend or remove it")


def _looks_read(name: str) -> bool:
    return _kind(name) is not None or _bare(name).lower().endswith(ARCHIVES)


def _refuse_folder(path: Path) -> None:
    # Programs that write Parquet in pieces call the folder of the pieces like a file.
    if _looks_read(path.name) and path.suffix.lower() != ".parquet":
        raise UserError(f"data: {path} is a folder, though its name is that of a file; rename or move it")


def _in_file(path: Path, name: str, prefix: str = "") -> _Look:
    """What one file holds, known by its first bytes and else by its name.

    ``name`` is its own, where it is a file of flows; ``prefix`` stands before the names in an archive.
    """
    if not path.is_file():
        raise UserError(f"data: {path} is not a regular file; give {ACCEPTED}")
    if not packed.encodable(name):
        raise UserError(f"data: {str(path)!a} is not a name in UTF-8; rename the file")
    look = _Look(path)
    look.into(lambda: path.open("rb"), (), name, prefix)
    return look


class _Look:
    """One look into a file on disk and the archives in it.

    ``flow_files`` are those that hold flows, ``names`` all files in archives, ``passed_over`` those that hold none.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._most, self._unpacked = path, packed.limit(path), 0
        self.flow_files: list[FlowFile] = []
        self.names: list[str] = []
        self.passed_over: list[str] = []

    def into(
        self,
        opens: Callable[[], AbstractContextManager[packed.Stream]],
        inside: tuple[str, ...],
        name: str,
        prefix: str,
    ) -> None:
        """Add the files of flows in the file that ``opens``; UserError where it is nothing that is read."""
        what = printable(":".join([str(self._path), *inside]))
        begins = ""
        try:
            with ExitStack() as opened:
                stream = packed.unwrapped(opened.enter_context(opens()), self._most, what, opened)
                head = packed.start(stream)
                begins = packed.signature(head)
                if advice := _advice(name) or ADVICE.get(begins):
                    raise UserError(f"data: {what} cannot be read as it is; {advice}")
                if begins in ARCHIVES:
                    self._into_archive(stream, inside, prefix)
                    return
        except DAMAGED as error:
            if begins in ARCHIVES:
                raise UserError(f"data: {what} is not a complete {begins[1:]} file (truncated or damaged); "
                                "fetch it again") from None  # fmt: skip
            raise UserError(f"data: {damaged(what, error)}") from None
        suffix = PurePath(name).suffix.lower()
        if not begins and suffix in (*PACKINGS, *ARCHIVES) and not packed.is_text(head):
            raise UserError(f"data: {what} is damaged, or no {suffix} file in spite of its name; fetch it again")
        kind: Kind = "parquet" if begins == ".parquet" else _kind(name) or "csv"
        self.flow_files.append(FlowFile(printable(_bare(name)), self._path, inside, kind, _partition(self._path, name)))

    def _into_archive(self, stream: packed.Stream, inside: tuple[str, ...], prefix: str) -> None:
        if len(inside) >= packed.MOST_LAYERS:
            raise UserError(f"data: {self._path} holds too many archives within archives; {UNPACK}")
        with packed.entries(stream, self._path, self._most) as entries:
            for entry in entries:
                self.names.append(entry.name)
                if len(self.names) > MOST_FILES:
                    raise UserError(f"data: {self._path} holds over {MOST_FILES:,} files; {UNPACK}")
                if entry.name.endswith(SPREADSHEET):
                    raise UserError(f"data: {self._path} cannot be read as it is; {ADVICE['.xlsx']}")
                if any(map(_hidden, PurePosixPath(entry.name).parts)):
                    continue
                if not _looks_read(entry.name):
                    self.passed_over.append(printable(":".join([*inside, entry.name])))
                    continue
                self._unpacked += entry.size
                if self._unpacked > self._most:
                    raise UserError(f"data: {packed.bomb(self._path)}")
                name = prefix + entry.name
                self.into(entry.opened, (*inside, entry.key), name, f"{name}/")


def _partition(path: Path, name: str) -> str | None:
    """The label that a folder of the file says, where files are parted by label: ``Label=DoS%20Hulk``."""
    for part in reversed([*path.parent.parts, *PurePosixPath(name).parent.parts]):
        key, mark, value = part.partition("=")
        if mark and known().get(folded(key)) == LABEL:
            return unquote(value)
    return None


def _hidden(part: str) -> bool:
    return part.startswith(".") or part == "__MACOSX"


def _bare(name: str) -> str:
    """The name without the suffixes of what a file is packed in."""
    while PurePath(name).suffix.lower() in PACKINGS:
        name = name[: -len(PurePath(name).suffix)]
    return name


def _kind(name: str) -> Kind | None:
    return KINDS.get(PurePath(_bare(name)).suffix.lower())


def _advice(name: str) -> str | None:
    return ADVICE.get(PurePath(_bare(name)).suffix.lower())


def _some(names: list[str]) -> str:
    return ", ".join(sorted(names)[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


DOWNLOADS = Path("build", ".fetched")
"""What was fetched from addresses; the name begins with a dot so that no build is called so."""


def located(data: str) -> Path:
    """The data as a path; what stands at an http(s) address is fetched first."""
    if not is_address(data):
        return Path(data)
    from analysis.dataset.input.fetch import fetch  # takes long to load, and few need it

    return fetch(data, DOWNLOADS)


def kept(data: str) -> Path | None:
    """The data as a path, without the network; None where they stand at an address and were not fetched yet."""
    if not is_address(data):
        return Path(data)
    from analysis.dataset.input.fetch import fetched

    return fetched(data, DOWNLOADS)


@contextmanager
def naming_the_download(data: str) -> Iterator[None]:
    """Adds to what is wrong with a file that was fetched how to have it fetched anew."""
    try:
        yield
    except UserError as error:
        if not is_address(data):
            raise
        raise UserError(f"{error}\n  the file was kept; to fetch it anew, remove the folder {DOWNLOADS}") from None


TWIN_MARK = "twin.json"
"""A file that the twin generator leaves beside what it writes, so that nobody takes it for real flows."""


def is_twin(data: Path) -> bool:
    """Whether any of the files was written by the twin generator, whose mark stands in its folder or archive.

    A file that was copied out of its folder without the mark cannot be told from real flows.
    """
    read = flow_files(data)
    archives = {flow_file.path for flow_file in read if flow_file.inside}
    folders = {path.parent for flow_file in read for path in (flow_file.path, flow_file.path.resolve())}
    marked = any((folder / TWIN_MARK).is_file() for folder in {data, *folders})
    return marked or any(
        PurePosixPath(name).name == TWIN_MARK for path in archives for name in _in_file(path, "").names
    )
