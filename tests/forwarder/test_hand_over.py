"""What goes to the relay's own bin is handed over in the process: signed, recorded, and without a socket."""

from relay.domain.delivery import Cause, DeliveryState
from relay.domain.own_bin import inbox_of
from relay.domain.target import TargetPolicy
from relay.store.bins import look_into, open_bin
from tests.forwarder.conftest import Rig

OWN = TargetPolicy(own_hosts=frozenset({("relay.example.org", 443)}))
INBOX = inbox_of("key")


def refuse_sockets(rig: Rig) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was asked for")

    rig.client.carry_out = refuse


async def delivered_to(rig: Rig, inbox: str) -> Cause | None:
    refuse_sockets(rig)
    await rig.register(f"https://relay.example.org/b/{inbox}?a=b")
    rig.dispatcher = rig.new_dispatcher(policy=OWN)
    await rig.offer()
    kept = await rig.settled()
    return kept.attempts[0].cause


async def test_a_bin_gets_the_signed_webhook(rig: Rig) -> None:
    await rig.store.driver.transact(open_bin(INBOX, rig.clock.now_ms))
    assert await delivered_to(rig, INBOX) is None
    await rig.until(DeliveryState.DELIVERED)
    found = await rig.store.driver.transact(look_into(INBOX, rig.clock.now_ms))
    assert found is not None
    (caught,) = found.requests
    headers = dict(caught.headers)
    assert (caught.method, caught.query, headers["Content-Type"]) == ("POST", "a=b", "application/json")
    assert '"data":"aabb"' in caught.body
    assert headers["webhook-signature"].startswith("v1,")


async def test_a_bin_that_is_gone_is_a_failure_like_any_other(rig: Rig) -> None:
    assert await delivered_to(rig, INBOX) == Cause.CLIENT_ERROR
    (kept,) = await rig.kept()
    assert (kept.state, kept.attempts[0].status) == (DeliveryState.WAITING, 404)
