"""Zips and tars for the tests, the same bytes each time; what is read of them, and how they are refused."""

from __future__ import annotations

import io
import tarfile
import warnings
import zipfile

import pytest

from analysis.dataset.input.source import flow_files
from analysis.errors import UserError


def zipped(files, method=zipfile.ZIP_DEFLATED):
    """A zip of ``files``, a dict or pairs of name (or ``ZipInfo``) and content."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of duplicate names
        for name, content in files if isinstance(files, list) else files.items():
            if isinstance(name, str):
                name = zipfile.ZipInfo(name)  # with a date of its own, not the clock's
                name.compress_type = method
            archive.writestr(name, content)
    return made.getvalue()


def tarred(files, link=None):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        if link:
            entry = tarfile.TarInfo(link)
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(entry)
    return made.getvalue()


def zip_at(path, files, method=zipfile.ZIP_DEFLATED):
    path.write_bytes(zipped(files, method))
    return path


def read(data):
    return {flow_file.name: flow_file.read() for flow_file in flow_files(data)}


def refused(data, message):
    with pytest.raises(UserError, match=message) as error:
        read(data)
    assert "\n" not in str(error.value)
