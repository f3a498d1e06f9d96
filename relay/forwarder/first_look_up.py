"""Names that nobody knows the address of are looked up before an attempt takes up room at that address."""

import asyncio
from time import monotonic

from relay.domain.delivery import Cause, Outcome
from relay.forwarder.refusal import refusal_of
from relay.forwarder.resolver import GuardedResolver
from relay.forwarder.send import cause_of_error


async def look_up(resolver: GuardedResolver, host: str, within_seconds: float, at_ms: int) -> Outcome | None:
    """None when the resolver knows the address now; else how the attempt ended by that."""
    started = monotonic()
    try:
        async with asyncio.timeout(within_seconds):
            await resolver.resolve(host)
    except Exception as error:  # some storable names raise UnicodeError
        cause, detail = _cause(error)
    else:
        return None
    duration_ms = round((monotonic() - started) * 1000)
    return Outcome(status=None, cause=cause, at_ms=at_ms, duration_ms=duration_ms, detail=detail)


def _cause(error: Exception) -> tuple[Cause, str]:
    if isinstance(error, OSError) and refusal_of(error) is None:
        return Cause.DNS, ""
    return cause_of_error(error)
