"""A message that ends the process: it is given up after three crashes, and the others arrive."""

import asyncio
import contextlib
import math
from pathlib import Path
from typing import Any

import aiohttp

from relay.store.delivering import MOST_CRASHES
from tests.durability.ledger import Ledger
from tests.durability.poisoned_relay import EXIT_CODE, POISON
from tests.durability.programs import PoisonedRelay
from tests.forwarder.conftest import Clock, started
from tests.forwarder.receivers import receiver
from tests.journeys.receiver import Receiver
from tests.journeys.sigfox import call_back

TIME = 1_700_000_000
BEFORE = [f"{number:02x}" for number in range(20)]
AFTER = "ff"


async def test_a_poison_is_dead_after_three_crashes_and_the_others_arrive(tmp_path: Path) -> None:
    relay, ledger = PoisonedRelay(tmp_path), Ledger()
    async with Receiver() as receiver:
        receiver.answering = ledger
        await relay.provision("F1", webhook_url=receiver.url)
        await relay.start()
        acknowledged = await acknowledged_of(relay, [*BEFORE, POISON.decode()])
        assert await relay.exit_code() == EXIT_CODE
        for _ in range(MOST_CRASHES - 1):
            assert await exit_code_of_next_life(relay) == EXIT_CODE
        async with relay.running():
            assert await acknowledged_of(relay, [AFTER]) == {AFTER}
            await ledger.until_all_came((acknowledged | {AFTER}) - {POISON.decode()})
            poison = await dead_letter(relay)
    assert (poison["state"], poison["cause"]) == ("dead", "crashed")
    assert POISON.decode() not in ledger.ids


async def acknowledged_of(relay: PoisonedRelay, payloads: list[str]) -> set[str]:
    """All at once; the relay may not live to answer."""
    calls = [call_back(relay, device="F1", time=TIME, data=data) for data in payloads]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(one, aiohttp.ClientError) or one.status == 204 for one in answers)
    return {
        data for data, one in zip(payloads, answers, strict=True) if not isinstance(one, aiohttp.ClientError)
    }


async def exit_code_of_next_life(relay: PoisonedRelay) -> int:
    """It may end before it says that it is ready."""
    with contextlib.suppress(AssertionError):
        await relay.start()
    return await relay.exit_code()


async def dead_letter(relay: PoisonedRelay) -> dict[str, Any]:
    """The poison's delivery as soon as it is given up."""
    async with asyncio.timeout(30):
        while True:
            for message in await relay.messages("F1"):
                for delivery in message["deliveries"]:
                    if delivery["state"] == "dead":
                        assert message["data"] == POISON.decode()
                        return delivery
            await asyncio.sleep(0.05)


async def test_what_was_in_a_crash_waits_until_the_next_process_has_lived_a_little(tmp_path: Path) -> None:
    """Else one that is killed again and again, by whatever, would blame messages that did nothing."""
    path, clock = tmp_path / "relay.db", Clock()
    async with receiver() as at:
        async with started(path, clock) as crashed:
            await crashed.register(at.url())
            await crashed.accept()
        async with started(path, clock) as rig:
            rig.dispatcher._started = asyncio.get_running_loop().time()
            await rig.dispatcher.claim_once()
            (delivery,) = await rig.kept()
            assert not delivery.leased
            rig.dispatcher._started = -math.inf
            await rig.dispatcher.claim_once()
            await rig.settled()
    assert len(at.requests) == 1
