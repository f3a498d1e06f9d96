"""Thirteen kinds of receivers that mean harm, fifty of each at once."""

import asyncio
import gzip
import tracemalloc
from collections.abc import Mapping

import pytest
from yarl import URL

from relay.domain.delivery import Cause, Outcome
from relay.forwarder.guard import guarded_client
from relay.forwarder.prepare import WebhookRequest
from relay.forwarder.resolver import GuardedResolver
from relay.forwarder.send import send
from relay.store.driver import rows_of
from tests.forwarder.certificates import USUAL_TLS
from tests.forwarder.conftest import LOOPBACK, Clock, Rig
from tests.forwarder.receivers import OK, Answer, hangs, receiver, repeats, resets, says_and_closes, status

AT_ONCE = 50
TOTAL_SECONDS = 1.0
GRACE_SECONDS = 30.0
"""A machine may be busy; an attempt that does not end by itself never does."""
MOST_GROWTH_BYTES = 8 * 1024 * 1024

GZIP = "Content-Encoding: gzip\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
BOMB = gzip.compress(bytes(16 * 1024 * 1024))

HOSTILE: Mapping[str, Answer] = {
    "endless body": repeats(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n", b"x" * 4096),
    "endless chunks": repeats(CHUNKED, b"1000\r\n" + b"x" * 4096 + b"\r\n"),
    "endless chunk extension": repeats(CHUNKED + b"1;", b"x" * 4096),
    "dripping body": repeats(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b"x", 0.05),
    "dripping headers": repeats(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", 0.05),
    "endless headers": repeats(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 100),
    "one giant header": repeats(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 4096),
    "flood of early hints": repeats(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100),
    "packed bomb": says_and_closes(status(200, BOMB, GZIP)),
    "silence": hangs(),
    "half an answer": resets(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf"),
    "no http": repeats(b"", b"\x16\x03\x01\x00\xff" * 100),
    "redirect inward": says_and_closes(
        status(307, headers="Location: http://169.254.169.254/latest/meta-data/\r\n")
    ),
}


@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE)
async def test_each_attempt_ends_and_memory_stays(answer: Answer) -> None:
    resolver = GuardedResolver(LOOPBACK)
    async with (
        receiver(answer) as at,
        receiver(OK) as healthy,
        guarded_client(LOOPBACK, resolver, tls=USUAL_TLS, total_seconds=TOTAL_SECONDS) as client,
    ):

        async def attempt(url: str) -> Outcome:
            return await send(client, WebhookRequest(url=URL(url), headers={}, body=b"{}"), 0.0)

        assert (await attempt(healthy.url())).cause is None
        tracemalloc.start()
        try:
            async with asyncio.timeout(TOTAL_SECONDS + GRACE_SECONDS):
                outcomes = await asyncio.gather(*(attempt(at.url()) for _ in range(AT_ONCE)))
            grown = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert grown <= MOST_GROWTH_BYTES
        assert all(len(outcome.answer) <= 4096 for outcome in outcomes)
        assert (await attempt(healthy.url())).cause is None


POISON_ROWS = [
    "",
    "no url at all",
    "http://",
    "//host/",
    "http://example..com/",
    "http://.example/",
    "http://xn--a.example/",
    f"http://{'x' * 64}.example/",
    "http://host.example:99999/",
    "http://user:password@127.0.0.1/",
    "http://[::1",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://127.1:{port}/",
    "http://0x7f000001:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://127.0.0.1:{port}/\r\nX: y",
    "http://127.0.0.1:{port}/\x00",
    "http://127.0.0.1:{port}\\@example.com/",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "http://169.254.169.254/latest/meta-data/",
    "\ud7ff\U0010ffff",
    "x" * 100_000,
]


async def test_poison_that_got_into_the_database_stops_nothing(rig: Rig, clock: Clock) -> None:
    """Rows that no form would let in: sealed by the right key, in the right place."""
    async with receiver() as at:
        for number, poison in enumerate(POISON_ROWS, start=0xA00):
            await rig.register(at.url(), number)
            await put_url(rig, number, poison.replace("{port}", str(at.port)))
            await rig.offer(number)
        for number in range(0xA00, 0xA00 + len(POISON_ROWS)):
            delivery = await rig.settled(number)
            assert delivery.attempts[0].status is None
            assert delivery.cause in {Cause.BLOCKED_ADDRESS, Cause.BAD_URL, Cause.DNS, Cause.INTERNAL}
        assert at.connections == 0
        await rig.register(at.url(), 0xFFF)
        await rig.offer(0xFFF)
        assert (await rig.settled(0xFFF)).attempts[0].status == 200


async def put_url(rig: Rig, device: int, url: str) -> None:
    rows = await rig.store.driver.transact(rows_of("first_endpoint_of_device", device=device))
    endpoint_id = rows[0]["id"]
    await rig.store.driver.transact(
        rows_of(
            "reseal:endpoints.url_sealed",
            row_key=endpoint_id,
            sealed=rows[0]["url_sealed"],
            resealed=rig.store.vault.seal(url, f"endpoints.url:{endpoint_id}"),
        )
    )
