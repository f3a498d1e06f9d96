"""Forgetting a device's owner: binding, addresses, messages, attempts and all that was made of them.

The device itself, its token and its type stay: they are the operator's.
"""

from relay.store.driver import Do, Driver, Steps, rows_of
from relay.store.forgetting import forget_all

BATCH = 500
MOST_UNFINISHED = 100
_PREFIX = "erase:"
_COUNTED = ("erase_events", "erase_state", "erase_statistics")
_ROWS = (
    "erase_owner",
    "erase_endpoints",
    "erase_mails",
    "erase_links",
    "erase_sign_ins",
    "erase_activity",
    "erase_downlinks",
    *_COUNTED,
    "erase_replays",
)


async def erase_device(driver: Driver, device: int, now_ms: int) -> None:
    """Erase what there is of a device's owner up to now; what a crash interrupts, `resume_erasing` finishes.

    Raises:
        StoreUnavailable: It is not, or not wholly, done.
    """
    await driver.transact(_begin(device, now_ms))
    await _finish(driver, device, now_ms)


async def resume_erasing(driver: Driver) -> int:
    """Finish what a crash interrupted; the answer is how many devices that were."""
    rows = await driver.transact(rows_of("unfinished_erasures", limit=MOST_UNFINISHED))
    for row in rows:
        await _finish(driver, int(row["name"].removeprefix(_PREFIX)), int(row["value"]))
    return len(rows)


async def _finish(driver: Driver, device: int, until_ms: int) -> None:
    while await driver.transact(_erase_messages(device, until_ms)):
        pass
    await driver.transact(_end(device))


def _begin(device: int, now_ms: int) -> Steps[None]:
    """Nothing more is sent from now on."""
    yield Do("change_ways")
    yield Do("begin_erasing", [{"name": _name(device), "value": str(now_ms)}])
    for statement in _ROWS:
        yield Do(statement, [{"device": device}])


def _erase_messages(device: int, until_ms: int) -> Steps[int]:
    rows = yield Do("uplinks_to_erase", [{"device": device, "until_ms": until_ms, "limit": BATCH}])
    yield Do("erase_callback", [{"callback_id": row["callback_id"]} for row in rows])
    yield from forget_all([row["id"] for row in rows])
    return len(rows)


def _end(device: int) -> Steps[None]:
    """What was counted meanwhile goes as well."""
    for statement in _COUNTED:
        yield Do(statement, [{"device": device}])
    yield Do("end_erasing", [{"name": _name(device)}])


def _name(device: int) -> str:
    return f"{_PREFIX}{device}"
