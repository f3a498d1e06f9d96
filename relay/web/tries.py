"""Tries to prove that one owns a device, at the form or the sign-in: counted, and limited."""

import logging
import math

from aiohttp import web

from relay.domain.tries import DEVICE_LIMIT, TOTAL_LIMIT, counters_of, wait_until_ms
from relay.store.limits import Admission, admit_try, forget_try
from relay.web.client import client_address
from relay.web.keys import CONFIG, NOW, STORE

_log = logging.getLogger(__name__)


async def begin_try(request: web.Request, device: int) -> Admission:
    """Count a try as wrong until `forgive` says otherwise.

    Raises:
        web.HTTPTooManyRequests: It is not even judged: there were too many.
        StoreUnavailable: It cannot be counted.
    """
    address = client_address(request, request.app[CONFIG].trusted_proxies)
    now_ms = round(request.app[NOW]() * 1000)
    admission = await request.app[STORE].driver.transact(admit_try(counters_of(address, device), now_ms))
    if not admission.admitted:
        _log.info("form.not_judged", extra={"device": f"{device:X}"})
        refuse_beyond_limit(request, admission)
    _log_limits(admission, device)
    return admission


def refuse_beyond_limit(request: web.Request, admission: Admission) -> None:
    """Answer a wrong try that was one too many; whether it was judged cannot be seen.

    Raises:
        web.HTTPTooManyRequests: It was.
    """
    until_ms = wait_until_ms(admission.before)
    if until_ms is not None:
        wait_seconds = max(1, math.ceil(until_ms / 1000 - request.app[NOW]()))
        raise web.HTTPTooManyRequests(headers={"Retry-After": str(wait_seconds)})


async def forgive(request: web.Request, admission: Admission) -> None:
    """The try was right: take back what was counted for it."""
    await request.app[STORE].driver.transact(forget_try(admission))


def _log_limits(admission: Admission, device: int) -> None:
    """Once a window: when the last try within a limit is made."""
    _, of_device, of_all = (count.tries + 1 for count in admission.before)
    if of_device == DEVICE_LIMIT.tries:
        _log.warning("form.device_limit", extra={"device": f"{device:X}", "tries": of_device})
    if of_all == TOTAL_LIMIT.tries:
        _log.error("form.under_attack", extra={"tries": of_all, "seconds": TOTAL_LIMIT.window_seconds})
