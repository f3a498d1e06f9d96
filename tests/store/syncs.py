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
    if _works("strace", "-f", "-o", str(folder / "trace"), "true"):
        return _with_strace(command, folder / "trace")
    (folder / "counter.c").write_text(_COUNTER)
    library = str(folder / "counter.so")
    if _works("gcc", "-shared", "-fPIC", "-o", library, str(folder / "counter.c")):
        return _output(command, LD_PRELOAD=library).split()
    if os.environ.get("CI"):
        pytest.fail("neither strace nor gcc can watch fdatasync here")
    pytest.skip("neither strace nor gcc can watch fdatasync here")


def _works(*command: str) -> bool:
    """Is the tool there, and allowed to do its work?"""
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _with_strace(command: Sequence[str], trace: Path) -> list[str]:
    _output(["strace", "-f", "-e", "trace=fdatasync,fsync,write", "-o", str(trace), *command])
    return [SYNC if call["sync"] else call["said"] for call in _CALL.finditer(trace.read_text())]


def _output(command: Sequence[str], **environment: str) -> str:
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
