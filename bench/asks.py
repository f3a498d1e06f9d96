"""Callbacks of a thousand devices whose owners' servers hang, beside others.

Plays those devices and their servers in a process of its own until it is ended. Each device calls every five
seconds, evenly spread; with `--ack` the relay has to ask its server for a downlink, which takes as long.

    python -m bench.asks --ingest http://127.0.0.1:8080/sigfox/data --secret ... --port 9200 --ack
"""

import argparse
import asyncio
import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp

from bench.machine import on_core, raise_file_limit
from bench.program import free_port
from bench.relay_process import Running, relay_command

COUNT = 1000
_CORE = 1
_FIRST_DEVICE = 0xA50000
_HOSTS = 50
_EVERY_SECONDS = 5.0


@contextmanager
def crowd(folder: Path, relay: Running, *, ack: bool) -> Iterator[None]:
    """The devices and their servers, until the end of the block. Raises: NotRunningError."""
    port = free_port()
    devices = folder / "crowd.csv"
    _write_devices(devices, port)
    relay_command(folder, "device", "import", os.fspath(devices))
    relay_command(folder, "device-type", "set", "default", "--downlink-chain", "ask")
    command = [sys.executable, "-m", "bench.asks", "--ingest", relay.ingest_url, "--secret", relay.secret]
    command += ["--port", str(port), *(["--ack"] if ack else [])]
    with on_core(_CORE):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        process.stdout.readline()  # it has begun
        yield
    finally:
        process.terminate()
        process.communicate()


def _write_devices(path: Path, port: int) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("device", "token", "email", "webhook_url"))
        for index in range(COUNT):
            url = f"http://127.0.200.{index % _HOSTS + 1}:{port}/"
            writer.writerow((f"{_FIRST_DEVICE + index:X}", "the-token-of-the-card", "", url))


async def _play(options: argparse.Namespace) -> None:
    server = await asyncio.start_server(_hang, "0.0.0.0", options.port, backlog=4096)
    connector = aiohttp.TCPConnector(limit=0)
    headers = {"Authorization": f"Bearer {options.secret}"}
    async with server, aiohttp.ClientSession(connector=connector, headers=headers) as session:
        print("begun", flush=True)
        devices = range(options.count)
        await asyncio.gather(*(_call_for_ever(session, index, options) for index in devices))


async def _call_for_ever(session: aiohttp.ClientSession, index: int, options: argparse.Namespace) -> None:
    """At fixed moments, however long the answers take."""
    due = time.monotonic() + _EVERY_SECONDS * index / options.count
    for number in range(1_000_000):
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        due += _EVERY_SECONDS
        await _call(session, options.ingest, _callback(index, number, options.ack))


async def _hang(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    while await reader.read(65536):
        pass


def _callback(index: int, number: int, ack: bool) -> bytes:
    device = f"{_FIRST_DEVICE + index:X}"
    fields = {"device": device, "time": int(time.time()), "data": "00", "seqNumber": number % 4096}
    return json.dumps({**fields, "ack": ack}).encode()


async def _call(session: aiohttp.ClientSession, url: str, body: bytes) -> None:
    async with session.post(url, data=body, headers={"Content-Type": "application/json"}) as response:
        await response.read()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.asks", description=__doc__)
    parser.add_argument("--ingest", required=True)
    parser.add_argument("--secret", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--ack", action="store_true")
    raise_file_limit()
    asyncio.run(_play(parser.parse_args()))


if __name__ == "__main__":
    main()
