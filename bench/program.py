"""Starts a program on core 0, waits until it may take traffic, and stops it as an operator would."""

import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.machine import on_core, raise_file_limit

CORE = 0
_START_SECONDS = 60
_STOP_SECONDS = 30
_LOG_TAIL = 2000


Command = Sequence[str | Path]


class NotRunningError(Exception):
    """The program under test did not start; the text ends with its log."""


@contextmanager
def started(
    command: Command,
    log: Path,
    is_ready: Callable[[], bool],
    environment: Mapping[str, str] | None = None,
) -> Iterator[int]:
    """The process' id. Raises: NotRunningError."""
    raise_file_limit()
    with log.open("wb") as output, on_core(CORE):
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    try:
        _wait_until(is_ready, process, log)
        yield process.pid
    finally:
        _stop(process)


def run_to_its_end(
    command: Command, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> None:
    """Raises: NotRunningError: it failed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=folder)
    if done.returncode:
        told = (done.stderr or done.stdout)[-_LOG_TAIL:]
        raise NotRunningError(f"{' '.join(map(str, command))} ended with {done.returncode}: {told}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int, path: str = "/readyz") -> bool:
    """Whether a GET is answered with 200."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait_until(is_ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if is_ready():
            return
        time.sleep(0.05)
    tail = log.read_text(errors="replace")[-_LOG_TAIL:]
    raise NotRunningError(f"not ready within {_START_SECONDS} s, exit code {process.poll()}: {tail}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
