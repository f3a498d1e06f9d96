"""Open-loop load generator and webhook sink in one process, hence on one clock.

It plays both neighbours of the relay: it sends callbacks as the Sigfox cloud does and takes the webhooks as
the customers' servers do. Every message is accounted for: lost, duplicated, misrouted, corrupted. Latencies
count from the moment a message was due, so a relay that stalls cannot hide it.

    python -m bench.fleet devices.csv --count 1000
    relay device import devices.csv --config config.yaml
    python -m bench.loadgen --devices devices.csv --ingest http://127.0.0.1:8080/sigfox/data \\
        --header 'Authorization: Bearer …' --rate 1000 --seconds 20

On two cores pin the relay to one and this to the other (`taskset -c 1`). The exit code is 0 when every
message was acknowledged and delivered once, unharmed, to its own webhook.
"""

import argparse
import asyncio
import gc
import secrets
import sys
import time
from pathlib import Path

from bench.account import Account, describe, settle_account
from bench.books import Books
from bench.fleet import read_fleet
from bench.generator import Door, Generator
from bench.loop import run
from bench.machine import Usage, raise_file_limit
from bench.schedule import ClosedLoop, OpenLoop, Repeats, Schedule
from bench.sink import Manners, Sink

_CLOSED = "max"
_LOOK_SECONDS = 0.02


async def measure(options: argparse.Namespace) -> Account:
    """One run from the first connection to the last late duplicate."""
    fleet = read_fleet(options.devices)
    books = Books(secrets.randbits(32), fleet)
    sink = Sink(books, Manners(slow_seconds=options.slow_seconds, flaky_share=options.flaky_share))
    await sink.open(
        [*fleet, *(read_fleet(options.backlog) if options.backlog else [])],
        options.sink_certificates,
    )
    generator = Generator(
        [Door.at(url, options.header) for url in options.ingest],
        books,
        max_connections=max(options.connections, options.max_connections),
        timeout_seconds=options.ack_timeout,
    )
    try:
        return await _measure(options, books, sink, generator)
    finally:
        generator.close()
        sink.close()


async def _measure(options: argparse.Namespace, books: Books, sink: Sink, generator: Generator) -> Account:
    await generator.open(options.connections)
    schedule = _schedule(options)
    gc.collect()
    gc.freeze()
    gc.disable()  # no collector's pause in our clocks
    before = Usage.of_all(options.watch_pid)
    started, cpu_started = time.monotonic(), time.process_time()
    async with asyncio.TaskGroup() as tasks:
        watch = tasks.create_task(_watch_overdue(generator))
        await schedule.drive(generator, books)
        soaked_per_second = sink.soaked / (time.monotonic() - started)
        await _drain(generator, books, options.drain_seconds)
        watch.cancel()
    cpu_share = (time.process_time() - cpu_started) / (time.monotonic() - started)
    relay = _relay_usage(before, options.watch_pid, len(books)) if options.watch_pid else {}
    await asyncio.sleep(options.settle_seconds)  # late duplicates show up here
    return settle_account(
        books,
        started=started,
        cpu_share=cpu_share,
        closed_loop=isinstance(schedule, ClosedLoop),
        sink_connections=sink.connections.opened,
        soaked_per_second=round(soaked_per_second, 1),
        relay=relay,
    )


def _schedule(options: argparse.Namespace) -> Schedule:
    if options.rate == _CLOSED:
        return ClosedLoop(messages=options.messages, in_flight=options.connections)
    per_second = float(options.rate)
    return OpenLoop(
        per_second=per_second,
        messages=options.messages or int(per_second * options.seconds),
        burst=options.burst,
        poisson=options.poisson,
        repeats=Repeats(share=options.resend, after_seconds=options.resend_after),
    )


async def _watch_overdue(generator: Generator) -> None:
    while True:
        await asyncio.sleep(0.5)
        generator.end_overdue()


async def _drain(generator: Generator, books: Books, patience_seconds: float) -> None:
    """Waits until everything is answered, and everything that can be delivered is, or nothing comes any more.

    A relay that is behind is slow, and has lost nothing.
    """
    left, end = _open(generator, books), time.monotonic() + patience_seconds
    while any(left) and time.monotonic() < end:
        await asyncio.sleep(_LOOK_SECONDS)
        before, left = left, _open(generator, books)
        if left != before:
            end = time.monotonic() + patience_seconds


def _open(generator: Generator, books: Books) -> tuple[int, int]:
    return generator.unanswered, books.undelivered


def _relay_usage(before: Usage, pids: list[int], messages: int) -> dict[str, float]:
    after = Usage.of_all(pids)
    cpu_seconds = after.cpu_seconds - before.cpu_seconds
    return {
        "cpu_us_per_message": round(1e6 * cpu_seconds / max(1, messages)),
        "peak_mib": round(after.peak_mib, 1),
    }


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.loadgen",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--devices", type=Path, required=True, help="CSV with `device` and `webhook_url`, of bench.fleet")
    add("--backlog", type=Path, help="CSV of devices whose webhooks only take what waits for them")
    add("--ingest", required=True, nargs="+", metavar="URL", help="where callbacks are posted, in turn")
    add("--header", action="append", default=[], help="one more header of each callback (repeatable)")
    add("--rate", default="1000", help="callbacks a second, or `max`: closed loop")
    add("--seconds", type=float, default=20)
    add("--messages", type=int, help="how many (default rate x seconds; needed with --rate max)")
    add("--burst", type=int, default=1, help="so many at one instant, at the same mean rate")
    add("--poisson", action="store_true", help="gaps by chance instead of even ones")
    add("--connections", type=int, default=64, help="opened beforehand; in flight with --rate max")
    add("--max-connections", type=int, default=512)
    add("--ack-timeout", type=float, default=30, metavar="SECONDS")
    add("--resend", type=float, default=0, metavar="SHARE", help="sent a second time, delivered once")
    add("--resend-after", type=float, default=0.3, metavar="SECONDS")
    add("--slow-seconds", type=float, default=3)
    add("--flaky-share", type=float, default=0.5)
    add("--sink-certificates", type=Path, metavar="FOLDER", help="with HOST.pem each: the sink speaks TLS")
    add("--drain-seconds", type=float, default=30, help="without any progress, for the last deliveries")
    add("--settle-seconds", type=float, default=1, help="then wait so long for late duplicates")
    add("--watch-pid", type=int, nargs="*", default=[], help="the relay's processes: report CPU and memory")
    add("--json", type=Path, metavar="FILE", help="write the account")
    return parser


def main() -> int:
    parser = arguments()
    options = parser.parse_args()
    if options.rate == _CLOSED and not options.messages:
        parser.error("--rate max needs --messages")
    raise_file_limit()
    account = run(measure(options))
    if options.json:
        options.json.write_text(account.to_json())
    print(describe(account))
    return 0 if account.sound else 1


if __name__ == "__main__":
    sys.exit(main())
