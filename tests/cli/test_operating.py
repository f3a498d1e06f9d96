"""`relay endpoint`, `relay delivery` and `relay queue`, as an operator types them."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.receiver import Receiver, with_status
from tests.journeys.relay_program import RelayProgram
from tests.journeys.sigfox import call_back
from tests.wire import exchange, request_bytes

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
DEVICE = "33CC01"


@pytest.fixture
def relay(tmp_path: Path) -> RelayProgram:
    """A relay that does not run yet."""
    return RelayProgram(tmp_path)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


async def as_json(relay: RelayProgram, *arguments: str) -> Any:
    """What a command prints with --json, which ends well."""
    finished = await relay.typed(*arguments, "--json")
    assert (finished.exit_code, finished.err) == (0, ""), finished
    return json.loads(finished.out)


async def refusal(relay: RelayProgram, *arguments: str) -> str:
    """The one sentence with which a command is refused."""
    finished = await relay.typed(*arguments)
    assert (finished.exit_code, finished.out) == (1, "")
    (sentence,) = finished.err.splitlines()
    return sentence


async def send(relay: RelayProgram, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        reply = await call_back(relay, device=DEVICE, time=1_700_000_000 + number, data="01")
        assert reply.status == 204


async def test_an_operator_holds_looks_and_sends_while_the_service_runs(
    relay: RelayProgram, receiver: Receiver
) -> None:
    async with relay.running():
        await relay.provision(DEVICE, webhook_url=f"{receiver.url}?key=s3cret")
        (paused,) = await as_json(relay, "endpoint", "pause", DEVICE)
        assert paused["state"] == "paused"
        await send(relay, 3)
        await relay.logged("endpoint.changed", state="paused")

        shown = await relay.cli("endpoint", "show", DEVICE)
        assert re.search(rf"held +3, the oldest since {ISO.pattern}", shown.out)
        queue = await as_json(relay, "queue")
        assert [(one["state"], one["count"]) for one in queue["states"]] == [("held", 3)]
        assert ISO.fullmatch(queue["states"][0]["oldest_at"])

        tested = await relay.typed("endpoint", "test", DEVICE)
        assert tested.exit_code == 0
        assert re.fullmatch(r"127\.0\.0\.1: Taken with status 204\. \(delivered, \d+ ms\)\n", tested.out)
        assert (await receiver.arrival()).webhook_id.startswith("msg_")

        resumed = await relay.typed("endpoint", "resume", DEVICE, "--backlog", "newest")
        assert resumed.err == "2 held messages were given up.\n"
        newest = await receiver.arrival()
        dead = await as_json(relay, "delivery", "list", "--device", DEVICE, "--state", "dead")
        assert [one["cause"] for one in dead["deliveries"]] == ["discarded", "discarded"]

        counted = await relay.typed(*replaying(), "--dry-run")
        assert counted.out == "2 deliveries would be sent again.\n"
        asked = await relay.cli(*replaying())
        assert (asked.exit_code, "Send 2 deliveries again? [y/N]" in asked.err) == (1, True)
        done = await relay.typed(*replaying(), "--yes")
        assert re.fullmatch(r"Replay \d+ sends 2 deliveries again, a few a second\.\n", done.out)
        again = {(await receiver.arrival()).webhook_id for _ in range(2)}
        assert again == {one["webhook_id"] for one in dead["deliveries"]}
        assert newest.webhook_id not in again

        (replay,) = await as_json(relay, "delivery", "replays")
        assert (replay["device"], replay["total"], replay["states"]) == (DEVICE, 2, "dead")
        assert ISO.fullmatch(replay["since_at"])
        found = await metrics_once(relay, 'relay_deliveries_total{cause="",result="delivered"}', 3)
        assert found['relay_ingest_callbacks_total{kind="data",result="taken"}'] == 3
        assert found["relay_messages_total"] == 3
        assert found['relay_endpoints{state="active"}'] == 1
        assert relay.has_logged("s3cret") == []


def replaying() -> tuple[str, ...]:
    return ("delivery", "replay", "--device", DEVICE, "--since", "1h")


async def metrics_once(relay: RelayProgram, name: str, value: float) -> dict[str, float]:
    """The metrics, as soon as one of them has come to a value."""
    async with asyncio.timeout(30):
        while (found := await metrics(relay)).get(name) != value:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)
    return found


async def metrics(relay: RelayProgram) -> dict[str, float]:
    reply = await exchange(relay.port, request_bytes("GET", "/metrics", {}, b""))
    lines = [line for line in reply.body.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


async def test_one_delivery_is_looked_at_and_sent_again(relay: RelayProgram, receiver: Receiver) -> None:
    async with relay.running():
        await relay.provision(DEVICE, webhook_url=receiver.url)
        await send(relay, 1)
        first = await receiver.arrival()
        await relay.delivered(DEVICE)
        (listed,) = (await as_json(relay, "delivery", "list"))["deliveries"]
        shown = await relay.typed("delivery", "show", str(listed["id"]))
        assert first.webhook_id in shown.out
        assert "204" in shown.out
        again = await relay.typed("delivery", "replay", str(listed["id"]))
        assert again.out == f"Delivery {listed['id']} is waiting: it is sent again now.\n"
        assert (await receiver.arrival()).webhook_id == first.webhook_id
        assert await relay.stop() == 0


async def test_without_a_service_the_command_line_does_it_itself(
    relay: RelayProgram, receiver: Receiver
) -> None:
    await relay.provision(DEVICE, webhook_url=receiver.url)
    (tested,) = await as_json(relay, "endpoint", "test", DEVICE)
    assert (tested["taken"], tested["status"], tested["host"]) == (True, 204, "127.0.0.1")
    assert (await receiver.arrival()).headers["webhook-signature"].startswith("v1,")

    receiver.answering = with_status(500)
    failed = await relay.typed("endpoint", "test", DEVICE)
    assert failed.exit_code == 1
    assert "Answered 500 Internal Server Error: something went wrong on your server." in failed.out
    assert "(server_error, " in failed.out

    (ordered,) = await as_json(relay, "endpoint", "order", DEVICE, "--on")
    assert ordered["ordered"] is True
    (paused,) = await as_json(relay, "endpoint", "pause", DEVICE)
    assert [one["device"] for one in await as_json(relay, "endpoint", "list", "--state", "paused")] == [
        DEVICE
    ]
    assert await as_json(relay, "endpoint", "list", "--state", "failing") == []
    listed = await relay.typed("endpoint", "list")
    assert DEVICE in listed.out
    assert paused["state"] == "paused"
    empty = await relay.cli("queue")
    assert (empty.out, empty.err.splitlines()[0]) == ("", "Everything is delivered.")


async def test_the_guard_stands_before_a_test_as_well(relay: RelayProgram, tmp_path: Path) -> None:
    await relay.provision(DEVICE, webhook_url="http://127.0.0.1:8090/in")
    relay.config_file.write_text(relay.config_file.read_text().replace("127.0.0.0/8", "192.168.77.0/24"))
    tested = await relay.typed("endpoint", "test", DEVICE, "--json")
    assert tested.exit_code == 1
    assert [one["cause"] for one in json.loads(tested.out)] == ["blocked_address"]


async def test_what_is_not_there_is_named_in_one_sentence(relay: RelayProgram) -> None:
    await relay.provision("AB")
    assert await refusal(relay, "endpoint", "show", "BEEF") == "relay: there is no device BEEF"
    assert await refusal(relay, "endpoint", "test", "ab") == "relay: device AB has no webhook yet"
    assert "there is no delivery 77" in await refusal(relay, "delivery", "show", "77")
    assert "there is no delivery 77" in await refusal(relay, "delivery", "replay", "77")
    assert "no replay 77 is running" in await refusal(relay, "delivery", "cancel", "77")
    assert "XYZ" in await refusal(relay, "endpoint", "pause", "XYZ")
    wanted = ("delivery", "replay", "--device", "AB", "--since", "1h", "--dry-run")
    assert (await relay.typed(*wanted)).out == "0 deliveries would be sent again.\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("replay",), "give the ID of one delivery, or --device and --since"),
        (("replay", "7", "--device", "AB", "--since", "1h"), "give the ID of one delivery"),
        (("replay", "--device", "AB"), "give the ID of one delivery"),
        (("replay", "--device", "AB", "--since", "yesterday"), "is no time: write 2026-11-22T14:05:00Z"),
        (("replay", "--device", "AB", "--since", "1h", "--state", "waiting"), "is not one of"),
        (("show", "x"), "is not a valid integer"),
    ],
)
async def test_wrong_usage_is_told(relay: RelayProgram, arguments: tuple[str, ...], says: str) -> None:
    finished = await relay.typed("delivery", *arguments)
    assert finished.exit_code == 2
    assert says in finished.err
