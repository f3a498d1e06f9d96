"""What open pages cost: each keeps a stream on which the relay tells that something new came."""

import csv
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from bench.findings import Finding
from bench.plan import Plan, at_full_speed
from bench.program import NotRunningError
from bench.relay_process import Kind, Running, relay_command
from bench.rounds import cpu_us, interleaved, side_by_side
from bench.trial import Trial
from bench.visitor import sign_in

_COUNTS = (0, 100, 200, 400)
_MOST_SHARE, _PER_VIEWERS = 0.01, 100
_TOKEN = "the-token-of-the-card"
_FIRST_DEVICE = 0xA60000
_PATIENCE_SECONDS = 30


def viewers(plan: Plan) -> Finding:
    """CPU a message at full speed, without and with live pages of devices that send nothing meanwhile.

    The cost of a hundred is taken from the most, for the difference of one run and the next is larger.
    """
    trials = {
        count: Trial(
            load=at_full_speed(plan.messages),
            settings=plan.on_one_address,
            company=partial(watching, count=count),
        )
        for count in _COUNTS
    }
    runs = interleaved(
        plan.rounds, {_named(count): partial(trial.run, Kind.RELAY) for count, trial in trials.items()}
    )
    finding = side_by_side(
        f"Viewers: {plan.messages} messages beside live pages, {plan.rounds} rounds",
        f"{_PER_VIEWERS} live pages cost <= {_MOST_SHARE:.0%} of a message's CPU",
        runs,
    )
    most = _COUNTS[-1]
    more = cpu_us(runs[_named(most)]) / cpu_us(runs[_named(0)]) - 1
    share = more * _PER_VIEWERS / most
    finding.found = f"{share:.1%}"
    finding.require(share <= _MOST_SHARE, f"{share:.1%} for {_PER_VIEWERS} live pages")
    return finding


def _named(count: int) -> str:
    return f"{count} live pages"


@contextmanager
def watching(folder: Path, relay: Running, *, count: int) -> Iterator[None]:
    """So many owners are signed in, each with the live page of a device open, until the end of the block.

    Raises:
        NotRunningError: A stream did not begin, or ended.
    """
    if not count:
        yield
        return
    devices = [f"{_FIRST_DEVICE + index:X}" for index in range(count)]
    _import(folder, devices)
    host = urlsplit(relay.ingest_url).netloc
    with ExitStack() as stack:
        streams = [stack.enter_context(closing(_open_stream(host, device))) for device in devices]
        yield
        if ended := sum(map(_has_ended, streams)):
            raise NotRunningError(f"{ended} of {count} live pages ended")


def _import(folder: Path, devices: list[str]) -> None:
    path = folder / "viewers.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("device", "token", "email"), *((each, _TOKEN, "") for each in devices)])
    relay_command(folder, "device", "import", os.fspath(path))


def _open_stream(host: str, device: str) -> socket.socket:
    cookie = sign_in(host, device, _TOKEN)
    name, _, port = host.partition(":")
    stream = socket.create_connection((name, int(port)), _PATIENCE_SECONDS)
    head = f"GET /devices/{device}/live?after= HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n"
    stream.sendall(head.encode())
    answer = b""
    while b"retry:" not in answer:
        if not (part := stream.recv(65536)):
            raise NotRunningError(f"the live page answered {answer[:300]!r}")
        answer += part
    return stream


def _has_ended(stream: socket.socket) -> bool:
    stream.setblocking(False)
    try:
        while stream.recv(65536):
            pass
    except BlockingIOError:
        return False
    return True
