from __future__ import annotations

import errno
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.errors import UserError, explained, run

WRITES = """
import resource, signal, sys
from pathlib import Path
import polars as pl
from analysis.errors import run
from analysis.record import write_atomically, write_json

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
target = Path(sys.argv[1])

def main():
    if target.suffix == ".parquet":
        with write_atomically(target) as temporary:
            pl.DataFrame({"x": range(100_000)}).write_parquet(temporary, compression="uncompressed")
    else:
        write_json(target, list(range(10_000)))

run(main)
"""


@pytest.mark.parametrize("name", ["values.json", "flows.parquet"])
def test_a_disk_that_fills_while_writing(name, tmp_path):
    target = tmp_path / name
    target.write_text("as it was")
    done = subprocess.run([sys.executable, "-c", WRITES, str(target)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"flowpaper: {target}: no room left" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [name], "nothing half-written is left"
    assert target.read_text() == "as it was"


def test_the_limit_of_the_test_exists():
    assert resource.RLIMIT_FSIZE is not None
    assert signal.SIGXFSZ


def test_a_right_that_is_missing():
    with pytest.raises(UserError, match=r"/x/y: Permission denied; check the rights"), explained():
        raise PermissionError(errno.EACCES, "Permission denied", "/x/y")


def test_other_faults_keep_their_traceback():
    with pytest.raises(FileNotFoundError), explained():
        Path("/nowhere/at/all").read_bytes()


def test_a_user_error_is_one_line(capsys):
    def main():
        raise UserError("flows.csv, row 3: wrong")

    with pytest.raises(SystemExit) as stopped:
        run(main)
    assert stopped.value.code == 2
    assert capsys.readouterr().err == "flowpaper: flows.csv, row 3: wrong\n"
