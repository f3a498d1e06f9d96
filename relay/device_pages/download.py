"""Everything that is kept of a device, as a ZIP of JSON files, written piece by piece."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import msgspec
from aiohttp import web

from relay.device_pages.owned import Owned
from relay.domain.activity import Action
from relay.domain.endpoint_options import MASK
from relay.store.activity import read_activity
from relay.store.arranging import Arranged, arranged
from relay.store.downlinks import Downlinks
from relay.store.endpoints import Endpoints
from relay.store.statistics import Statistics
from relay.store.store import Store
from relay.web.activity import note
from relay.web.keys import STORE

BATCH = 50
Batches = AsyncIterator[Sequence[object]]


class _Outlet:
    """What the archive wrote since it was last asked; a file that cannot be wound back."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is open."""

    def taken(self) -> bytes:
        """All of it, once."""
        written, self._written = self._written, bytearray()
        return bytes(written)


async def send_everything(request: web.Request, owned: Owned) -> web.StreamResponse:
    """The device with its webhooks, and a line for each message, downlink, event and thing that was done."""
    await note(request, owned.device.number, Action.DOWNLOADED)
    response = web.StreamResponse(
        headers={
            "Content-Type": "application/zip",
            "Content-Disposition": f'attachment; filename="{owned.device.label}.zip"',
            "Cache-Control": "no-store",
        }
    )
    await response.prepare(request)
    async for piece in _archive(owned, _files(request.app[STORE], owned)):
        await response.write(piece)
    await response.write_eof()
    return response


async def _archive(owned: Owned, files: Mapping[str, Batches]) -> AsyncIterator[bytes]:
    outlet = _Outlet()
    with ZipFile(outlet, "w") as archive:
        for name, batches in files.items():
            with archive.open(_entry(owned, name), "w", force_zip64=True) as file:
                async for batch in batches:
                    file.write(_lines(batch))
                    yield outlet.taken()
    yield outlet.taken()


def _entry(owned: Owned, name: str) -> ZipInfo:
    moment = datetime.fromtimestamp(owned.now_ms / 1000, owned.show.zone)
    entry = ZipInfo(f"{owned.device.label}/{name}", moment.timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    return entry


def _lines(batch: Iterable[object]) -> bytes:
    return b"".join(msgspec.json.encode(one) + b"\n" for one in batch)


def _files(store: Store, owned: Owned) -> Mapping[str, Batches]:
    number = owned.device.number
    return {
        "device.json": _device(store, owned),
        "messages.jsonl": _messages(store, number),
        "downlinks.jsonl": _downlinks(store, number),
        "events.jsonl": _events(store, number),
        "activity.jsonl": _activity(store, number),
    }


async def _device(store: Store, owned: Owned) -> Batches:
    listed = await Endpoints(store.driver).of_device(owned.device.number)
    found = [await store.driver.transact(arranged(one.id, store.vault)) for one in listed]
    webhooks = [
        {**_webhook(known), "state": one.health.state, "ordered": one.ordered}
        for one, known in zip(listed, found, strict=True)
        if known is not None
    ]
    yield [{"device": owned.device, "webhooks": webhooks}]


def _webhook(known: Arranged) -> dict[str, object]:
    """Without its secret, and without the values of its headers, which are nobody's to read."""
    settings = asdict(known.settings)
    settings["options"]["headers"] = [[name, MASK] for name, _ in known.settings.options.headers]
    return {"id": known.endpoint.id, "url": known.endpoint.url, **settings}


async def _messages(store: Store, number: int) -> Batches:
    """Callbacks of all kinds, with what became of each."""
    found = await store.uplinks_of_device(number, limit=BATCH)
    while found:
        yield found
        found = await store.uplinks_of_device(number, before=found[-1].id, limit=BATCH)


async def _downlinks(store: Store, number: int) -> Batches:
    page = await Downlinks(store.driver).list(number)
    yield [*page.pending, *page.past]
    while page.next_before is not None:
        page = await Downlinks(store.driver).list(number, before=page.next_before)
        yield page.past


async def _events(store: Store, number: int) -> Batches:
    statistics = Statistics(store.driver)
    found = await statistics.events(number, limit=BATCH)
    while found:
        yield found
        found = await statistics.events(number, before=found[-1].id, limit=BATCH)


async def _activity(store: Store, number: int) -> Batches:
    found = await store.driver.transact(read_activity(number, limit=BATCH))
    while found:
        yield found
        found = await store.driver.transact(read_activity(number, found[-1].id, BATCH))
