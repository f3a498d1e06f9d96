"""Who was not heard for too long."""

from relay.domain.device_state import fall_silent
from relay.domain.rhythm import Rhythm, silent_after_seconds
from relay.store.device_states import read_states, write_events, write_states
from relay.store.driver import Do, Row, Steps

UNHEARD_MS = 10 * 60 * 1000
"""Sigfox repeats what it could not hand over for 7 minutes: a shorter pause of the relay loses nothing."""
PAGE = 1000
"""States looked at in one transaction."""


def keep_listening(now_ms: int) -> Steps[int]:
    """Note that the relay listens; the answer is since when, without a pause in which devices spoke unheard.

    Restarts are no such pause, and with several nodes one that listens is enough.
    """
    rows = yield Do("read_listening")
    since_ms, until_ms = map(int, rows[0]["value"].split()) if rows else (now_ms, now_ms)
    if now_ms - until_ms > UNHEARD_MS:
        since_ms = now_ms
    yield Do("write_listening", [{"value": f"{since_ms} {max(now_ms, until_ms)}"}])
    return since_ms


def find_silent(since_ms: int, now_ms: int, after: int) -> Steps[tuple[int, int]]:
    """Look at a page of devices with numbers above `after`.

    The answer is where to go on (-1: from the beginning), and how many fell silent. Nobody is silent by what
    was not counted yet, nor by what the relay could not hear: it listens since `since_ms`.
    """
    if not (yield Do("try_to_tally")):
        return -1, 0
    oldest = yield Do("oldest_fresh")
    known_until_ms = min([now_ms, *(row["received_at_ms"] for row in oldest)])
    rows = yield Do("watched_states", [{"after": after, "limit": PAGE}])
    silent = [row["device"] for row in rows if _is_silent(row, since_ms, known_until_ms)]
    limits = {row["device"]: _limit(row) or 0 for row in rows}
    for device, state in (yield from read_states(silent)).items():
        change = fall_silent(state, limits[device], now_ms)
        yield from write_states([change.state])
        yield from write_events(device, change.events, now_ms)
    return (rows[-1]["device"] if len(rows) == PAGE else -1), len(silent)


def _is_silent(row: Row, since_ms: int, known_until_ms: int) -> bool:
    limit = _limit(row)
    if limit is None or row["silent_since_ms"] is not None or not row["last_at_ms"]:
        return False
    heard_at_ms: int = max(row["last_at_ms"], since_ms)
    return known_until_ms - heard_at_ms > limit * 1000


def _limit(row: Row) -> float | None:
    rhythm = Rhythm(pause_seconds=row["pause_seconds"], pauses=row["pauses"])
    return silent_after_seconds(row["keep_alive_seconds"], rhythm)
