"""Watching a program's `fdatasync` calls between the lines that it says.

A kill loses nothing even without them, so only counting them shows that a commit reached the disk.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.store.programs import ROOT

SYNC = "sync"
_COUNTER = r"""
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>
static int told(long number, int fd) {
    if (write(1, "sync\n", 5) != 5) return -1;
    return (int)syscall(number, fd);
}
int fdatasync(int fd) { return told(SYS_fdatasync, fd); }
int fsync(int fd) { return told(SYS_fsync, fd); }
"""
_CALL = re.compile(r"(?P<sync>f(?:data)?sync)\(|write\(1, \"(?P<said>\w+)\\n\"")


def said_and_synced(command: Sequence[str], folder: Path) -> list[str]:
    """What the program said, with `SYNC` wherever it made the kernel write to the disk, in order."""
    for watch in (_with_strace, _with_counter):
        seen = watch(command, folder)
        if seen is not None:
            return seen
    if os.environ.get("CI"):
        pytest.fail("neither strace nor gcc can watch fdatasync here")
    pytest.skip("neither strace nor gcc can watch fdatasync here")


def _with_strace(command: Sequence[str], folder: Path) -> list[str] | None:
    trace = folder / "trace"
    watched = ["strace", "-f", "-e", "trace=fdatasync,fsync,write", "-o", str(trace), *command]
    if shutil.which("strace") is None or _output(watched) is None:
        return None
    calls = _CALL.finditer(trace.read_text())
    return [SYNC if call["sync"] else call["said"] for call in calls]


def _with_counter(command: Sequence[str], folder: Path) -> list[str] | None:
    source, library = folder / "counter.c", folder / "counter.so"
    source.write_text(_COUNTER)
    built = ["gcc", "-shared", "-fPIC", "-o", str(library), str(source)]
    if shutil.which("gcc") is None or _output(built) is None:
        return None
    said = _output(command, LD_PRELOAD=str(library))
    return None if said is None else said.split()


def _output(command: Sequence[str], **environment: str) -> str | None:
    """What it printed; None when it failed."""
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    return done.stdout if done.returncode == 0 else None
