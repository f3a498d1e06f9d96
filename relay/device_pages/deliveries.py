"""The log of all deliveries of a device, and sending again what failed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from aiohttp import web

from relay.device_pages.frame import Tab, device_page
from relay.device_pages.listed import kept_days, list_messages, range_links
from relay.device_pages.message_filter import read_filter
from relay.device_pages.messages import settings_for
from relay.device_pages.owned import Owned
from relay.device_pages.replay_selected import MOST_SELECTED
from relay.domain.delivery import Cause
from relay.store.driver import Do, Row, Steps
from relay.store.message_filter import MessageFilter
from relay.store.messages import Message, MessageDelivery
from relay.store.one_message import hosts_of
from relay.store.replays import Replays
from relay.web.causes import cause_name, cause_sentence
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
    asked = read_filter(request.query, owned, await settings_for(request, owned))
    listed = await list_messages(request, owned, asked)
    if listed is None:
        return see_other(address(request.path, asked.query))
    driver, words = request.app[STORE].driver, owned.show.words
    attempts = await driver.transact(_read_attempts(owned.device.number, listed.page.messages))
    return await device_page(
        request,
        owned,
        Tab.DELIVERIES,
        "devices/deliveries.html",
        422 if asked.errors else 200,
        asked=asked,
        ranges=range_links(request, asked),
        causes=sorted(((cause, cause_name(words, cause)) for cause in Cause), key=itemgetter(1)),
        rows=list(_rows(owned, asked.meant, listed.page.messages, attempts)),
        listed=listed,
        here=address(request.path, asked.query),
        kept=owned.show.days(kept_days(request)),
        most_selected=MOST_SELECTED,
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


def _rows(
    owned: Owned, wanted: MessageFilter, messages: Sequence[Message], attempts: _Attempts
) -> Iterator[LogRow]:
    for message in messages:
        for delivery in message.deliveries:
            host = attempts.hosts.get(delivery.endpoint_id, "")
            tried = attempts.of.get(delivery.id, ())
            if not _fits(wanted, delivery, tried):
                continue
            if not tried:
                yield LogRow(message=message, delivery=delivery, host=host)
            for index, row in enumerate(tried):
                yield _row(owned, message, delivery, host, row, is_last=index == 0)


def _fits(wanted: MessageFilter, delivery: MessageDelivery, tried: Sequence[Row]) -> bool:
    """Whether it is this delivery of the message for which that was found."""
    status = tried[0]["status"] if tried else None
    return (
        wanted.state in ("", delivery.state)
        and wanted.cause in (None, delivery.cause)
        and (wanted.statuses is None or status in wanted.statuses)
    )


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
