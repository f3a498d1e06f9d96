"""Starts Python programs from a process that has imported the relay already: starting is mostly importing.

Each is a process of its own, forked before anything of the relay has run: it has its own arguments,
environment, folder, standard streams and signals, and ends as any other. Orders come at a socket:
`python -m tests.journeys.warm_interpreter FD`.
"""

import gc
import json
import os
import runpy
import signal
import socket
import sys
import threading
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Self

from relay.cli.root import COMMANDS

ALSO = ("asyncpg", "uvloop", "relay.commands.asking", "relay.commands.here", "relay.store.postgresql")
"""What is imported only where it is wanted."""
LARGEST_ORDER_BYTES = 2**17


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A program to start: its command, and where. Four files come with it."""

    arguments: list[str]
    environment: dict[str, str]
    folder: str

    def send(self, door: socket.socket, streams: list[int], report: int) -> None:
        """Have it started; its process id, and its status once it has ended, come as lines on `report`."""
        socket.send_fds(door, [json.dumps(asdict(self)).encode()], [*streams, report])

    @classmethod
    def read(cls, text: bytes) -> Self:
        """What was sent."""
        return cls(**json.loads(text))

    def run(self) -> None:
        """Become this program."""
        os.chdir(self.folder)
        os.environ.clear()
        os.environ.update(self.environment)
        first, *rest = self.arguments[1:]
        if first == "-m":
            sys.argv = [first, *rest[1:]]
            runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
        else:
            sys.argv = [first, *rest]
            runpy.run_path(first, run_name="__main__")


def main() -> None:
    """Wait for orders; each returns here once, in a process of its own."""
    for name in COMMANDS.values():
        import_module(f"relay.cli.{name}")
    for name in ALSO:
        import_module(name)
    assert threading.active_count() == 1, "threads do not survive a fork"
    gc.collect()
    gc.freeze()
    if order := _next(socket.socket(fileno=int(sys.argv[1]))):
        order.run()


def _next(door: socket.socket) -> Order | None:
    """The order that this process is to carry out; None in the first process, when there are no more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who watches a program is not waited for
    while True:
        text, files, _, _ = socket.recv_fds(door, LARGEST_ORDER_BYTES, 4)
        if not text:
            return None
        if os.fork() == 0:
            door.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _fork_watched(files)
            return Order.read(text)
        for file in files:
            os.close(file)


def _fork_watched(files: list[int]) -> None:
    """Only the program returns from here; who watches it tells how it ends."""
    *streams, report = files
    if pid := os.fork():
        for stream in streams:
            os.close(stream)
        os.write(report, b"%d\n" % pid)
        _, status = os.waitpid(pid, 0)
        os.write(report, b"%d\n" % os.waitstatus_to_exitcode(status))
        os._exit(0)
    os.close(report)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)


if __name__ == "__main__":
    main()
