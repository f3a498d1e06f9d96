"""The log of all deliveries of a device, and sending again what failed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from relay.device_pages.frame import Tab, device_page
from relay.device_pages.message_filter import read_filter
from relay.device_pages.messages import list_messages
from relay.device_pages.owned import Owned
from relay.domain.delivery import Cause
from relay.store.driver import Do, Row, Steps
from relay.store.messages import Message, MessageDelivery
from relay.store.one_message import hosts_of
from relay.store.replays import Replays
from relay.web.causes import cause_sentence
from relay.web.keys import STORE
from relay.web.pages import see_other
from relay.web.query import address

MOST_ATTEMPTS = 15
MOST_REPLAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """One attempt, or a delivery that was not tried yet; `sentence` says why it did not deliver."""

    message: Message
    delivery: MessageDelivery
    host: str
    number: int | None = None
    at_ms: int | None = None
    status: int | None = None
    duration_ms: int | None = None
    sentence: str = ""
    is_last: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempts:
    """The attempts of each delivery, newest first, and the hosts of endpoints."""

    of: Mapping[int, Sequence[Row]]
    hosts: Mapping[int, str]


async def show_deliveries(request: web.Request, owned: Owned) -> web.StreamResponse:
    """One page of the log, message after message."""
    asked = read_filter(request.query, owned.show.zone)
    listed = await list_messages(request, owned, asked)
    if listed is None:
        return see_other(address(request.path, asked.query))
    driver = request.app[STORE].driver
    attempts = await driver.transact(_read_attempts(owned.device.number, listed.page.messages))
    return await device_page(
        request,
        owned,
        Tab.DELIVERIES,
        "devices/deliveries.html",
        asked=asked,
        rows=list(_rows(owned, listed.page.messages, attempts)),
        newer=listed.newer,
        older=listed.older,
        is_short=len(listed.page.messages) < 50,
        replays=await Replays(driver).of_device(owned.device.number, MOST_REPLAYS),
        week_ago=owned.show.local(owned.now_ms - 7 * 24 * 3600 * 1000).date().isoformat(),
    )


def _read_attempts(device: int, messages: Sequence[Message]) -> Steps[_Attempts]:
    ids = [delivery.id for message in messages for delivery in message.deliveries]
    wanted = [{"delivery_id": each, "limit": MOST_ATTEMPTS} for each in ids]
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in (yield Do("attempts_of_deliveries", wanted)):
        found[row["delivery_id"]].append(row)
    return _Attempts(of=found, hosts=(yield from hosts_of(device)))


def _rows(owned: Owned, messages: Sequence[Message], attempts: _Attempts) -> Iterator[LogRow]:
    for message in messages:
        for delivery in message.deliveries:
            host = attempts.hosts.get(delivery.endpoint_id, "")
            tried = attempts.of.get(delivery.id, ())
            if not tried:
                yield LogRow(message=message, delivery=delivery, host=host)
            for index, row in enumerate(tried):
                yield _row(owned, message, delivery, host, row, is_last=index == 0)


def _row(
    owned: Owned, message: Message, delivery: MessageDelivery, host: str, row: Row, *, is_last: bool
) -> LogRow:
    cause = Cause(row["cause"]) if row["cause"] else None
    words = owned.show.words
    return LogRow(
        message=message,
        delivery=delivery,
        host=host,
        number=row["number"],
        at_ms=row["at_ms"],
        status=row["status"],
        duration_ms=row["duration_ms"],
        sentence=cause_sentence(words, cause, host=host, status=row["status"]) if cause else "",
        is_last=is_last,
    )
