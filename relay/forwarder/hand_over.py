"""The one webhook that is not sent: a bin of the relay itself gets it in the process, without a socket."""

import time

from relay.domain.delivery import Cause, Outcome
from relay.errors import StoreUnavailable
from relay.forwarder.prepare import WebhookRequest
from relay.store.bins import Caught, catch
from relay.store.store import Store

_TAKEN, _NO_BIN, _UNAVAILABLE = 200, 404, 503


async def hand_over(store: Store, name: str, request: WebhookRequest, now: float) -> Outcome:
    """Put the request into the bin as if it had arrived there; an outcome like that of any attempt."""
    started = time.monotonic()
    caught = Caught(
        at_ms=round(now * 1000),
        method=request.method,
        query=request.url.raw_query_string,
        headers=list(request.headers.items()),
        body=request.body.decode("utf-8", "replace"),
    )
    try:
        status = _TAKEN if await store.driver.transact(catch(name, caught)) else _NO_BIN
    except StoreUnavailable:
        status = _UNAVAILABLE
    return Outcome(
        status=status,
        cause=_CAUSES[status],
        at_ms=round(now * 1000),
        duration_ms=round((time.monotonic() - started) * 1000),
    )


_CAUSES = {_TAKEN: None, _NO_BIN: Cause.CLIENT_ERROR, _UNAVAILABLE: Cause.SERVER_ERROR}
