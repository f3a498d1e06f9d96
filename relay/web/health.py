"""`/healthz`: the loop turns. `/readyz`: traffic may come."""

import asyncio
import time
from dataclasses import dataclass

from aiohttp import web

from relay.errors import StoreUnavailable
from relay.web.keys import STORE

CHECK_WITHIN_SECONDS = 2.0
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
    """200 when callbacks can be kept, 503 otherwise."""
    started = time.monotonic()
    database = await _database_answers(request)
    is_ready = database and request.app[READINESS].ready
    checks = {"database": {"ok": database, "ms": round((time.monotonic() - started) * 1000)}}
    status = "ready" if is_ready else "not ready"
    return web.json_response(
        {"status": status, "checks": checks}, status=200 if is_ready else 503, headers=_NO_STORE
    )


async def _database_answers(request: web.Request) -> bool:
    try:
        async with asyncio.timeout(CHECK_WITHIN_SECONDS):
            await request.app[STORE].ping()
    except (StoreUnavailable, TimeoutError):
        return False
    return True
