"""A Python that has loaded the large libraries already, for the builds that tests make and the steps of these.

A quick build is mostly the starts of some eighty processes, each of which loads NumPy, SciPy, pandas, scikit-learn and
Matplotlib to compute for a moment. Here one process loads them once and waits at a socket; what stands as ``python``
first on the PATH of a step (``warm_client.py``) hands it the command line, folder, environment and files of the step,
and it forks: the fork becomes the step and runs its module as ``python -m`` does. Nothing of the project is loaded
before the fork, and nothing of a step is kept.

Only a process of one thread can be forked safely. The libraries start none as long as nothing is computed, but Polars
does as it is loaded, so each step loads that itself. A step whose environment would have had Python or a library start
otherwise, and any other call of ``python``, is run by the plain interpreter; so is everything where the system is not
Linux, or ``FLOWPAPER_TESTS_PLAIN`` is set. A build made so is compared byte by byte with a plain one (test_identical).
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import marshal
import os
import runpy
import select
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

LIBRARIES = (
    "argparse", "concurrent.futures", "html.parser", "matplotlib.pyplot", "numpy", "pandas", "pydantic",
    "scipy.special", "scipy.stats", "seaborn", "sklearn.ensemble", "sklearn.linear_model", "sklearn.metrics",
    "sklearn.pipeline", "sklearn.preprocessing", "snakemake.cli", "threadpoolctl", "yaml",
)  # fmt: skip
READ_AT_START = ("PYTHON", "LANG", "LC_", "OMP_", "OPENBLAS_", "MKL_", "VECLIB_", "MPL", "NPY_", "SCIPY_", "SKLEARN_")
"""How names of variables begin that Python or one of the libraries reads as it starts."""
OFF = "FLOWPAPER_TESTS_PLAIN"
PYTHON = "FLOWPAPER_TESTS_PYTHON"
"""The variable with the program that stands as ``python``."""
REFUSED = b"refused"


@contextlib.contextmanager
def started(folder: Path) -> Iterator[dict[str, str]]:
    """A server, as variables of the environment in which a step is served; none where it cannot be."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open") or OFF in os.environ:
        yield {}
        return
    client, path, setup = folder / "python", folder / "socket", folder / "setup.sh"
    words = (sys.executable, "-ISE", str(Path(__file__).with_name("warm_client.py")), str(path), sys.executable)
    client.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    client.chmod(0o755)
    # The workflow puts the folder of its own Python first, so the shell of each step has to put ours before that.
    setup.write_text(f"PATH={shlex.quote(str(folder))}:$PATH\n")
    command = [sys.executable, __file__, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        env=os.environ | {"PYTHONHASHSEED": "0"},
    ) as server:  # fmt: skip
        assert server.stdout is not None
        yield {"BASH_ENV": str(setup), PYTHON: str(client)} if server.stdout.readline() else {}
        server.communicate()  # it ends as its input does


def read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that a process has to have been started with."""
    return {name: text for name, text in environment.items() if name.startswith(READ_AT_START)}


def threads() -> int:
    """Threads of this process, those of libraries as well."""
    return len([*Path("/proc/self/task").iterdir()])


def received(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """What a client asks for, and its three files."""
    size, files, _, _ = socket.recv_fds(connection, 8, 3, socket.MSG_WAITALL)
    text = bytearray()
    while len(text) < int.from_bytes(size, "big") and (part := connection.recv(1 << 20)):
        text += part
    return marshal.loads(bytes(text)), files


def serve(path: str) -> None:
    """Answer clients until input ends; returns in a fork alone, as the step that it has become."""
    here = read_at_start(os.environ)
    running: dict[int, tuple[int, int, socket.socket]] = {}
    with socket.socket(socket.AF_UNIX) as listener, select.epoll() as events:
        listener.bind(path)
        listener.listen(64)
        for file in (0, listener.fileno()):
            events.register(file, select.EPOLLIN)
        os.write(1, b"ready\n")
        while True:
            [(file, _)] = events.poll(maxevents=1)  # one, since what the next is about may have ended with it
            if file == 0:
                for pid, _, _ in running.values():
                    os.killpg(pid, signal.SIGKILL)
                sys.exit()
            elif file == listener.fileno():
                connection, _ = listener.accept()
                try:
                    asked, files = received(connection)
                except EOFError:  # the client was killed as it spoke
                    continue
                if read_at_start(asked["environment"]) != here or threads() > 1:
                    connection.sendall(REFUSED)
                elif pid := os.fork():
                    os.setpgid(pid, pid)
                    ended = os.pidfd_open(pid)
                    running[ended] = running[connection.fileno()] = pid, ended, connection
                    for one in (ended, connection.fileno()):
                        events.register(one, select.EPOLLIN)
                else:
                    become(asked, files)
                    return
                for one in files:
                    os.close(one)
            else:
                pid, ended, connection = running[file]
                if file != ended:  # a client that says more has gone
                    os.killpg(pid, signal.SIGKILL)
                code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                with contextlib.suppress(OSError):
                    connection.sendall(str(code).encode())
                for one in (ended, connection.fileno()):  # forks hold both too, so closing would not be enough
                    events.unregister(one)
                    del running[one]
                connection.close()
                os.close(ended)


def become(asked: dict[str, Any], files: list[int]) -> None:
    """Take over what a process has from the one that starts it."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.umask(asked["umask"])
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = asked["words"]
    sys.path[0] = str(Path.cwd())


if __name__ == "__main__":
    for library in LIBRARIES:
        importlib.import_module(library)
    gc.collect()
    gc.freeze()
    serve(sys.argv[1])
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
