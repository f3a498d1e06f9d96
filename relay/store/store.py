"""Everything durable, in the words of the domain."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay.domain.activity import Deed, Doer
from relay.domain.delivery import Delivery
from relay.domain.device import Device
from relay.domain.endpoint import Endpoint
from relay.domain.facts import Facts
from relay.domain.health import DEFAULT_POLICY, HealthPolicy
from relay.domain.signing import SECRET_BYTES, make_secret
from relay.errors import StoreUnavailable
from relay.store import binding, choosing, delivering, keyring, looking, provisioning
from relay.store.activity import noted
from relay.store.choosing import Choice
from relay.store.driver import Driver, rows_of
from relay.store.facts import KnownMessage, known_of_delivery, known_of_device
from relay.store.group_commit import GroupCommit
from relay.store.notices import Notices
from relay.store.outbox import Outbox, log_posted
from relay.store.records import (
    Accepted,
    Binding,
    Incoming,
    KeptUplink,
    ListedDevice,
    Registrant,
    Settlement,
)
from relay.store.registering import register
from relay.store.settling import HealthChange
from relay.store.vault import Vault

LAST_ID = 2**63 - 1
LONGEST_LEASE_MS = 2 * 3600 * 1000
"""No lease ends later, were it that the clock was set back by an hour."""


def new_webhook_id() -> str:
    """An id that no other delivery anywhere has; without a dot, since signatures join with dots."""
    return "msg_" + secrets.token_hex(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The store of one node. Every method may raise `StoreUnavailable`."""

    driver: Driver
    vault: Vault
    node: str
    writer: GroupCommit
    outbox: Outbox

    # --- messages and their deliveries

    def accept(self, incoming: Incoming, within_seconds: float) -> Coroutine[None, None, Accepted]:
        """Keep a callback; returns once it is durable."""
        return self.writer.accept(incoming, within_seconds)

    async def choice_of(self, uplink_id: int) -> Choice | None:
        """Which downlink was chosen for a message; None while its owner's server is being asked."""
        return await self.driver.transact(choosing.choice_of(uplink_id))

    def settle(self, settlement: Settlement) -> None:
        """Write down how an attempt ended, soon."""
        self.writer.settle(settlement)

    async def settled(self, settlement: Settlement, within_seconds: float) -> None:
        """The same; returns once it is written down, or its time is over and that is done later."""
        await self.writer.settled(settlement, within_seconds)

    async def claim_due(self, *, now_ms: int, lease_until_ms: int, limit: int) -> list[Delivery]:
        """Lease deliveries that are due to this node; none while outcomes wait that the database refused."""
        if self.writer.is_behind:
            raise StoreUnavailable("outcomes that could not be written come first")
        return await self.driver.transact(delivering.claim_due(self.node, now_ms, lease_until_ms, limit))

    async def claim_suspects(
        self, *, now_ms: int, lease_until_ms: int, crashes: tuple[int, int], limit: int
    ) -> list[Delivery]:
        """Lease deliveries that were in so many crashes (from, to) to this node."""
        steps = delivering.claim_suspects(self.node, now_ms, lease_until_ms, crashes=crashes, limit=limit)
        return await self.driver.transact(steps)

    async def known_of(self, delivery: Delivery) -> KnownMessage:
        """All that is known of the message that a delivery brings."""
        return await self.driver.transact(known_of_delivery(delivery))

    async def known_of_sample(self, sample: Facts, device: int) -> KnownMessage:
        """A message that no device sent, with what is set for this one."""
        return await self.driver.transact(known_of_device(device, sample))

    def watch_health(self, watcher: Callable[[Sequence[HealthChange]], None]) -> None:
        """Say who is told when this node's outcomes move an endpoint to another state."""
        self.writer.on_health = watcher

    async def give_back(self, deliveries: Sequence[Delivery], now_ms: int, later_ms: int = 0) -> None:
        """Return leases whose attempt was not made; due now, or later."""
        steps = delivering.give_back(deliveries, self.node, now_ms + later_ms, work=not later_ms)
        await self.driver.transact(steps)

    async def free_leases(self, now_ms: int) -> None:
        """Make due what a dead process held, and let go of what it asked; only where one process is alone."""
        await self.driver.transact(rows_of("free_leases", now_ms=now_ms, until_ms=now_ms + LONGEST_LEASE_MS))
        await self.driver.transact(rows_of("free_questions"))

    async def uplinks_of_device(
        self, number: int, *, before: int = LAST_ID, limit: int = 50
    ) -> list[KeptUplink]:
        """The newest uplinks of a device, with deliveries and attempts; `before` is an uplink's id."""
        return await self.driver.transact(looking.uplinks_of_device(number, before, limit))

    # --- devices and endpoints

    async def find_registrant(self, number: int) -> Registrant | None:
        """A device with its token's digest."""
        rows = await self.driver.transact(rows_of("read_device", number=number))
        if not rows:
            return None
        return Registrant(device=provisioning.read_device(rows[0]), token_digest=rows[0]["token_digest"])

    async def find_device(self, number: int) -> Device | None:
        """A device, if it was provisioned."""
        registrant = await self.find_registrant(number)
        return registrant.device if registrant else None

    async def list_devices(
        self, *, after: int = -1, limit: int = 500, type_id: int | None = None
    ) -> list[ListedDevice]:
        """Devices in the order of their numbers; of one type, or of all."""
        rows = await self.driver.transact(rows_of("list_devices", after=after, limit=limit, type_id=type_id))
        return [
            ListedDevice(device=provisioning.read_device(row), host=row["host"], type_name=row["type_name"])
            for row in rows
        ]

    async def provision(
        self, wanted: Sequence[provisioning.WantedDevice], *, language: str, now_ms: int
    ) -> list[provisioning.Provisioned]:
        """Add devices, or change those that exist; the answer is in the same order."""
        maker = provisioning.Maker(
            vault=self.vault, new_webhook_id=self.writer.new_webhook_id, language=language, now_ms=now_ms
        )
        return await self.driver.transact(provisioning.provision(wanted, maker))

    async def change_device(
        self, number: int, change: Callable[[Device], Device], deed: Deed | None = None
    ) -> Device | None:
        """Give a device other settings, checked before; None when there is no such device.

        Which settings are others now is written down with the deed.
        """
        steps = noted(provisioning.change_device(number, change), deed, provisioning.when_changed)
        changed = await self.driver.transact(steps)
        return changed.after if changed else None

    async def find_endpoint(self, endpoint_id: int) -> Endpoint | None:
        """An endpoint with its secrets in clear."""
        rows = await self.driver.transact(rows_of("read_endpoint", id=endpoint_id))
        return binding.open_endpoint(rows[0], self.vault) if rows else None

    async def bind_endpoint(
        self,
        *,
        device: int,
        url: str,
        host: str,
        email: str,
        language: str,
        now_ms: int,
        doer: Doer | None = None,
    ) -> Binding:
        """Make or change the first endpoint of a device that exists, and tell its owner by mail.

        It is written down who does so, if that is said.
        """
        wanted = binding.Wanted(
            device=device,
            url=url,
            host=host,
            email=email,
            language=language,
            fresh_secret=make_secret(secrets.token_bytes(SECRET_BYTES)),
        )
        steps = register(wanted, self.outbox, now_ms, self.writer.new_webhook_id, doer)
        bound, posted = await self.driver.transact(steps)
        log_posted(posted)
        return bound

    # --- the store itself

    @property
    def notices(self) -> Notices:
        """Where to hear that something changed."""
        return self.driver.notices

    @property
    def has_room(self) -> bool:
        """Whether the disk has room for callbacks."""
        return self.writer.has_room()

    async def with_retained_peppers(self) -> "Store":
        """The store, knowing tokens that were digested with secret keys that are gone."""
        vault = await self.driver.transact(keyring.with_retained_peppers(self.vault))
        return replace(self, vault=vault)

    async def installation_keys(self, now_ms: int) -> Sequence[Ed25519PrivateKey]:
        """The keys that sign for this installation, the present one first; made when first asked for."""
        fresh = Ed25519PrivateKey.generate()
        return await self.driver.transact(keyring.installation_keys(self.vault, fresh, now_ms))

    async def ping(self) -> None:
        """Answer, or raise."""
        await self.driver.transact(rows_of("ping"))


@asynccontextmanager
async def open_store(
    driver: Driver,
    vault: Vault,
    node: str,
    new_id: Callable[[], str] = new_webhook_id,
    health_policy: HealthPolicy = DEFAULT_POLICY,
    *,
    mails: bool = False,
    has_room: Callable[[], bool] = lambda: True,
) -> AsyncIterator[Store]:
    """A store whose writer runs; what was accepted and settled is committed before the driver closes.

    `mails` says that there is a mail server to which a postman brings what is in the outbox, `has_room`
    whether callbacks may be taken.
    """
    writer = GroupCommit(
        driver=driver, node=node, new_webhook_id=new_id, health_policy=health_policy, has_room=has_room
    )
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(writer.run(), name="store writer")
            try:
                outbox = Outbox(vault=vault, has_server=mails)
                yield Store(driver=driver, vault=vault, node=node, writer=writer, outbox=outbox)
            finally:
                writer.close()
    finally:
        await driver.close()
