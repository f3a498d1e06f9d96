"""Commands about endpoints."""

import pytest

from relay.domain.delivery import Cause, Note, Outcome
from relay.domain.endpoint import EndpointState
from relay.errors import RelayError
from tests.commands.conftest import Operator
from tests.store.given import HOST, LABEL, URL, accept, bound_device, device, provision, uplink

FAILED = Outcome(status=None, cause=Cause.REFUSED, at_ms=0, duration_ms=7)


async def test_a_list_goes_on_after_the_last_of_a_page(operator: Operator) -> None:
    wanted = [
        device(
            label, webhook_url=f"https://{label.lower()}.example.com/", webhook_host=f"{label}.example.com"
        )
        for label in ("A1", "A2", "A3")
    ]
    await provision(operator.store, *wanted)
    first = await operator.run("endpoints.list", state=None, after=-1, limit=2)
    rest = await operator.run("endpoints.list", state=None, after=first["last"], limit=2)
    end = await operator.run("endpoints.list", state=None, after=rest["last"], limit=2)
    assert [one["device"] for one in first["endpoints"] + rest["endpoints"]] == ["A1", "A2", "A3"]
    assert end == {"endpoints": [], "last": None}


async def test_one_webhook_of_several_is_chosen_by_its_number(operator: Operator) -> None:
    await bound_device(operator.store)
    await operator.run("endpoints.add", device=LABEL, url=URL, settings={})
    first, second = [one["id"] for one in (await operator.run("endpoints.show", device=LABEL))["endpoints"]]
    (paused,) = (await operator.run("endpoints.pause", device="", number=second))["endpoints"]
    assert (paused["id"], paused["state"]) == (second, "paused")
    await operator.run("endpoints.test", device=LABEL, number=first)
    assert len(operator.tried) == 1
    with pytest.raises(RelayError, match=rf"choose one with --number \({first}, {second}\)"):
        await operator.run("endpoints.rotate_secret", device=LABEL)
    rotated = await operator.run("endpoints.rotate_secret", device=LABEL, number=second)
    endpoint = await operator.store.find_endpoint(second)
    assert endpoint is not None
    assert endpoint.secret == rotated["secret"]
    states = [one["state"] for one in (await operator.run("endpoints.show", device=LABEL))["endpoints"]]
    assert states == ["active", "paused"]


async def test_a_number_names_a_webhook_of_the_device(operator: Operator) -> None:
    endpoint = (await bound_device(operator.store)).endpoint
    with pytest.raises(RelayError, match=f"webhook {endpoint.id} belongs to another device than A1"):
        await operator.run("endpoints.pause", device="a1", number=endpoint.id)
    with pytest.raises(RelayError, match="there is no webhook 77"):
        await operator.run("endpoints.pause", device="", number=77)


async def test_a_list_holds_only_those_in_the_wanted_state(operator: Operator) -> None:
    wanted = [
        device(label, webhook_url="https://a.example.com/", webhook_host=HOST) for label in ("A1", "A2")
    ]
    await provision(operator.store, *wanted)
    await operator.run("endpoints.pause", device="a2")
    paused = await operator.run("endpoints.list", state="paused", after=-1, limit=9)
    active = await operator.run("endpoints.list", state="active", after=-1, limit=9)
    assert [one["device"] for one in paused["endpoints"]] == ["A2"]
    assert [one["device"] for one in active["endpoints"]] == ["A1"]


async def test_what_is_not_delivered_is_counted_with_its_oldest(operator: Operator) -> None:
    await bound_device(operator.store)
    for number in range(3):
        await accept(operator.store, uplink(seq_number=number), received_at_ms=1000 + number)
    (shown,) = (await operator.run("endpoints.show", device=LABEL))["endpoints"]
    assert (shown["host"], shown["state"], shown["ordered"]) == (HOST, "active", False)
    assert shown["open"] == [{"state": "waiting", "count": 3, "oldest_at_ms": 1000}]


