"""1,000 callbacks at once, of which three in ten hang up."""

import asyncio
import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.journeys.relay_program import RelayProgram
from tests.wire import exchange, request_bytes

CALLBACKS = 1000
HANG_UP = 300


def callback(relay: RelayProgram, number: int) -> bytes:
    message = {"device": "E1", "time": 1_700_000_000, "data": f"{number:08x}", "seqNumber": number}
    headers = {"Authorization": f"Bearer {relay.secret}", "Content-Type": "application/json"}
    return request_bytes("POST", "/sigfox/data", headers, json.dumps(message).encode())


async def hang_up(port: int, request: bytes) -> None:
    """Send all of it and go, at a moment at which the relay may be anywhere."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await writer.drain()
    writer.transport.abort()


async def test_of_1000_at_once_each_that_was_acknowledged_is_stored(tmp_path: Path) -> None:
    relay = RelayProgram(tmp_path)
    gone = set(random.Random(30).sample(range(CALLBACKS), HANG_UP))
    stay = [number for number in range(CALLBACKS) if number not in gone]
    async with relay.running():
        leaving = asyncio.gather(*(hang_up(relay.port, callback(relay, number)) for number in gone))
        replies = await asyncio.gather(*(exchange(relay.port, callback(relay, number)) for number in stay))
        await leaving
    acknowledged = {number for number, reply in zip(stay, replies, strict=True) if reply.status == 204}
    stored = {int(data, 16) for data in stored_payloads(relay.database)}
    assert {reply.status for reply in replies} <= {204, 503}
    assert acknowledged <= stored <= acknowledged | gone
    assert len(acknowledged) >= (CALLBACKS - HANG_UP) / 2


def stored_payloads(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute("SELECT data FROM uplinks")]
