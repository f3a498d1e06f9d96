"""What is done to a device is written down in the transaction that does it."""

from collections.abc import Mapping

import pytest

from relay.domain.activity import Action, Actor, Deed, Doer
from relay.store.activity import always, noted, read_activity
from relay.store.driver import Do, Steps
from relay.store.store import Store
from tests.store.given import DEVICE, NOW_MS, provision

DEED = Deed(
    device=DEVICE,
    doer=Doer(actor=Actor.OPERATOR, address="192.0.2.1"),
    action=Action.PAUSED,
    at_ms=NOW_MS,
    facts={"host": "a.example"},
)


def named(name: str, answer: object, *, fails: bool = False) -> Steps[object]:
    owner = (yield Do("read_device", [{"number": DEVICE}]))[0]
    yield Do("set_contact", [{"number": DEVICE, "contact_email": name, "language": owner["language"]}])
    if fails:
        raise ValueError("broken on the way")
    return answer


async def contact(store: Store) -> str:
    device = await store.find_device(DEVICE)
    assert device is not None
    return device.contact_email


async def entries(store: Store) -> list[Mapping[str, str]]:
    return [entry.facts for entry in await store.driver.transact(read_activity(DEVICE))]


async def test_what_was_done_and_what_is_written_down_stand_or_fall_together(store: Store) -> None:
    await provision(store)
    await store.driver.transact(noted(named("a@example.com", answer=True), DEED))
    (entry,) = await store.driver.transact(read_activity(DEVICE))
    assert (entry.actor, entry.action, entry.at_ms, entry.address) == (
        "operator",
        "paused",
        NOW_MS,
        "192.0.2.1",
    )
    with pytest.raises(ValueError, match="on the way"):
        await store.driver.transact(noted(named("b@example.com", answer=True, fails=True), DEED))
    unwritable = Deed(device=0xDEAD, doer=DEED.doer, action=DEED.action, at_ms=NOW_MS)
    with pytest.raises(Exception, match=r"(?i)foreign key|refused|constraint"):
        await store.driver.transact(noted(named("c@example.com", answer=True), unwritable))
    assert await contact(store) == "a@example.com"
    assert len(await entries(store)) == 1


async def test_nothing_is_written_down_where_nothing_was_done(store: Store) -> None:
    await provision(store)
    for answer in (None, False, 0):
        await store.driver.transact(noted(named("x", answer=answer), DEED))
    await store.driver.transact(noted(named("x", answer=True), None))
    await store.driver.transact(noted(named("x", answer=True), DEED, lambda _: None))
    assert await entries(store) == []
    await store.driver.transact(noted(named("x", answer=None), DEED, always))
    await store.driver.transact(noted(named("x", answer=3), DEED, lambda answer: {"count": str(answer)}))
    assert await entries(store) == [{"host": "a.example", "count": "3"}, {"host": "a.example"}]
