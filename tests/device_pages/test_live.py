"""An open page is told at once when something about its device changes."""

import asyncio
import json

from aiohttp import ClientResponse

from relay.web.keys import METRICS
from tests.device_pages.owner import NOW, OVERVIEW, accept, signed_in
from tests.pages import Pages


async def told(stream: ClientResponse) -> dict[str, object]:
    """The next event."""
    async with asyncio.timeout(20):
        while True:
            line = (await stream.content.readline()).decode()
            if line.startswith("data: "):
                found: dict[str, object] = json.loads(line.removeprefix("data: "))
                return found


async def test_a_new_message_is_told_to_who_watches(pages: Pages) -> None:
    metrics = pages.client.app[METRICS]
    await signed_in(pages)
    await accept(pages, seq_number=1, time=NOW - 10)
    async with pages.client.get(f"{OVERVIEW}/live?after={NOW - 10}_1_00ff_data") as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert await stream.content.readline() == b"retry: 3000\n"
        await accept(pages, device=0x4D5E6F, device_text="4D5E6F")  # somebody else's
        await accept(pages, seq_number=2, time=NOW)
        assert await told(stream) == {
            "newer": 1,
            "sentence": "1 new message, show it",
            "waiting": "1 new message waits.",
        }
        assert b"relay_sse_clients 1.0" in metrics.exposition()


async def test_of_a_filtered_list_only_what_it_would_show_is_told(pages: Pages) -> None:
    await signed_in(pages)
    await accept(pages, seq_number=1, time=NOW - 10)
    async with pages.client.get(f"{OVERVIEW}/live?after={NOW - 10}_1_00ff_data&text=cafe") as stream:
        await stream.content.readline()
        await accept(pages, seq_number=2, time=NOW - 5)
        assert (await told(stream))["newer"] == 0
        await accept(pages, seq_number=3, time=NOW, data="cafe")
        assert (await told(stream))["newer"] == 1


async def test_the_streams_end_when_the_relay_does(pages: Pages) -> None:
    await signed_in(pages)
    stream = await pages.client.get(f"{OVERVIEW}/live")
    await stream.content.readline()
    async with asyncio.timeout(5):
        await pages.client.server.close()


async def test_strangers_hear_nothing(pages: Pages) -> None:
    async with pages.client.get(f"{OVERVIEW}/live", allow_redirects=False) as answer:
        assert answer.status == 303
