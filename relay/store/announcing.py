"""Telling owners by mail that their endpoint fails, is suspended, or works again."""

from collections.abc import Mapping
from typing import Literal

from relay.domain.delivery import Cause
from relay.domain.health import Health
from relay.domain.letter import Failing, LetterKind, Occasion, Recovered, Suspended
from relay.domain.telling import Told, what_to_tell
from relay.store.driver import Do, Row, Steps
from relay.store.outbox import HOUR_MS, Outbox, Posted
from relay.store.settling import read_health

_FailingKind = Literal[LetterKind.FAILING_FOR_AN_HOUR, LetterKind.FAILING_FOR_A_DAY]
_FAILING: Mapping[Told, _FailingKind] = {
    Told.HOUR: LetterKind.FAILING_FOR_AN_HOUR,
    Told.DAY: LetterKind.FAILING_FOR_A_DAY,
}

MOST_ENDPOINTS = 100
MOST_COUNTED = 10_000


def announce(outbox: Outbox, now_ms: int) -> Steps[list[Posted]]:
    """Post what owners do not know yet."""
    ago = {"hour_ago_ms": now_ms - HOUR_MS, "day_ago_ms": now_ms - 24 * HOUR_MS}
    rows = yield Do("endpoints_to_announce", [{**ago, "limit": MOST_ENDPOINTS}])
    posted = []
    for row in rows:
        health, told = read_health(row), Told(row["told"])
        tell = what_to_tell(health, told, now_ms)
        if tell is not told:
            posted.append((yield from _tell(row, health, tell, outbox, now_ms)))
    return posted


def _tell(row: Row, health: Health, tell: Told, outbox: Outbox, now_ms: int) -> Steps[Posted]:
    open_ones = yield Do("count_late", [{"endpoint_id": row["id"], "limit": MOST_COUNTED}])
    since_ms = health.failing_since_ms or row["told_since_ms"] or now_ms
    remembered = None if tell is Told.NOTHING else since_ms
    yield Do("set_told", [{"id": row["id"], "told": int(tell), "told_since_ms": remembered}])
    occasion = _occasion(tell, row["host"], since_ms, health.cause or Cause.INTERNAL, open_ones[0]["count"])
    return (yield from outbox.notify(row["device"], row["id"], occasion, now_ms))


def _occasion(tell: Told, host: str, since_ms: int, cause: Cause, waiting: int) -> Occasion:
    match tell:
        case Told.NOTHING:
            return Recovered(host=host, since_ms=since_ms, late=waiting)
        case Told.SUSPENDED:
            return Suspended(host=host, since_ms=since_ms, cause=cause, waiting=waiting)
        case Told.HOUR | Told.DAY:
            return Failing(kind=_FAILING[tell], host=host, since_ms=since_ms, cause=cause, waiting=waiting)
