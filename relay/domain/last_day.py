"""The last 24 hours of a device in half hours, and what they come to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from relay.domain.delivery_status import DeliveryStatus, message_status

BARS = 48
BAR_SECONDS = 1800
DAY_SECONDS = BARS * BAR_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Half an hour from `starts_at` (Unix seconds); without messages its `status` is None."""

    starts_at: int
    messages: int
    status: DeliveryStatus | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message by its time (Unix seconds) and what became of it."""

    time: int
    status: DeliveryStatus


def bars(messages: Iterable[Sent], now: int) -> Sequence[Bar]:
    """The half hours up to now, the oldest first; the last one is not over yet."""
    end = (now // BAR_SECONDS + 1) * BAR_SECONDS
    starts = [end - (BARS - index) * BAR_SECONDS for index in range(BARS)]
    found: dict[int, list[DeliveryStatus]] = {start: [] for start in starts}
    for message in messages:
        start = message.time // BAR_SECONDS * BAR_SECONDS
        if start in found:
            found[start].append(message.status)
    return [
        Bar(starts_at=start, messages=len(there), status=message_status(there) if there else None)
        for start, there in found.items()
    ]
