"""A dispatcher with a real store, real sockets, and a clock that is moved by hand."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from relay.config.model import ForwarderSettings
from relay.domain.delivery import DeliveryState
from relay.domain.target import TargetPolicy
from relay.domain.uplink import Uplink
from relay.domain.verdict import RetryPolicy
from relay.forwarder.attempting import Attempting
from relay.forwarder.client import WebhookClient
from relay.forwarder.destinations import Destinations
from relay.forwarder.dispatcher import Dispatcher
from relay.forwarder.guard import guarded_client
from relay.forwarder.lanes import Lanes, Limits
from relay.forwarder.resolver import GuardedResolver
from relay.store.opening import OpenedDatabase
from relay.store.provisioning import WantedDevice
from relay.store.records import Accepted, Incoming, KeptDelivery, RawCallback
from relay.store.store import Store, open_store
from relay.store.vault import Vault
from tests.forwarder.certificates import USUAL_TLS
from tests.store.databases import open_migrated

LOOPBACK = TargetPolicy(allow_networks=(ipaddress.ip_network("127.0.0.0/8"),))
SECRET_KEY = "the secret key of the tests, 32 characters or more"
DEVICE = 0x1A2B3C
NO_SPREAD = 0.5
RAW = RawCallback(method="POST", query="", content_type="application/json", body="{}")


@dataclass(slots=True)
class Clock:
    """Stands still until it is moved."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    @property
    def now_ms(self) -> int:
        return round(self.now * 1000)


@dataclass(slots=True, kw_only=True)
class Rig:
    """A running store with one dispatcher. What is `offered` is what the ingest door would offer."""

    database: OpenedDatabase
    store: Store
    client: WebhookClient
    resolver: GuardedResolver
    clock: Clock
    dispatcher: Dispatcher = field(init=False)
    messages: int = 0

    def __post_init__(self) -> None:
        self.dispatcher = self.new_dispatcher()

    def new_dispatcher(
        self,
        *,
        store: Store | None = None,
        vault: Vault | None = None,
        policy: TargetPolicy = LOOPBACK,
        limits: Limits | None = None,
        schedule: Sequence[float] = ForwarderSettings().schedule,
        spread: Callable[[], float] = lambda: NO_SPREAD,
        timeout_seconds: float = ForwarderSettings().timeout,
    ) -> Dispatcher:
        store = store or self.store
        destinations = Destinations(vault or self.store.vault, policy)
        return Dispatcher(
            timeout_seconds=timeout_seconds,
            store=store,
            attempting=Attempting(store=store, client=self.client, destinations=destinations, now=self.clock),
            resolver=self.resolver,
            destinations=destinations,
            lanes=Lanes(limits or Limits(total=100, per_endpoint=2, per_address=8)),
            policy=RetryPolicy(schedule_seconds=tuple(schedule)),
            now=self.clock,
            spread=spread,
        )

    async def register(self, url: str, device: int = DEVICE) -> None:
        wanted = WantedDevice(
            label=f"{device:X}", token="token", order_email="", webhook_url=url, webhook_host="127.0.0.1"
        )
        await self.store.provision([wanted], language="en", now_ms=self.clock.now_ms)

    async def set_chain(self, device: int, chain: str) -> None:
        await self.store.change_device(device, lambda found: replace(found, downlink_chain=chain))

    async def accept(self, device: int = DEVICE, data: str = "aabb", *, leased: bool = True) -> Accepted:
        self.messages += 1
        uplink = Uplink(
            device=device,
            device_text=f"{device:X}",
            time=int(self.clock.now),
            seq_number=self.messages,
            data=data,
            rssi=-136.0,
            snr=14.99,
        )
        lease_until_ms = self.dispatcher.lease_until_ms() if leased else None
        incoming = Incoming(
            uplink=uplink, raw=RAW, received_at_ms=self.clock.now_ms, lease_until_ms=lease_until_ms
        )
        return await self.store.accept(incoming, 30)

    async def offer(self, device: int = DEVICE, data: str = "aabb") -> None:
        self.dispatcher.offer((await self.accept(device, data)).deliveries)

    async def kept(self, device: int = DEVICE) -> list[KeptDelivery]:
        """All deliveries of a device, oldest message first."""
        uplinks = await self.store.uplinks_of_device(device)
        return [delivery for uplink in reversed(uplinks) for delivery in uplink.deliveries]

    async def settled(self, device: int = DEVICE, attempts: int = 1) -> KeptDelivery:
        """A device's only delivery once that many attempts are written down and no lease is on it."""
        async with asyncio.timeout(30):
            while True:
                (delivery,) = await self.kept(device)
                if len(delivery.attempts) >= attempts and not delivery.leased:
                    return delivery
                await asyncio.sleep(0.005)

    async def until(self, state: DeliveryState, count: int = 1, device: int = DEVICE) -> list[KeptDelivery]:
        """Deliveries once this many of them have the state and no lease."""
        async with asyncio.timeout(30):
            while True:
                kept = await self.kept(device)
                if sum(one.state is state and not one.leased for one in kept) >= count:
                    return kept
                await asyncio.sleep(0.005)

    async def end_attempts(self) -> None:
        """Until no attempt runs."""
        while self.dispatcher._attempts:
            await asyncio.wait(self.dispatcher._attempts)


@asynccontextmanager
async def started(path: Path, clock: Clock) -> AsyncIterator[Rig]:
    """As at the start of the relay; ends as it does when the relay stops."""
    vault = Vault([SECRET_KEY])
    resolver = GuardedResolver(LOOPBACK, look_up=lambda _: ["127.0.0.1"])
    async with (
        open_migrated(path) as database,
        open_store(database.driver, vault, "node") as store,
        guarded_client(LOOPBACK, resolver, tls=USUAL_TLS, total_seconds=30) as client,
    ):
        await store.free_leases(clock.now_ms)
        rig = Rig(database=database, store=store, client=client, resolver=resolver, clock=clock)
        try:
            yield rig
        finally:
            await rig.dispatcher.stop(grace_seconds=0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def rig(tmp_path: Path, clock: Clock) -> AsyncIterator[Rig]:
    async with started(tmp_path / "relay.db", clock) as made:
        yield made
