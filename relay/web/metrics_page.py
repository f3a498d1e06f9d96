"""`/metrics`: what Prometheus reads."""

import asyncio
import hmac
import logging
import math
import time
from dataclasses import dataclass

from aiohttp import hdrs, web

from relay.errors import StoreUnavailable
from relay.metrics import Queue
from relay.store.counting import count_all
from relay.web.headers import is_page
from relay.web.keys import CONFIG, METRICS, NOW, STORE

_log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 10.0
"""However many read the metrics, the database is not asked more often."""
LOOK_WITHIN_SECONDS = 2.0
_HEADERS = {"Content-Type": "text/plain; version=1.0.0; charset=utf-8", "Cache-Control": "no-store"}


@dataclass(slots=True)
class _Looked:
    """When the database was last asked (monotonic)."""

    at: float = -math.inf


_LOOKED = web.AppKey("looked", _Looked)


def setup(app: web.Application) -> None:
    """Count pages, and add the route unless it is switched off; needs configuration and metrics."""
    app.on_response_prepare.append(_count_page)
    app[_LOOKED] = _Looked()
    if app[CONFIG].metrics.enabled:
        app.router.add_get("/metrics", tell)


async def tell(request: web.Request) -> web.Response:
    """All metrics, to whoever has the token."""
    if not _may_read(request):
        return web.Response(
            status=401, text="the token is missing or wrong\n", headers={"WWW-Authenticate": "Bearer"}
        )
    await _look(request.app)
    return web.Response(body=request.app[METRICS].exposition(), headers=_HEADERS)


def _may_read(request: web.Request) -> bool:
    token = request.app[CONFIG].metrics.token.get_secret_value()
    scheme, _, given = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    is_same = hmac.compare_digest(given.strip().encode("utf-8", "surrogateescape"), token.encode())
    return not token or (scheme.lower() == "bearer" and is_same)


async def _look(app: web.Application) -> None:
    """Bring what lies in the database up to date; what cannot be known is not told."""
    looked, metrics = app[_LOOKED], app[METRICS]
    if time.monotonic() - looked.at < LOOK_EVERY_SECONDS:
        return
    looked.at = time.monotonic()
    try:
        async with asyncio.timeout(LOOK_WITHIN_SECONDS):
            counts = await app[STORE].driver.transact(count_all())
    except (StoreUnavailable, TimeoutError):
        metrics.queue = None
        _log.warning("queue.not_counted")
        return
    now_ms = round(app[NOW]() * 1000)
    metrics.queue = Queue(
        deliveries=counts.deliveries,
        endpoints=counts.endpoints,
        oldest_seconds=counts.lag_seconds(now_ms),
        tally_lag_seconds=counts.tally_lag_seconds(now_ms),
    )


async def _count_page(request: web.Request, response: web.StreamResponse) -> None:
    if is_page(request.path):
        resource = request.match_info.route.resource
        route = resource.canonical if resource else ""
        request.app[METRICS].page_answered(route, response.status)
