"""Who hears that something changed: live pages, and what forwards deliveries.

A transaction yields a `Notice` beside its statements. When it is durable the driver publishes it here, and
on PostgreSQL brings it to the other nodes as well (`relay.store.postgresql_notices`). A notice may get lost
on its way to another node, so it only ever saves somebody the wait for the next look.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

MOST_BYTES = 7900
"""PostgreSQL takes less than 8,000."""

Some = frozenset[int] | None
"""Numbers; None stands for any, as they are unknown or too many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a transaction changed.

    `devices`: a message, a delivery or an endpoint of theirs. `endpoints`: they were closed or changed, so
    that deliveries in memory are out of date. `work`: there are due deliveries that no node holds.
    """

    devices: Some = frozenset()
    endpoints: Some = frozenset()
    work: bool = False

    def __or__(self, other: "Notice") -> "Notice":
        return Notice(
            devices=_both(self.devices, other.devices),
            endpoints=_both(self.endpoints, other.endpoints),
            work=self.work or other.work,
        )


NOTHING = Notice()
PERHAPS = Notice(devices=None, work=True)
"""Nothing was heard for a while: who waits for something looks."""
ANYTHING = Notice(devices=None, endpoints=None, work=True)


def about(*devices: int, work: bool = False) -> Notice:
    """Something of these devices changed."""
    return Notice(devices=frozenset(devices), work=work)


def endpoint_changed(device: int, endpoint_id: int, *, work: bool = False) -> Notice:
    """What waits in memory for this endpoint has to be read again."""
    return Notice(devices=frozenset({device}), endpoints=frozenset({endpoint_id}), work=work)


def pack(notice: Notice, sender: str) -> str:
    """The notice as text without apostrophes, within `MOST_BYTES`; names none where there are too many."""
    any_device = Notice(devices=None, endpoints=notice.endpoints, work=notice.work)
    for packed in (_pack(notice, sender), _pack(any_device, sender)):
        if len(packed) <= MOST_BYTES:
            return packed
    return _pack(ANYTHING, sender)


def unpack(text: str) -> tuple[Notice, str]:
    """The notice and its sender; of a later version's, what is understood."""
    try:
        packed = json.loads(text)
        notice = Notice(
            devices=_unlisted(packed["devices"]),
            endpoints=_unlisted(packed["endpoints"]),
            work=bool(packed["work"]),
        )
        return notice, str(packed["sender"])
    except (ValueError, TypeError, KeyError):
        return PERHAPS, ""


class Watch:
    """An endless iteration: one turn for each change, or for all that came since the last turn."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def tell(self) -> None:
        """Something changed."""
        self._changed.set()

    def __aiter__(self) -> "Watch":
        return self

    async def __anext__(self) -> None:
        await self._changed.wait()
        self._changed.clear()


class Notices:
    """All who listen in this process. `travel` says that other nodes hear what is published here."""

    def __init__(self, *, travel: bool = False) -> None:
        self._travel = travel
        self._watches: defaultdict[int | None, set[Watch]] = defaultdict(set)
        self._listeners: list[Callable[[Notice], None]] = []

    @property
    def are_wanted(self) -> bool:
        """Whether it is worth while to say whose messages came: somebody may be watching."""
        return self._travel or bool(self._watches)

    @asynccontextmanager
    async def watch(self, device: int | None) -> AsyncIterator[Watch]:
        """Changes of one device, or of all (None).

        There is a turn also when nothing may have changed, so read anew in each; and before the first, for
        what changed earlier is not told.
        """
        watch = Watch()
        self._watches[device].add(watch)
        try:
            yield watch
        finally:
            self._watches[device].remove(watch)
            if not self._watches[device]:
                del self._watches[device]

    @contextmanager
    def listening(self, listener: Callable[[Notice], None]) -> Iterator[None]:
        """Call a function with each notice."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    def publish(self, notice: Notice) -> None:
        """Tell those in this process; of their own changes transactions tell by themselves."""
        for listener in self._listeners:
            listener(notice)
        for watch in self._concerned(notice.devices):
            watch.tell()

    def _concerned(self, devices: Some) -> list[Watch]:
        if not self._watches or devices == frozenset():
            return []
        found = self._watches.keys() if devices is None else self._watches.keys() & {*devices, None}
        return [watch for device in found for watch in self._watches[device]]


def _both(one: Some, other: Some) -> Some:
    return None if one is None or other is None else one | other


def _pack(notice: Notice, sender: str) -> str:
    packed = {
        "sender": sender,
        "devices": _listed(notice.devices),
        "endpoints": _listed(notice.endpoints),
        "work": int(notice.work),
    }
    return json.dumps(packed, separators=(",", ":"))


def _listed(numbers: Some) -> list[int] | None:
    return None if numbers is None else sorted(numbers)


def _unlisted(numbers: list[int] | None) -> Some:
    return None if numbers is None else frozenset(numbers)
