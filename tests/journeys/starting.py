"""Start a program, from scratch or from a warm interpreter."""

import asyncio
import atexit
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

from tests.journeys.warm_interpreter import Order

ROOT = Path(__file__).parents[2]
LONGEST_LINE_BYTES = 2**20


def environment() -> dict[str, str]:
    """Ours without settings for the relay; byte code is kept, else each start compiles everything again."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("RELAY_", "DATABASE_URL"))
    }
    return {name: value for name, value in kept.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(slots=True, kw_only=True)
class Program:
    """A program that runs; `errors` is None where they come among the output."""

    pid: int
    output: asyncio.StreamReader
    errors: asyncio.StreamReader | None
    _ending: "asyncio.Task[int]"

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        folder: Path | None,
        *,
        stdin: bytes = b"",
        errors_apart: bool = False,
        warm: bool = True,
        variables: Mapping[str, str] | None = None,
    ) -> Self:
        """Start it, in the usual environment or with `variables` alone; only Python can be started warm."""
        with tempfile.TemporaryFile() as given:
            given.write(stdin)
            given.seek(0)
            files, output, errors = _pipes(errors_apart)
            try:
                start = _start_warm if warm and command[0] == sys.executable else _start
                order = Order(
                    arguments=list(command),
                    environment=dict(environment() if variables is None else variables),
                    folder=str(folder or Path.cwd()),
                )
                pid, ending = await start(order, [given.fileno(), *files])
            finally:
                for file in set(files):
                    os.close(file)
        return cls(
            pid=pid, output=await _reader(output), errors=errors and await _reader(errors), _ending=ending
        )

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._ending.result() if self._ending.done() else None

    async def wait(self) -> int:
        """Wait until it ends."""
        return await asyncio.shield(self._ending)

    async def read_to_end(self) -> tuple[bytes, bytes]:
        """All that it says, and wait until it ends."""
        streams = [stream.read() for stream in (self.output, self.errors) if stream]
        output, *errors = await asyncio.gather(*streams)
        await self.wait()
        return output, b"".join(errors)

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it did not end yet."""
        with contextlib.suppress(ProcessLookupError):
            if not self._ending.done():
                os.kill(self.pid, number)


def _pipes(errors_apart: bool) -> tuple[list[int], int, int | None]:
    """What the program writes to, and where to read it."""
    output, written = os.pipe()
    if not errors_apart:
        return [written, written], output, None
    errors, errors_written = os.pipe()
    return [written, errors_written], output, errors


async def _reader(file: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=LONGEST_LINE_BYTES)
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(file, "rb", 0))
    return reader


async def _start(order: Order, streams: list[int]) -> tuple[int, "asyncio.Task[int]"]:
    stdin, stdout, stderr = streams
    process = await asyncio.create_subprocess_exec(
        *order.arguments,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=order.environment,
        cwd=order.folder,
    )
    return process.pid, asyncio.create_task(process.wait())


async def _start_warm(order: Order, streams: list[int]) -> tuple[int, "asyncio.Task[int]"]:
    told, report = os.pipe()
    try:
        order.send(_warm_interpreter(), streams, report)
    finally:
        os.close(report)
    reader = await _reader(told)
    return int(await reader.readline()), asyncio.create_task(_last_number(reader))


async def _last_number(reader: asyncio.StreamReader) -> int:
    return int(await reader.read())


@cache
def _warm_interpreter() -> socket.socket:
    """One for each test process."""
    door, its_door = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its_door:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.warm_interpreter", str(its_door.fileno())],
            stdin=subprocess.DEVNULL,
            pass_fds=[its_door.fileno()],
            env=environment(),
            cwd=ROOT,
        )

    def end() -> None:
        door.close()
        process.wait()

    atexit.register(end)
    return door
