"""`/healthz`: the loop turns. `/readyz`: traffic may come."""

import asyncio
import time
from dataclasses import dataclass

from aiohttp import web

from relay import __version__
from relay.errors import StoreUnavailable
from relay.store.counting import lag_seconds, oldest_due
from relay.web.keys import NOW, STORE

CHECK_WITHIN_SECONDS = 2.0
MOST_LAG_SECONDS = 300.0
_NO_STORE = {"Cache-Control": "no-store"}


@dataclass(slots=True)
class Readiness:
    """Whether this node takes traffic; false while it starts and while it stops."""

    ready: bool = False


READINESS = web.AppKey("readiness", Readiness)


def setup(app: web.Application) -> None:
    """Add the health routes."""
    app[READINESS] = Readiness()
    app.router.add_get("/healthz", alive)
    app.router.add_get("/readyz", ready)


async def alive(_request: web.Request) -> web.Response:
    """Answer while the loop turns; a broken database must not make a supervisor restart us in a circle."""
    return web.Response(text="ok\n", headers=_NO_STORE)


async def ready(request: web.Request) -> web.Response:
    """200 when callbacks can be kept, 503 otherwise; a forwarder that lags is no reason to refuse them."""
    started = time.monotonic()
    database, lag = await _ask_database(request.app)
    has_room = request.app[STORE].has_room
    is_ready = database and has_room and request.app[READINESS].ready
    checks = {
        "database": {"ok": database, "ms": round((time.monotonic() - started) * 1000)},
        "disk": {"ok": has_room},
        "forwarder": {"ok": database and lag <= MOST_LAG_SECONDS, "lag_s": round(lag, 1)},
    }
    facts = {"status": "ready" if is_ready else "not ready", "version": __version__, "checks": checks}
    return web.json_response(facts, status=200 if is_ready else 503, headers=_NO_STORE)


async def _ask_database(app: web.Application) -> tuple[bool, float]:
    """Whether it answers, and for how many seconds the oldest delivery that is due has waited."""
    try:
        async with asyncio.timeout(CHECK_WITHIN_SECONDS):
            first_due_ms = await app[STORE].driver.transact(oldest_due())
    except (StoreUnavailable, TimeoutError):
        return False, 0.0
    return True, lag_seconds(first_due_ms, round(app[NOW]() * 1000))
