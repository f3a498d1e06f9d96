"""The payloads of a device over a time, evenly thinned when there are many."""

from collections.abc import Sequence
from dataclasses import dataclass

from relay.store.driver import Do, Row, Steps

MANY_KINDS = 4
"""Beside messages there are callbacks of other kinds: how many rows are looked at for one that is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What a message brought: `time` in Unix seconds, `data` in hex."""

    time: int
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payloads:
    """Those of a time, the first one first; of a thinned time, at most one message a step."""

    messages: Sequence[Payload]
    is_thinned: bool


def read_payloads(device: int, since: int, until: int, most: int) -> Steps[Payloads]:
    """Those from `since` to before `until` (Unix seconds): all, or at most so many that stand evenly."""
    asked = {"device": device, "since": since, "until": until}
    window = MANY_KINDS * (most + 1)
    rows = yield Do("payloads_of_device", [{**asked, "window": window, "limit": most + 1}])
    if len(rows) <= most:
        return Payloads(messages=_payloads(rows), is_thinned=False)
    step = -(-(until - since) // most)
    rows = yield Do("thinned_payloads_of_device", [{**asked, "step": step}])
    return Payloads(messages=_payloads(rows), is_thinned=True)


def _payloads(rows: Sequence[Row]) -> list[Payload]:
    return [Payload(time=row["time"], data=row["data"]) for row in rows]
