"""What the tests of the store begin with; every time is a plain value that the test moves by hand."""

import asyncio
import dataclasses
from collections.abc import Sequence

from msgspec.structs import replace

from relay.domain.delivery import Cause, Course, Delivery, Outcome
from relay.domain.uplink import Kind, Uplink
from relay.domain.verdict import Delivered, Verdict
from relay.store.provisioning import WantedDevice
from relay.store.records import Accepted, Binding, Incoming, RawCallback, Settlement
from relay.store.store import Store
from relay.store.vault import Vault

KEY = "kTz8-jfGm0QpWl5xRcV7uYbN3sEaHdIo"
OTHER_KEY = "Zq4WnB8vL2xJ6tRy0PdFh5sMk1GcUa9E"
VAULT = Vault([KEY])

NOW = 1_800_000_000
NOW_MS = NOW * 1000
LEASE_UNTIL_MS = NOW_MS + 60_000
LONG_SECONDS = 60.0

LABEL = "1A2B3C"
DEVICE = int(LABEL, 16)
TOKEN = "c4rd-T0ken"
EMAIL = "owner@example.com"
URL = "https://hooks.example.com/endpoint?key=q8ZrT5"
HOST = "hooks.example.com"
OTHER_URL = "https://new.example.org/in"
OTHER_HOST = "new.example.org"
TEMPLATE = "{time}0000{rssi}"

UPLINK = Uplink(
    device=DEVICE, device_text="1a2b3c", time=NOW, data="00ff", seq_number=7, rssi=-120.0, snr=9.5
)
RAW = RawCallback(method="POST", query="a=1", content_type="application/json", body='{"device":"1a2b3c"}')
COURSE = Course(
    address="192.0.2.7",
    looked_up_ms=2,
    reached_ms=7,
    connected_ms=15,
    answered_ms=80,
    headers="Server: nginx\nX-A: ž",
)
_FLUSH = Uplink(kind=Kind.STATUS, device=0xFFFFFFFF, device_text="ffffffff", time=NOW)


def uplink(**changes: object) -> Uplink:
    """The usual uplink with some of its fields changed."""
    return replace(UPLINK, **changes)


def incoming(
    of: Uplink = UPLINK,
    *,
    raw: RawCallback = RAW,
    received_at_ms: int = NOW_MS,
    lease_until_ms: int | None = LEASE_UNTIL_MS,
) -> Incoming:
    """A callback that this node has room to send at once."""
    return Incoming(uplink=of, raw=raw, received_at_ms=received_at_ms, lease_until_ms=lease_until_ms)


async def accept(store: Store, of: Uplink = UPLINK, **other: object) -> Accepted:
    """Keep one callback, however long it takes."""
    return await store.accept(incoming(of, **other), LONG_SECONDS)


async def accept_at_once(
    store: Store, uplinks: Sequence[Uplink], **other: object
) -> list[Accepted | BaseException]:
    """Keep all callbacks concurrently; who failed is in the answer with the exception."""
    return await asyncio.gather(*(accept(store, one, **other) for one in uplinks), return_exceptions=True)


def device(label: str = LABEL, **changes: str) -> WantedDevice:
    """A device to provision, with a token and an e-mail."""
    fields = {"token": TOKEN, "order_email": EMAIL, "webhook_url": "", "webhook_host": "", **changes}
    return WantedDevice(label=label, **fields)


async def provision(store: Store, *devices: WantedDevice, now_ms: int = NOW_MS, language: str = "en") -> None:
    """Add devices; the usual one when none is named."""
    await store.provision(devices or (device(),), language=language, now_ms=now_ms)


async def bind(
    store: Store, url: str = URL, host: str = HOST, *, number: int = DEVICE, now_ms: int = NOW_MS
) -> Binding:
    """Register the device's endpoint as the form does."""
    return await store.bind_endpoint(
        device=number, url=url, host=host, email=EMAIL, language="en", now_ms=now_ms
    )


async def bound_device(store: Store) -> Binding:
    """The usual device with the usual endpoint."""
    await provision(store)
    return await bind(store)


async def answer_directly(store: Store, template: str, *, number: int = DEVICE) -> bool:
    """Have a device answered by a template; false when there is no such device."""
    changed = await store.change_device(
        number, lambda found: dataclasses.replace(found, downlink_template=template, downlink_chain="direct")
    )
    return changed is not None


async def waiting_deliveries(store: Store, due_at_ms: Sequence[int]) -> list[int]:
    """One delivery that nobody holds for each time; returns their uplinks' ids."""
    await bound_device(store)
    accepted = [
        await accept(store, uplink(seq_number=number), received_at_ms=due, lease_until_ms=None)
        for number, due in enumerate(due_at_ms)
    ]
    return [one.uplink_id for one in accepted]


def settlement(delivery: Delivery, verdict: Verdict | None = None, cause: Cause | None = None) -> Settlement:
    """An attempt that was taken, or one that failed for a cause."""
    outcome = Outcome(
        status=204 if cause is None else None,
        cause=cause,
        at_ms=NOW_MS,
        duration_ms=85,
        answer="ok",
        course=COURSE,
    )
    return Settlement(delivery=delivery, outcome=outcome, verdict=verdict or Delivered())


async def settle(store: Store, *settlements: Settlement) -> None:
    """Settle and wait until it is written: what is accepted later is committed no sooner."""
    for one in settlements:
        store.settle(one)
    await accept(store, _FLUSH)
