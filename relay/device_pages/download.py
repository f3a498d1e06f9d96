"""Everything that is kept of a device, as one JSON document, written piece by piece."""

import json
from collections.abc import AsyncIterator
from dataclasses import asdict

from aiohttp import web

from relay.device_pages.owned import Owned
from relay.domain.activity import Action
from relay.store.activity import read_activity
from relay.store.driver import Driver
from relay.store.endpoints import Endpoints
from relay.store.message_filter import NEWEST, MessageFilter
from relay.store.messages import Messages
from relay.store.statistics import Statistics
from relay.web.activity import note
from relay.web.keys import STORE

BATCH = 200
MOST_LISTED = 1000


async def send_everything(request: web.Request, owned: Owned) -> web.StreamResponse:
    """Device, webhooks, events, what was done, and each message with its deliveries; newest first."""
    await note(request, owned.device.number, Action.DOWNLOADED)
    name = f"{owned.device.label}.json"
    response = web.StreamResponse(
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        }
    )
    await response.prepare(request)
    driver = request.app[STORE].driver
    head = json.dumps(await _head(driver, owned), ensure_ascii=False, default=str)
    await response.write(f'{head[:-1]}, "messages": ['.encode())
    separator = "\n"
    async for batch in _messages(driver, owned.device.number):
        for text in batch:
            await response.write(f"{separator}{text}".encode())
            separator = ",\n"
    await response.write(b"\n]}\n")
    await response.write_eof()
    return response


async def _head(driver: Driver, owned: Owned) -> dict[str, object]:
    number = owned.device.number
    webhooks = await Endpoints(driver).of_device(number)
    activity = await driver.transact(read_activity(number, limit=MOST_LISTED))
    return {
        "device": asdict(owned.device),
        "webhooks": [
            {"id": one.id, "host": one.host, "state": one.health.state, "ordered": one.ordered}
            for one in webhooks
        ],
        "events": [asdict(one) for one in await Statistics(driver).events(number, limit=MOST_LISTED)],
        "activity": [asdict(entry) for entry in activity],
    }


async def _messages(driver: Driver, device: int) -> AsyncIterator[list[str]]:
    messages, place = Messages(driver), NEWEST
    while True:
        page = await messages.older(device, MessageFilter(), place, BATCH)
        yield [json.dumps(asdict(message), ensure_ascii=False, default=str) for message in page.messages]
        if page.ended_at is None:
            return
        place = page.ended_at
