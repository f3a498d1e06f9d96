"""An owner at work: signed in, with messages."""

from msgspec.structs import replace

from relay.domain.delivery import Cause, Delivery, Outcome
from relay.domain.uplink import Uplink
from relay.domain.verdict import Delivered, Verdict
from relay.store.records import Accepted, Incoming, RawCallback, Settlement
from tests.pages import DEVICE, TOKEN, Pages

OVERVIEW = f"/devices/{DEVICE}"
MESSAGES = f"{OVERVIEW}/messages"
NOW = 1_800_000_000
LONG_SECONDS = 60.0
UPLINK = Uplink(device=int(DEVICE, 16), device_text=DEVICE, time=NOW, data="00ff", rssi=-120.5, snr=9.5)
RAW = RawCallback(method="POST", query="", content_type="application/json", body='{"raw": "callback"}')


async def signed_in(pages: Pages, device: str = DEVICE, token: str = TOKEN) -> None:
    """Sign in."""
    await pages.client.post("/signin", data={"device_id": device, "token": token}, allow_redirects=False)


async def page(pages: Pages, path: str, status: int = 200) -> str:
    """A page's text."""
    async with pages.client.get(path) as answer:
        assert answer.status == status, await answer.text()
        return await answer.text()


async def post(pages: Pages, path: str, **fields: str) -> str:
    """What is shown after a form was posted."""
    async with pages.client.post(path, data=fields) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.text()


async def accept(pages: Pages, **changes: object) -> Accepted:
    """Keep one message as Sigfox brought it; its delivery is leased to this node."""
    uplink = replace(UPLINK, **changes)
    incoming = Incoming(
        uplink=uplink, raw=RAW, received_at_ms=uplink.time * 1000 + 800, lease_until_ms=NOW * 1000 + 60_000
    )
    return await pages.store.accept(incoming, LONG_SECONDS)


async def settle(pages: Pages, delivery: Delivery, verdict: Verdict | None = None, **outcome: object) -> None:
    """Write down how an attempt ended; well, unless something else is said."""
    said = Outcome(status=200, cause=None, at_ms=NOW * 1000, duration_ms=85, answer="ok")
    settlement = Settlement(
        delivery=delivery, outcome=replace(said, **outcome), verdict=verdict or Delivered()
    )
    await pages.store.settled(settlement, LONG_SECONDS)


FAILED = {"status": 500, "cause": Cause.SERVER_ERROR, "answer": "<b>broken</b>"}
