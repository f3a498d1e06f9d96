"""Endpoints as operators and owners deal with them: looking, pausing, resuming."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from relay.domain.activity import Deed
from relay.domain.endpoint import EndpointState
from relay.domain.health import Health
from relay.store import tending
from relay.store.activity import noted
from relay.store.counting import OpenDeliveries, open_at
from relay.store.driver import Driver, Row, rows_of
from relay.store.settling import read_health

DISCARD_AT_ONCE = 500


class Backlog(enum.StrEnum):
    """What happens on resume to what was held."""

    ALL = "all"  # all of it is sent, oldest first
    NEWEST = "newest"  # only the newest is sent, the rest is given up
    DISCARD = "discard"  # all of it is given up; it stays listed and can be replayed


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSummary:
    """An endpoint without its secrets."""

    id: int
    device: int
    device_label: str
    name: str
    host: str
    health: Health
    draining: bool
    ordered: bool


@dataclass(frozen=True, slots=True)
class Endpoints:
    """All endpoints of the store. Every method may raise `StoreUnavailable`."""

    driver: Driver

    async def list(self, *, state: EndpointState | None, after: int, limit: int) -> Sequence[EndpointSummary]:
        """A page of endpoints with ids above `after`."""
        if state is None:
            steps = rows_of("list_endpoints", after=after, limit=limit)
        else:
            steps = rows_of("list_endpoints_in_state", state=state, after=after, limit=limit)
        return [_summary(row) for row in await self.driver.transact(steps)]

    async def of_device(self, device: int) -> Sequence[EndpointSummary]:
        """The endpoints of one device."""
        return [
            _summary(row) for row in await self.driver.transact(rows_of("endpoints_of_device", device=device))
        ]

    async def open_deliveries(self, endpoint_id: int) -> Sequence[OpenDeliveries]:
        """What is not delivered, by state."""
        return await self.driver.transact(open_at(endpoint_id))

    async def pause(self, endpoint_id: int, deed: Deed | None = None) -> None:
        """Hold everything until somebody resumes; nothing is dropped."""
        await self.driver.transact(noted(tending.pause(endpoint_id), deed))

    async def resume(self, endpoint_id: int, backlog: Backlog, now_ms: int, deed: Deed | None = None) -> int:
        """Open it again; the answer is how many held deliveries were given up."""
        given_up = await self._give_up(endpoint_id, backlog, now_ms)
        await self.driver.transact(noted(tending.resume(endpoint_id), deed))
        return given_up

    async def _give_up(self, endpoint_id: int, backlog: Backlog, now_ms: int) -> int:
        newest = await self.driver.transact(tending.newest_held(endpoint_id))
        if backlog is Backlog.ALL or newest is None:
            return 0
        before = newest if backlog is Backlog.NEWEST else newest + 1
        total, batch = 0, DISCARD_AT_ONCE
        while batch == DISCARD_AT_ONCE:
            steps = tending.discard_some(endpoint_id, before, now_ms, DISCARD_AT_ONCE)
            batch = await self.driver.transact(steps)
            total += batch
        return total

    async def set_ordered(self, endpoint_id: int, ordered: bool, deed: Deed | None = None) -> bool:
        """One message at a time in the order of arrival, or not; false when there is no such endpoint."""
        return await self.driver.transact(noted(tending.set_ordered(endpoint_id, ordered), deed))


def _summary(row: Row) -> EndpointSummary:
    return EndpointSummary(
        id=row["id"],
        device=row["device"],
        device_label=row["label"],
        name=row["name"],
        host=row["host"],
        health=read_health(row),
        draining=bool(row["draining"]),
        ordered=bool(row["ordered"]),
    )
