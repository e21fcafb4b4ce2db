"""A Slurm of this host alone, from the system's packages, started and stopped by a test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

SETTINGS = Path("/etc/slurm/slurm.conf")
"""Where Slurm's own programs look: a job's environment names no other place."""
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol")
CONFIG = """\
ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
SlurmdTimeout=15
ReturnToService=2
MinJobAge=3600
MpiDefault=none
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory=8000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def why_not() -> str | None:
    """The reason for which no Slurm can be started here; None where one can."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    missing = [name for name in PROGRAMS if not shutil.which(name, path=path)]
    if missing:
        return f"Slurm is not installed: no {', '.join(missing)} (on Debian: apt-get install slurm-wlm munge)"
    if os.geteuid():
        return "a Slurm of one's own needs root"
    return f"this host has a Slurm already: {SETTINGS}" if SETTINGS.exists() else None


class Cluster:
    """Controller and daemon with all their files in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.chmod(0o755)  # munge trusts no folder that others may write to
        for name in ("state", "spool"):
            (folder / name).mkdir()
        (folder / "munge.key").write_bytes(os.urandom(1024))
        (folder / "munge.key").chmod(0o400)
        text = CONFIG.format(
            host=socket.gethostname().split(".")[0], folder=folder, ports=_free(2), cores=os.cpu_count()
        )
        SETTINGS.parent.mkdir(exist_ok=True)
        SETTINGS.write_text(text)

    def start(self) -> None:
        """Start all and wait until the node can be used."""
        names = {"key-file": "munge.key", "socket": "munge.socket", "pid-file": "munge.pid", "log-file": "munge.log",
                 "seed-file": "munge.seed"}  # fmt: skip
        self._run("munged", "--force", *(f"--{option}={self.folder / name}" for option, name in names.items()))
        for name in ("slurmctld", "slurmd"):
            self._run(name)
        self.wait("the node is idle", lambda: "idle" in self._run("sinfo", "--noheader", "--format=%t"))

    def again(self, name: str) -> None:
        """Start a daemon that was killed."""
        self._run(name)

    def kill(self, name: str) -> None:
        """Kill a daemon and what it started, as a host that loses power does."""
        number = int((self.folder / f"{name}.pid").read_text())
        if name == "slurmd":
            subprocess.run(["pkill", "-KILL", "slurmstepd"], check=False)
        os.kill(number, 9)
        self.wait(f"{name} is dead", lambda: not Path(f"/proc/{number}").exists())

    def states(self) -> list[str]:
        """State of every job, in the order of their numbers."""
        return self._run("squeue", "--states=all", "--noheader", "--sort=i", "--format=%T").split()

    def stop(self) -> None:
        """Stop all, whatever state they are in, and leave the system's folder as it was."""
        for name in ("slurmd", "slurmctld", "munge"):
            pid = self.folder / f"{name}.pid"
            if pid.is_file():
                subprocess.run(["kill", "-KILL", pid.read_text().strip()], check=False, capture_output=True)
        subprocess.run(["pkill", "-KILL", "slurmstepd"], check=False)
        SETTINGS.unlink(missing_ok=True)

    def wait(self, what: str, there: Callable[[], bool], seconds: float = 900) -> None:
        """Until something is so; the test fails, with the ends of the logs, where it does not come."""
        ends = time.monotonic() + seconds
        while not there():
            if time.monotonic() > ends:
                logs = "\n".join(f"{log.name}: {log.read_text()[-1500:]}" for log in self.folder.glob("*.log"))
                pytest.fail(f"in {seconds:.0f} s it did not come about that {what}\n{logs}")
            time.sleep(0.2)

    def _run(self, *command: str) -> str:
        path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PATH": path})
        if done.returncode and command[0] not in ("sinfo", "squeue"):  # which fail while the controller starts
            pytest.fail(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
        return done.stdout


def _free(count: int) -> list[int]:
    """Ports that nobody uses."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
