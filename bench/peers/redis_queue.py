"""Queues in Redis: an ingest that enqueues and answers 204, and a worker that posts; arq's and dramatiq's."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path

from bench.peers import BEGUN, REDIS_URL
from bench.peers.installed import Installed
from bench.program import Command, answers, free_port, listens, started
from bench.relay_process import Running, Surroundings

_DURABLE = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")
_THREADS = "16"


class Queue(StrEnum):
    ARQ = "arq"
    DRAMATIQ = "dramatiq"


@contextmanager
def redis_queue(queue: Queue, peers: Installed, around: Surroundings, *, durable: bool) -> Iterator[Running]:
    """Redis as it comes, or with an fsync before each answer; all three processes share one core.

    Raises:
        NotRunningError: One of them did not start.
    """
    folder, began, port, redis_port = around.folder, time.monotonic(), free_port(), free_port()
    environment = {**peers.environment, REDIS_URL: f"redis://127.0.0.1:{redis_port}/0"}
    keep = _DURABLE if durable else ()
    redis: Command = [peers.redis_server, "--port", str(redis_port), "--dir", folder, *keep]
    program, door = f"bench.peers.{queue}_ingest", ("--port", str(port), "--devices", around.devices)
    ingest: Command = [peers.python, "-m", program, *door]
    with ExitStack() as stack:
        redis_pid = stack.enter_context(
            started(redis, folder / "redis.log", partial(listens, redis_port), environment)
        )
        ingest_pid = stack.enter_context(
            started(ingest, folder / "ingest.log", partial(answers, port), environment)
        )
        worker_pids = stack.enter_context(_worker(queue, peers, folder, environment))
        yield Running(
            pids=(redis_pid, ingest_pid, *worker_pids),
            ingest_urls=(f"http://127.0.0.1:{port}/sigfox/data",),
            secret="",
            ready_seconds=time.monotonic() - began,
        )


@contextmanager
def _worker(
    queue: Queue, peers: Installed, folder: Path, environment: Mapping[str, str]
) -> Iterator[Sequence[int]]:
    """It writes the file when it begins to work."""
    begun = folder / "begun"
    commands: Mapping[Queue, Command] = {
        Queue.ARQ: [peers.python, "-m", "bench.peers.arq_worker"],
        Queue.DRAMATIQ: [
            peers.python, "-m", "dramatiq", "bench.peers.dramatiq_actor", "--processes", "1",
            "--threads", _THREADS,
        ],
    }  # fmt: skip
    environment = {**environment, BEGUN: str(begun)}
    with started(commands[queue], folder / "worker.log", begun.exists, environment) as pid:
        yield [pid, *_children(pid)]


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
