"""Deliveries as operators deal with them: looking, and sending one again."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from relay.domain.activity import Deed
from relay.domain.delivery import DeliveryState
from relay.store.activity import noted
from relay.store.driver import Do, Driver, Row, Steps
from relay.store.looking import read_attempt
from relay.store.records import KeptAttempt
from relay.store.tending import send_again

WINDOW = 10_000
"""Deliveries looked at in one transaction, so that a search for what is rare holds up nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDelivery:
    """A delivery with the message it brings; `host` is empty when its endpoint is gone."""

    id: int
    webhook_id: str
    uplink_id: int
    endpoint_id: int
    device_label: str
    host: str
    state: DeliveryState
    attempts: int
    tries: int
    due_at_ms: int
    leased: bool
    cause: str | None
    created_at_ms: int
    settled_at_ms: int | None
    time: int
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Deliveries, newest first; `next_before` goes into the next call, and is None at the end.

    A page may be short, even empty, before the end.
    """

    deliveries: Sequence[ListedDelivery]
    next_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedDelivery:
    """A delivery with all attempts that are kept of it."""

    delivery: ListedDelivery
    attempts: Sequence[KeptAttempt]


class Replayed(enum.Enum):
    """What became of the wish to send a delivery again."""

    DUE = enum.auto()
    UNKNOWN = enum.auto()
    UNDER_WAY = enum.auto()  # it is being tried at this moment


@dataclass(frozen=True, slots=True)
class Deliveries:
    """All deliveries of the store. Every method may raise `StoreUnavailable`."""

    driver: Driver

    async def list(self, *, device: int | None, state: DeliveryState | None, before: int, limit: int) -> Page:
        """Deliveries with ids below `before`."""
        if device is None:
            return await self.driver.transact(_newest(state or "", before, limit))
        return await self.driver.transact(_of_device(device, state or "", before, limit))

    async def find(self, delivery_id: int) -> TriedDelivery | None:
        """One delivery."""
        return await self.driver.transact(_find(delivery_id))

    async def replay(self, delivery_id: int, now_ms: int, deed: Deed | None = None) -> Replayed:
        """Make it due in a new round, in whatever state it is; it keeps its `webhook-id`."""
        return await self.driver.transact(noted(_replay(delivery_id, now_ms), deed, _when_due))


def _newest(state: str, before: int, limit: int) -> Steps[Page]:
    window = {"before": before, "window": WINDOW}
    rows = yield Do("list_deliveries", [{**window, "state": state, "limit": limit}])
    end = (yield Do("end_of_window", [window]))[0]
    next_before = end["first_id"] if end["count"] == WINDOW else None
    return _page(rows, limit, next_before)


def _of_device(device: int, state: str, before: int, limit: int) -> Steps[Page]:
    wanted = {"device": device, "state": state, "before": before, "limit": limit}
    return _page((yield Do("list_deliveries_of_device", [wanted])), limit, None)


def _page(rows: Sequence[Row], limit: int, after_all: int | None) -> Page:
    next_before = rows[-1]["id"] if len(rows) == limit else after_all
    return Page(deliveries=[_listed(row) for row in rows], next_before=next_before)


def _find(delivery_id: int) -> Steps[TriedDelivery | None]:
    rows = yield Do("find_delivery", [{"id": delivery_id}])
    if not rows:
        return None
    attempts = yield Do("attempts_of_delivery", [{"delivery_id": delivery_id}])
    return TriedDelivery(delivery=_listed(rows[0]), attempts=[read_attempt(row) for row in attempts])


def _when_due(replayed: Replayed) -> Mapping[str, str] | None:
    return {} if replayed is Replayed.DUE else None


def _replay(delivery_id: int, now_ms: int) -> Steps[Replayed]:
    if (yield from send_again([delivery_id], now_ms)):
        return Replayed.DUE
    exists = yield Do("find_delivery", [{"id": delivery_id}])
    return Replayed.UNDER_WAY if exists else Replayed.UNKNOWN


def _listed(row: Row) -> ListedDelivery:
    return ListedDelivery(
        id=row["id"],
        webhook_id=row["webhook_id"],
        uplink_id=row["uplink_id"],
        endpoint_id=row["endpoint_id"],
        device_label=row["device_text"].upper(),
        host=row["host"] or "",
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        tries=row["tries"],
        due_at_ms=row["due_at_ms"],
        leased=row["leased_by"] is not None,
        cause=row["cause"],
        created_at_ms=row["created_at_ms"],
        settled_at_ms=row["settled_at_ms"],
        time=row["time"],
        data=row["data"],
    )
