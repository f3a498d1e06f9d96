"""The last day of a device at a glance."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from relay.device_pages.message_rows import MessageRow, message_rows
from relay.device_pages.owned import Owned
from relay.domain.delivery import DeliveryState
from relay.domain.delivery_status import DeliveryStatus
from relay.domain.device_settings import DeviceSettings
from relay.domain.device_state import DeviceState
from relay.domain.device_status import EndpointFacts
from relay.domain.last_day import DAY_SECONDS, Bar, Sent, bars
from relay.store.driver import Do, Driver, Row, Steps
from relay.store.message_filter import NEWEST, MessageFilter
from relay.store.messages import Message, Messages
from relay.store.statistics import OfDevice, Statistics

MOST_LOOKED_AT = 300
MOST_TIMED = 100
MOST_FAILED = 20
NEWEST_SHOWN = 5
_HOUR_SECONDS = 3600
_WEEK_SECONDS = 7 * DAY_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What the overview shows of the last day; `median_ms` is how long the owner's server took to answer.

    `counts` are its messages by what became of them, `is_cut` says that there are more than were looked at.
    `last_status` is what the endpoint answered last that the status is about. `is_taken` says that the
    owner's server took a message, on that day or before.
    """

    rows: Sequence[MessageRow]
    today: int
    bars: Sequence[Bar]
    counts: Mapping[DeliveryStatus, int]
    is_cut: bool
    median_ms: float | None
    is_taken: bool
    last_status: int | None
    missed_in_week: int
    state: DeviceState | None

    @property
    def delivered(self) -> int:
        """How many messages were taken."""
        return self.counts.get(DeliveryStatus.DELIVERED, 0)

    @property
    def failed(self) -> int:
        """How many messages were given up."""
        return self.counts.get(DeliveryStatus.FAILED, 0)


async def read_glance(
    driver: Driver, owned: Owned, settings: DeviceSettings, endpoint: EndpointFacts | None
) -> Glance:
    """Read it; `endpoint` is the one that the status is about."""
    device, now, messages = owned.device.number, owned.now_ms // 1000, Messages(driver)
    newest = (await messages.older(device, MessageFilter(), NEWEST, NEWEST_SHOWN)).messages
    page = await messages.older(device, MessageFilter(since=now - DAY_SECONDS), NEWEST, MOST_LOOKED_AT)
    day = page.messages
    median_ms = await driver.transact(_median_ms(day))
    return Glance(
        rows=await message_rows(driver, owned, settings, newest),
        today=sum(1 for one in day if one.time * 1000 >= owned.show.start_of_day_ms()),
        bars=bars([Sent(time=one.time, status=one.status) for one in day], now),
        counts=_counts(day),
        is_cut=page.ended_at is not None,
        median_ms=median_ms,
        is_taken=median_ms is not None or await _has_taken(messages, device),
        last_status=await driver.transact(_last_status([*newest, *day], endpoint)) if endpoint else None,
        missed_in_week=await _missed_in_week(driver, device, now),
        state=await Statistics(driver).state(device),
    )


def _counts(messages: Sequence[Message]) -> Mapping[DeliveryStatus, int]:
    """In the order in which they are told."""
    found = Counter(one.status for one in messages)
    return {status: found[status] for status in reversed(DeliveryStatus) if found[status]}


async def _has_taken(messages: Messages, device: int) -> bool:
    wanted = MessageFilter(state=DeliveryState.DELIVERED)
    return bool((await messages.older(device, wanted, NEWEST, 1)).messages)


async def _missed_in_week(driver: Driver, device: int, now: int) -> int:
    since = now - _WEEK_SECONDS
    hours = await Statistics(driver).hours(OfDevice(device), since=since, until=now + _HOUR_SECONDS)
    return sum(hour.totals.missed for hour in hours)


def _median_ms(messages: Sequence[Message]) -> Steps[float | None]:
    """Of the last deliveries that were taken."""
    taken = [
        each.id for one in messages for each in one.deliveries if each.status is DeliveryStatus.DELIVERED
    ]
    rows = yield from _last_attempts(taken[:MOST_TIMED])
    return median(row["duration_ms"] for row in rows) if rows else None


def _last_status(messages: Sequence[Message], endpoint: EndpointFacts) -> Steps[int | None]:
    """Of the last attempt that failed as the endpoint did."""
    failed = [
        each.id
        for one in messages
        for each in one.deliveries
        if each.endpoint_id == endpoint.id and each.cause == endpoint.health.cause
    ]
    rows = yield from _last_attempts(failed[:MOST_FAILED])
    last = max(rows, key=lambda row: int(row["at_ms"]), default=None)
    return last["status"] if last else None


def _last_attempts(deliveries: Sequence[int]) -> Steps[Sequence[Row]]:
    return (yield Do("attempts_of_deliveries", [{"delivery_id": one, "limit": 1} for one in deliveries]))
