"""Stands as ``python`` before a step of a test's build: has it run by the server of ``warm.py``, and ends as it ended.

It imports little (no pathlib), because it is started for every step.
"""

import marshal
import os
import socket
import sys


def served(path: str, words: list[str]) -> int | None:
    """The exit code of ``python -m words`` as the server ran it, negative for a signal; None where it did not run."""
    umask = os.umask(0o077)
    os.umask(umask)
    place = {"folder": os.getcwd(), "umask": umask, "environment": dict(os.environ)}  # noqa: PTH109
    asked = marshal.dumps({"words": words, **place})
    with socket.socket(socket.AF_UNIX) as server:
        try:
            server.connect(path)
        except OSError:
            return None
        socket.send_fds(server, [len(asked).to_bytes(8, "big")], [0, 1, 2])
        server.sendall(asked)
        answer = server.recv(16)
    return None if answer == b"refused" else int(answer or 1)


def main(path: str, python: str, *words: str) -> None:
    """Run the workflow or a module of the project by the server, and anything else by the interpreter itself."""
    room = words[1].partition(".")[0] if words[:1] == ("-m",) and len(words) > 1 else ""
    ours = room == "snakemake" or (room != "" and os.path.isdir(room))  # noqa: PTH112
    code = served(path, list(words[1:])) if ours else None
    if code is None:
        os.execv(python, [python, *words])
    if code < 0:
        os.kill(os.getpid(), -code)
    os._exit(code % 256)


if __name__ == "__main__":
    main(*sys.argv[1:])
