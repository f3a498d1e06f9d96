"""Commands about deliveries and replays."""

import pytest
from msgspec.structs import replace

from relay.domain.delivery import Cause
from relay.domain.verdict import Dead
from relay.errors import RelayError
from relay.store import deliveries, tending
from relay.store.records import Accepted
from tests.commands.conftest import Operator
from tests.store.given import (
    HOST,
    LABEL,
    NOW_MS,
    accept,
    bound_device,
    device,
    provision,
    settle,
    settlement,
    uplink,
)


async def messages(operator: Operator, count: int, **other: object) -> list[Accepted]:
    """So many messages whose deliveries are under way."""
    return [await accept(operator.store, uplink(seq_number=number), **other) for number in range(count)]


async def dead_letters(operator: Operator, count: int, **other: object) -> list[int]:
    """So many deliveries that were given up."""
    accepted = await messages(operator, count, **other)
    gone = [one.deliveries[0] for one in accepted]
    await settle(operator.store, *(settlement(one, Dead(cause=Cause.ABORTED), Cause.ABORTED) for one in gone))
    return [one.id for one in gone]


async def tend(operator: Operator) -> int:
    """One sweep over the running replays."""
    return await operator.store.driver.transact(tending.advance_replays(NOW_MS))


def last_day(**other: object) -> dict[str, object]:
    return {
        "device": LABEL,
        "since_ms": NOW_MS - 86_400_000,
        "until_ms": None,
        "states": "dead",
        **other,
    }


async def test_the_newest_come_first_and_pages_fit_together(operator: Operator) -> None:
    await bound_device(operator.store)
    await messages(operator, 5)
    whole = [one["id"] for one in await operator.deliveries()]
    first = await operator.run("deliveries.list", device=None, state=None, before=None, limit=3)
    rest = await operator.run(
        "deliveries.list", device=None, state=None, before=first["next_before"], limit=3
    )
    assert whole == sorted(whole, reverse=True)
    assert [one["id"] for one in first["deliveries"] + rest["deliveries"]] == whole
    assert rest["next_before"] is None


async def test_what_is_rare_is_found_behind_many_windows(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "WINDOW", 2)
    await bound_device(operator.store)
    (dead,) = await dead_letters(operator, 1)
    for number in range(100, 107):
        await accept(operator.store, uplink(seq_number=number))
    assert [one["id"] for one in await operator.deliveries(state="dead")] == [dead]
    assert await operator.deliveries(state="delivered") == []


async def test_a_list_of_one_device_holds_no_others(operator: Operator) -> None:
    hook = {"webhook_url": "https://a.example.com/", "webhook_host": HOST}
    await provision(operator.store, device("A1", **hook), device("A2", **hook))
    for number, text in ((0xA1, "a1"), (0xA2, "a2"), (0xA1, "a1")):
        await accept(operator.store, uplink(device=number, device_text=text, data=text))
    await accept(operator.store, uplink(device=0xA1, device_text="a1", data="ff"))
    assert [one["device"] for one in await operator.deliveries(device="00a1")] == ["A1", "A1"]
    assert await operator.deliveries(device="a1", state="dead") == []


async def test_a_delivery_is_shown_with_its_attempts(operator: Operator) -> None:
    await bound_device(operator.store)
    (dead,) = await dead_letters(operator, 1)
    shown = await operator.run("deliveries.show", id=dead)
    assert shown["delivery"]["state"] == "dead"
    assert shown["delivery"]["host"] == HOST
    assert [(one["number"], one["cause"], one["ms"]) for one in shown["attempts"]] == [(1, "aborted", 85)]


async def test_one_delivery_is_sent_again_with_its_webhook_id(operator: Operator) -> None:
    await bound_device(operator.store)
    (dead,) = await dead_letters(operator, 1)
    before = (await operator.run("deliveries.show", id=dead))["delivery"]
    after = (await operator.run("deliveries.replay", id=dead))["delivery"]
    assert (after["state"], after["tries"], after["due_at_ms"]) == ("waiting", 0, NOW_MS)
    assert after["webhook_id"] == before["webhook_id"]


async def test_what_is_under_way_is_not_sent_twice(operator: Operator) -> None:
    await bound_device(operator.store)
    (accepted,) = await messages(operator, 1)
    with pytest.raises(RelayError, match="is being tried at this moment"):
        await operator.run("deliveries.replay", id=accepted.deliveries[0].id)


@pytest.mark.parametrize("command", ["show", "replay"])
async def test_an_unknown_delivery_is_named(operator: Operator, command: str) -> None:
    with pytest.raises(RelayError, match="there is no delivery 77"):
        await operator.run(f"deliveries.{command}", id=77)