async def test_what_comes_while_paused_is_held_and_then_sent(operator: Operator) -> None:
    await bound_device(operator.store)
    await operator.run("endpoints.pause", device=LABEL)
    accepted = await accept(operator.store)
    assert accepted.deliveries == ()
    resumed = await operator.run("endpoints.resume", device=LABEL, backlog="all")
    (endpoint,) = resumed["endpoints"]
    assert (endpoint["state"], endpoint["draining"], resumed["given_up"]) == ("active", True, 0)
    assert [one["state"] for one in endpoint["open"]] == ["held"]


@pytest.mark.parametrize(
    ("backlog", "given_up", "held"), [("all", 0, 3), ("newest", 2, 1), ("discard", 3, 0)]
)
async def test_a_backlog_is_given_up_as_wanted_and_stays_listed(
    operator: Operator, backlog: str, given_up: int, held: int
) -> None:
    await bound_device(operator.store)
    await operator.run("endpoints.pause", device=LABEL)
    for number in range(3):
        await accept(operator.store, uplink(seq_number=number))
    resumed = await operator.run("endpoints.resume", device=LABEL, backlog=backlog)
    states = [one["state"] for one in await operator.deliveries()]
    assert resumed["given_up"] == states.count("dead") == given_up
    assert states.count("held") == held


async def test_the_running_service_is_told_what_was_closed(operator: Operator) -> None:
    await bound_device(operator.store)
    told: list[EndpointState] = []
    operator.store.watch_health(lambda changes: told.extend(one.after.state for one in changes))
    for command in ("endpoints.pause", "endpoints.pause"):
        await operator.run(command, device=LABEL)
    await operator.run("endpoints.resume", device=LABEL, backlog="all")
    assert told == [EndpointState.PAUSED, EndpointState.ACTIVE]


async def test_order_is_switched_on_and_off(operator: Operator) -> None:
    await bound_device(operator.store)
    for ordered in (True, False):
        (shown,) = (await operator.run("endpoints.order", device=LABEL, ordered=ordered))["endpoints"]
        assert shown["ordered"] is ordered


@pytest.mark.parametrize(
    ("outcome", "taken", "says"),
    [
        (Outcome(status=202, cause=None, at_ms=0, duration_ms=7), True, "Taken with status 202."),
        (
            Outcome(status=200, cause=None, at_ms=0, duration_ms=7, note=Note.TEMPLATE_FAILED),
            True,
            "Taken with status 200. Sent in the classic format: the template could not be filled in.",
        ),
        (FAILED, False, f"Nothing listens on {HOST}: the connection was refused."),
    ],
)
async def test_a_test_says_what_came_of_it(
    operator: Operator, outcome: Outcome, taken: bool, says: str
) -> None:
    await bound_device(operator.store)
    operator.outcome = outcome
    (told,) = (await operator.run("endpoints.test", device=LABEL))["tests"]
    assert (told["taken"], told["says"], told["ms"], told["status"]) == (taken, says, 7, outcome.status)
    assert operator.tried == [URL]


async def test_no_answer_holds_the_address_or_the_secret(operator: Operator) -> None:
    binding = await bound_device(operator.store)
    shown = await operator.run("endpoints.show", device=LABEL)
    listed = await operator.run("endpoints.list", state=None, after=-1, limit=9)
    assert URL not in str((shown, listed))
    assert binding.endpoint.secret not in str((shown, listed))


@pytest.mark.parametrize("command", ["show", "pause", "resume", "order", "test"])
async def test_a_device_that_is_not_there_is_named(operator: Operator, command: str) -> None:
    await provision(operator.store, device("A1"))
    others = {"backlog": "all", "ordered": True}
    with pytest.raises(RelayError, match="there is no device BEEF"):
        await operator.run(f"endpoints.{command}", device="beef", **others)
    with pytest.raises(RelayError, match="device A1 has no webhook yet"):
        await operator.run(f"endpoints.{command}", device="a1", **others)
