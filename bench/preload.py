"""Makes the world of a program worse without changing it: libraries that are loaded before its own."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from bench.fleet import ATTACKER


class NoCompilerError(Exception):
    """There is no C compiler, so nothing can be slowed down or made up."""


def surroundings(folder: Path, *, fsync_delay_ms: float, attacker: bool) -> Mapping[str, str]:
    """Environment variables for the program: a slow disk, and names that all lead to one address.

    Raises:
        NoCompilerError: Libraries are needed and cannot be made.
    """
    libraries, environment = [], {}
    if fsync_delay_ms:
        libraries.append(_compiled(folder, "fsync_delay"))
        environment["FSYNC_DELAY_US"] = str(int(fsync_delay_ms * 1000))
    if attacker:
        libraries.append(_compiled(folder, "attacker_names"))
        environment["ATTACKER_ADDRESS"] = ATTACKER
    return {"LD_PRELOAD": ":".join(libraries), **environment} if libraries else {}


def _compiled(folder: Path, name: str) -> str:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise NoCompilerError("a slow disk and an attacker's names need gcc or cc")
    library, source = folder / f"{name}.so", Path(__file__).with_name(f"{name}.c")
    command = [compiler, "-shared", "-fPIC", "-O2", "-o", os.fspath(library), os.fspath(source), "-ldl"]
    subprocess.run(command, check=True)
    return os.fspath(library)
