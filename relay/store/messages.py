"""The messages of a device as its owner looks for them: newest first by the network's time, page by page.

However many there are, one transaction looks at no more than `WINDOW` of them, and one page at no more than
`MOST_WINDOWS` windows; where it ended is where the next page goes on.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice

from relay.domain.delivery import DeliveryState
from relay.domain.delivery_status import DeliveryStatus, delivery_status, message_status
from relay.store.driver import Do, Driver, Row, Steps, rows_of
from relay.store.message_filter import MessageFilter, Place, StateRange

WINDOW = 5_000
STATE_WINDOW = 1_500
"""Looking at deliveries takes longer than looking at messages alone."""
DECODED_WINDOW = 200
"""So does reading payloads."""
MOST_WINDOWS = 4
MANY_KINDS = 4
"""Beside messages there are callbacks of other kinds: how many rows are looked at for one that is wanted."""
MOST_COUNTED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDelivery:
    """What became of a message at one endpoint."""

    id: int
    endpoint_id: int
    webhook_id: str
    state: DeliveryState
    status: DeliveryStatus
    attempts: int
    due_at_ms: int
    is_leased: bool
    cause: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message; `radio` is the JSON of `relay.domain.radio`, or empty."""

    id: int
    place: Place
    rssi: float | None
    snr: float | None
    station: str | None
    ack: bool
    repeats: int
    downlink: str
    downlink_reason: str
    radio: str
    received_at_ms: int
    deliveries: tuple[MessageDelivery, ...] = ()

    @property
    def data(self) -> str:
        """The payload in lower-case hex."""
        return self.place.data

    @property
    def time(self) -> int:
        """Of the reception by the network, in Unix seconds."""
        return self.place.time

    @property
    def seq_number(self) -> int | None:
        """The device's own number of the message."""
        return self.place.seq_number if self.place.seq_number >= 0 else None

    @property
    def status(self) -> DeliveryStatus:
        """Of the delivery that needs most attention."""
        return message_status(each.status for each in self.deliveries)


@dataclass(slots=True, kw_only=True)
class MessagePage:
    """Some messages, newest first; `ended_at` is where the look for more goes on, None at the end."""

    messages: list[Message] = field(default_factory=list)
    ended_at: Place | None = None


@dataclass(frozen=True, slots=True)
class _Side:
    """Which way to look: the statement for what is there, and the one for where its window ends."""

    messages: str
    end: str
    open_ones: str


_OLDER = _Side("older_messages", "end_of_older", "older_open_messages")
_NEWER = _Side("newer_messages", "end_of_newer", "newer_open_messages")


@dataclass(frozen=True, slots=True)
class Messages:
    """All messages of the store. Every method may raise `StoreUnavailable`."""

    driver: Driver

    async def older(self, device: int, wanted: MessageFilter, place: Place, limit: int) -> MessagePage:
        """Those before a place."""
        start = min(place, Place(time=wanted.until, seq_number=-(2**62)), key=_order)
        return await self._look(_OLDER, device, wanted, start, limit)

    async def newer(self, device: int, wanted: MessageFilter, place: Place, limit: int) -> MessagePage:
        """Those after a place that are nearest to it."""
        page = await self._look(_NEWER, device, wanted, place, limit)
        page.messages.reverse()
        return page

    async def count_newer(self, device: int, place: Place) -> int:
        """How many there are after a place; at most `MOST_COUNTED`."""
        wanted = {**asdict(place), "device": device, "limit": MOST_COUNTED}
        return int((await self.driver.transact(rows_of("count_newer_messages", **wanted)))[0]["count"])

    async def _look(
        self, side: _Side, device: int, wanted: MessageFilter, start: Place, limit: int
    ) -> MessagePage:
        page = MessagePage(ended_at=start)
        for _ in range(MOST_WINDOWS):
            if page.ended_at is None or len(page.messages) >= limit:
                break
            left = limit - len(page.messages)
            found, page.ended_at = await self._window(side, device, wanted, page.ended_at, left)
            page.messages += found
        return page

    async def _window(
        self, side: _Side, device: int, wanted: MessageFilter, start: Place, limit: int
    ) -> tuple[list[Message], Place | None]:
        if wanted.says is None:
            return await self.driver.transact(_window(side, device, wanted, start, limit))
        rows, end = await self.driver.transact(_payloads(side, device, wanted, start))
        # Here, where it holds up no transaction.
        fitting = list(islice((row for row in rows if wanted.says(row["data"])), limit + 1))
        if len(fitting) > limit:
            fitting = fitting[:limit]
            end = _place(fitting[-1])
        return await self.driver.transact(with_deliveries(fitting)), end


