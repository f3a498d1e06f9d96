"""How a device fares, in one word: the first that applies."""

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from relay.domain.endpoint import EndpointState
from relay.domain.health import Health


class StatusWord(enum.StrEnum):
    """In the order in which they are looked for."""

    NO_WEBHOOK = "no_webhook"  # nobody said where the messages go
    OFF = "off"  # the owner paused an endpoint
    STOPPED = "stopped"  # the relay stopped sending, but for a probe a day
    FAILING = "failing"  # so many attempts failed that one message at a time is tried
    RETRYING = "retrying"  # the last attempts failed
    SILENT = "silent"  # no message for longer than usual
    NEW = "new"  # no message yet
    OK = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointFacts:
    """An endpoint as it fares: `waiting` and `held` deliveries, of which the next is due at `next_at_ms`."""

    id: int
    host: str
    health: Health
    waiting: int = 0
    held: int = 0
    next_at_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFacts:
    """What the word follows from; a device without a usual pause is never silent."""

    endpoints: Sequence[EndpointFacts] = ()
    last_at_ms: int | None = None
    silent_after_seconds: float | None = None
    usual_pause_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatus:
    """The word, and the endpoint that it is about, if it is about one."""

    word: StatusWord
    facts: DeviceFacts
    endpoint: EndpointFacts | None = None


def device_status(facts: DeviceFacts, now_ms: int) -> DeviceStatus:
    """Judge a device at a moment."""
    if not facts.endpoints:
        return DeviceStatus(word=StatusWord.NO_WEBHOOK, facts=facts)
    for word, applies in _TROUBLES:
        for endpoint in facts.endpoints:
            if applies(endpoint.health):
                return DeviceStatus(word=word, facts=facts, endpoint=endpoint)
    return DeviceStatus(word=_of_messages(facts, now_ms), facts=facts)


_TROUBLES: Sequence[tuple[StatusWord, Callable[[Health], bool]]] = (
    (StatusWord.OFF, lambda health: health.state is EndpointState.PAUSED),
    (StatusWord.STOPPED, lambda health: health.state is EndpointState.SUSPENDED),
    (StatusWord.FAILING, lambda health: health.state is EndpointState.FAILING),
    (StatusWord.RETRYING, lambda health: health.failures > 0),
)


def _of_messages(facts: DeviceFacts, now_ms: int) -> StatusWord:
    if facts.last_at_ms is None:
        return StatusWord.NEW
    silence_seconds = (now_ms - facts.last_at_ms) / 1000
    if facts.silent_after_seconds is not None and silence_seconds > facts.silent_after_seconds:
        return StatusWord.SILENT
    return StatusWord.OK
