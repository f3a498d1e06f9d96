"""Makes any program's disk slow: compiles `fsync_delay.c` and names the environment that loads it."""

import os
import shutil
import subprocess
from pathlib import Path

_SOURCE = Path(__file__).with_name("fsync_delay.c")


class NoCompilerError(Exception):
    """There is no C compiler, so no disk can be made slow."""


def slow_disk(folder: Path, delay_ms: float) -> dict[str, str]:
    """Environment variables for the program to slow down. Raises: NoCompilerError."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise NoCompilerError("a slow disk needs gcc or cc")
    library = folder / "fsync_delay.so"
    command = [compiler, "-shared", "-fPIC", "-O2", "-o", os.fspath(library), os.fspath(_SOURCE), "-ldl"]
    subprocess.run(command, check=True)
    return {"LD_PRELOAD": os.fspath(library), "FSYNC_DELAY_US": str(int(delay_ms * 1000))}