def _window(
    side: _Side, device: int, wanted: MessageFilter, start: Place, limit: int
) -> Steps[tuple[list[Message], Place | None]]:
    """One window: what fits in it, and from where to go on."""
    look = _look(side, device, wanted, start)
    if wanted.open_states and (yield from _are_few(device, wanted.open_states)):
        rows = yield Do(side.open_ones, [{**look, "window": STATE_WINDOW, "limit": limit + 1}])
        end = _place(rows[limit - 1]) if len(rows) > limit else None
    else:
        rows, end = yield from _rows(side, look, _window_size(wanted, limit), limit)
    return (yield from with_deliveries(rows[:limit])), end


def _payloads(
    side: _Side, device: int, wanted: MessageFilter, start: Place
) -> Steps[tuple[Sequence[Row], Place | None]]:
    """What fits in a window but for what its payloads say."""
    look = _look(side, device, wanted, start)
    return (yield from _rows(side, look, DECODED_WINDOW, DECODED_WINDOW))


def _look(side: _Side, device: int, wanted: MessageFilter, start: Place) -> dict[str, object]:
    edge = {"since": wanted.since} if side is _OLDER else {"until": wanted.until}
    return {**asdict(start), **edge, **wanted.conditions(), "device": device}


def _rows(
    side: _Side, look: dict[str, object], window: int, limit: int
) -> Steps[tuple[Sequence[Row], Place | None]]:
    """At most one more than the limit; then the place of the last within it, else where the window ends."""
    rows = yield Do(side.messages, [{**look, "window": window, "limit": limit + 1}])
    if len(rows) > limit:
        return rows, _place(rows[limit - 1])
    end = yield Do(side.end, [{**look, "window": window - 1}])
    return rows, _place(end[0]) if end else None


def _window_size(wanted: MessageFilter, limit: int) -> int:
    if wanted.looks_at_deliveries:
        return STATE_WINDOW
    return WINDOW if wanted.is_narrow else MANY_KINDS * (limit + 1)


def _are_few(device: int, states: StateRange) -> Steps[bool]:
    asked = {"device": device, "first_state": states[0], "last_state": states[1], "window": STATE_WINDOW}
    return bool((yield Do("count_open_messages", [asked]))[0]["count"] < STATE_WINDOW)


def with_deliveries(rows: Sequence[Row]) -> Steps[list[Message]]:
    """Messages from their rows, with what became of them."""
    found = yield Do("deliveries_of_message", [{"uplink_id": row["id"]} for row in rows])
    deliveries: defaultdict[int, list[MessageDelivery]] = defaultdict(list)
    for row in found:
        deliveries[row["uplink_id"]].append(_delivery(row))
    return [replace(_message(row), deliveries=tuple(deliveries[row["id"]])) for row in rows]


def _message(row: Row) -> Message:
    return Message(
        id=row["id"],
        place=_place(row),
        rssi=row["rssi"],
        snr=row["snr"],
        station=row["station"],
        ack=bool(row["ack"]),
        repeats=row["repeats"],
        downlink=row["downlink"],
        downlink_reason=row["downlink_reason"],
        radio=row["radio"],
        received_at_ms=row["received_at_ms"],
    )


def _delivery(row: Row) -> MessageDelivery:
    is_leased = row["leased_by"] is not None
    return MessageDelivery(
        id=row["id"],
        endpoint_id=row["endpoint_id"],
        webhook_id=row["webhook_id"],
        state=DeliveryState(row["state"]),
        status=delivery_status(row["state"], row["attempts"], leased=is_leased),
        attempts=row["attempts"],
        due_at_ms=row["due_at_ms"],
        is_leased=is_leased,
        cause=row["cause"],
    )


def _place(row: Row) -> Place:
    return Place(time=row["time"], seq_number=row["seq_number"], data=row["data"], kind=row["kind"])


def _order(place: Place) -> tuple[int, int, str, str]:
    return place.time, place.seq_number, place.data, place.kind