async def test_a_range_is_counted_then_sent_a_few_at_a_time(operator: Operator) -> None:
    await bound_device(operator.store)
    dead = await dead_letters(operator, tending.REPLAY_AT_ONCE + 2)
    counted = await operator.run("replays.count", **last_day())
    assert counted == {"count": len(dead), "until_ms": NOW_MS}
    started = await operator.run("replays.start", **last_day(until_ms=counted["until_ms"]))
    assert (started["state"], started["total"], started["done"]) == ("running", len(dead), 0)

    assert await tend(operator) == tending.REPLAY_AT_ONCE
    (running,) = (await operator.run("replays.list", limit=5))["replays"]
    assert (running["state"], running["done"]) == ("running", tending.REPLAY_AT_ONCE)
    assert await tend(operator) == 2
    (done,) = (await operator.run("replays.list", limit=5))["replays"]
    assert (done["state"], done["done"], done["device"]) == ("done", len(dead), LABEL)
    # Their endpoint failed so often that it is closed.
    assert {one["state"] for one in await operator.deliveries()} == {"held"}


async def test_a_cancelled_replay_sends_no_more(operator: Operator) -> None:
    await bound_device(operator.store)
    await dead_letters(operator, tending.REPLAY_AT_ONCE + 2)
    started = await operator.run("replays.start", **last_day())
    await tend(operator)
    await operator.run("replays.cancel", id=started["id"])
    assert await tend(operator) == 0
    assert len(await operator.deliveries(state="dead")) == 2
    with pytest.raises(RelayError, match=f"no replay {started['id']} is running"):
        await operator.run("replays.cancel", id=started["id"])


@pytest.mark.parametrize(("states", "count"), [("dead", 2), ("delivered", 1), ("held", 0), ("all", 3)])
async def test_a_range_holds_the_wanted_states_and_never_what_waits(
    operator: Operator, states: str, count: int
) -> None:
    await bound_device(operator.store)
    await dead_letters(operator, 2)
    delivered, _ = [await accept(operator.store, uplink(seq_number=number)) for number in (50, 51)]
    await settle(operator.store, settlement(delivered.deliveries[0]))
    assert (await operator.run("replays.count", **last_day(states=states)))["count"] == count


async def test_a_range_begins_and_ends_where_it_should(operator: Operator) -> None:
    await bound_device(operator.store)
    await dead_letters(operator, 1, received_at_ms=NOW_MS - 1000)
    for since, until, count in ((-1000, 0, 1), (-999, 0, 0), (-2000, -1000, 1), (-2000, -1001, 0)):
        wanted = last_day(since_ms=NOW_MS + since, until_ms=NOW_MS + until)
        assert (await operator.run("replays.count", **wanted))["count"] == count
    with pytest.raises(RelayError, match="the range ends before it begins"):
        await operator.run("replays.count", **last_day(until_ms=0))
    with pytest.raises(RelayError, match="there is no device BEEF"):
        await operator.run("replays.count", **last_day(device="beef"))


async def test_another_devices_deliveries_are_left_alone(operator: Operator) -> None:
    await bound_device(operator.store)
    await dead_letters(operator, 1)
    await provision(operator.store, device("B1"))
    started = await operator.run("replays.start", **last_day(device="B1", states="all"))
    assert started["total"] == 0
    assert await tend(operator) == 0


async def test_the_queue_is_summed_by_state_and_host(operator: Operator) -> None:
    hook = {"webhook_url": "https://a.example.com/", "webhook_host": HOST}
    await provision(operator.store, device("A1", **hook), device("A2", **hook))
    for number in (0xA1, 0xA2):
        one = uplink(device=number, device_text=f"{number:x}")
        await accept(operator.store, one, received_at_ms=NOW_MS - number, lease_until_ms=None)
    await operator.run("endpoints.pause", device="a2")
    await accept(operator.store, replace(uplink(device=0xA2, device_text="a2"), seq_number=9))
    shown = await operator.run("queue.show", limit=5)
    assert shown["states"] == [
        {"state": "held", "count": 1, "oldest_at_ms": NOW_MS},
        {"state": "waiting", "count": 2, "oldest_at_ms": NOW_MS - 0xA2},
    ]
    assert shown["hosts"][0] == {
        "host": HOST,
        "state": "waiting",
        "count": 2,
        "oldest_at_ms": NOW_MS - 0xA2,
    }
    assert shown["lag_seconds"] == 0xA2 / 1000
