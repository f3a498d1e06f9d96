"""The machine: what it is, its limits, and what a process used of it."""

import os
import platform
import resource
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_LIBRARIES = ("aiohttp", "uvloop", "aiosqlite", "orjson", "cryptography")
_MANY_FILES = 65536
_MIB = 2**20


def raise_file_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(_MANY_FILES, hard), hard))


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Processes started inside stay on one core, where the machine has more than one."""
    before = os.sched_getaffinity(0)
    cores = sorted(before)
    os.sched_setaffinity(0, {cores[core % len(cores)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    cpu_seconds: float
    peak_mib: float

    @classmethod
    def of(cls, pid: int) -> "Usage":
        """Of the process and its threads; all zero once it is gone."""
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            return cls(cpu_seconds=0, peak_mib=0)
        ticks = int(fields[11]) + int(fields[12])
        peak_kib = int(status.partition("VmHWM:")[2].split()[0])
        return cls(cpu_seconds=ticks / os.sysconf("SC_CLK_TCK"), peak_mib=peak_kib * 1024 / _MIB)

    @classmethod
    def of_all(cls, pids: Iterable[int]) -> "Usage":
        """Of several processes together."""
        each = [cls.of(pid) for pid in pids]
        return cls(
            cpu_seconds=sum(one.cpu_seconds for one in each), peak_mib=sum(one.peak_mib for one in each)
        )


def facts() -> dict[str, str]:
    return {
        "CPU": _cpu_model(),
        "cores": str(len(os.sched_getaffinity(0))),
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        **{name: _library(name) for name in _LIBRARIES},
        "commit": _commit(),
    }


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _library(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not used"


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent)
    return done.stdout.strip() or "unknown"
