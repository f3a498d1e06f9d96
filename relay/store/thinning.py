"""The payloads of a device over a time, evenly thinned when there are many."""

from collections.abc import Sequence
from dataclasses import dataclass

from relay.store.driver import Do, Row, Steps

MANY_ATTEMPTS = 12
"""How many attempts are read for one message: as many as the usual schedule makes."""
MANY_KINDS = 4
"""Beside messages there are callbacks of other kinds: how many rows are looked at for one that is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What a message brought: `time` in Unix seconds, `data` in hex, `radio` as JSON or empty."""

    time: int
    data: str
    radio: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How an attempt at a message ended; without a status nothing answered."""

    endpoint_id: int
    at_ms: int
    duration_ms: int
    status: int | None
    is_success: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Payloads:
    """Those of a time, the first one first; of a thinned time, at most one message a step."""

    messages: Sequence[Payload]
    answers: Sequence[Answer] = ()
    is_thinned: bool


def read_payloads(device: int, since: int, until: int, most: int) -> Steps[Payloads]:
    """Those from `since` to before `until` (Unix seconds): all, or at most so many that stand evenly."""
    asked = {"device": device, "since": since, "until": until}
    window, limit = MANY_KINDS * (most + 1), MANY_ATTEMPTS * most
    rows = yield Do("payloads_of_device", [{**asked, "window": window, "limit": most + 1}])
    if len(rows) <= most:
        attempts = yield Do("attempts_of_payloads", [{**asked, "window": window, "limit": limit}])
        return Payloads(messages=_payloads(rows), answers=_answers(attempts), is_thinned=False)
    step = -(-(until - since) // most)
    rows = yield Do("thinned_payloads_of_device", [{**asked, "step": step}])
    attempts = yield Do("thinned_attempts_of_payloads", [{**asked, "step": step, "limit": limit}])
    return Payloads(messages=_payloads(rows), answers=_answers(attempts), is_thinned=True)


def _payloads(rows: Sequence[Row]) -> list[Payload]:
    return [Payload(time=row["time"], data=row["data"], radio=row["radio"]) for row in rows]


def _answers(rows: Sequence[Row]) -> list[Answer]:
    return [
        Answer(
            endpoint_id=row["endpoint_id"],
            at_ms=row["at_ms"],
            duration_ms=row["duration_ms"],
            status=row["status"],
            is_success=row["cause"] is None,
        )
        for row in rows
    ]
