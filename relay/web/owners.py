"""Judging who says that they own a device: at the form, at the sign-in, when a link is asked for."""

import logging
from collections.abc import Callable

from aiohttp import web

from relay.store.driver import rows_of
from relay.store.records import Registrant
from relay.store.store import Store
from relay.web.keys import STORE
from relay.web.tries import begin_try, forgive, refuse_beyond_limit

_log = logging.getLogger(__name__)


async def judge_claim(
    request: web.Request, device: int, is_right: Callable[[Registrant | None], bool]
) -> Registrant | None:
    """Judge one of the few tries that strangers have; None when it is wrong.

    `is_right` does the same work whether there is such a device or not.

    Raises:
        web.HTTPTooManyRequests: It is wrong, and there were too many wrong ones before.
    """
    admission = await begin_try(request, device)
    registrant = await request.app[STORE].find_registrant(device)
    if not is_right(registrant) or registrant is None:
        _log.info("form.refused", extra={"device": f"{device:X}"})
        refuse_beyond_limit(request, admission)
        return None
    await forgive(request, admission)
    return registrant


async def renew_digest(store: Store, token: str, registrant: Registrant) -> None:
    """Digest a token that was right with the first key, if another one did it: so that one is needed less."""
    if store.vault.is_first_pepper(registrant.token_digest):
        return
    number = registrant.device.number
    await store.driver.transact(
        rows_of(
            "renew_token_digest",
            number=number,
            token_digest=registrant.token_digest,
            renewed=store.vault.token_digest(number, token),
        )
    )
