"""Asking owners' servers: limits of its own, and a message that is brought whatever comes of it."""

import asyncio

from relay.domain.delivery import DeliveryState
from relay.domain.downlink_state import NoDownlink
from relay.domain.uplink import Uplink
from relay.forwarder.asking import Asker
from relay.store.choosing import Question, Reply
from relay.store.records import Incoming
from tests.forwarder.conftest import RAW, Rig
from tests.forwarder.receivers import hangs, receiver, resets
from tests.forwarder.test_dispatcher import came

LONG_SECONDS = 30.0


async def question(rig: Rig, url: str, device: int) -> Question:
    """A message of a device that listens, and whose owner is to be asked."""
    await rig.register(url, device)
    number = rig.messages = rig.messages + 1
    await rig.set_chain(device, "ask")
    uplink = Uplink(
        device=device, device_text=f"{device:X}", time=int(rig.clock.now), seq_number=number, ack=True
    )
    lease_until_ms = rig.dispatcher.lease_until_ms()
    incoming = Incoming(
        uplink=uplink, raw=RAW, received_at_ms=rig.clock.now_ms, lease_until_ms=lease_until_ms
    )
    asked = (await rig.store.accept(incoming, LONG_SECONDS)).question
    assert asked
    assert asked.is_first_attempt
    return asked


async def test_servers_that_hang_leave_room_at_other_addresses_and_nobody_waits_for_a_place(
    rig: Rig,
) -> None:
    asker = Asker(dispatcher=rig.dispatcher, at_once=3, at_one_address=2)
    async with receiver(hangs()) as bad, receiver(hangs(), host="127.0.0.2") as other:
        questions = [await question(rig, bad.url(), device) for device in range(0xB1, 0xB4)]
        questions += [await question(rig, other.url(), device) for device in range(0xC1, 0xC3)]
        asking = [asyncio.create_task(asker.ask(one, LONG_SECONDS)) for one in questions[:2]]
        await bad.until(came(2))
        assert (await asker.ask(questions[2], LONG_SECONDS)).reason is NoDownlink.ASK_BUSY
        asking.append(asyncio.create_task(asker.ask(questions[3], LONG_SECONDS)))
        await other.until(came(1))
        assert (await asker.ask(questions[4], LONG_SECONDS)).reason is NoDownlink.ASK_BUSY
        await rig.dispatcher.stop(grace_seconds=0)
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        assert not asker._asked


async def test_a_message_is_brought_when_the_server_did_not_take_the_question(rig: Rig) -> None:
    asker = Asker(dispatcher=rig.dispatcher)
    async with receiver(resets()) as bad:
        failed = await asker.ask(await question(rig, bad.url(), 0xB1), LONG_SECONDS)
        too_late = await asker.ask(await question(rig, bad.url(), 0xB2), 0.0)
        await bad.until(came(3))
    assert [one.reason for one in (failed, too_late)] == [NoDownlink.ASK_FAILED, NoDownlink.ASK_TIMEOUT]
    assert [b"downlinkRequested" in one.body for one in bad.requests] == [True, False, False]


async def test_who_took_the_question_took_the_message(rig: Rig) -> None:
    asker = Asker(dispatcher=rig.dispatcher)
    async with receiver() as good:
        asked = await question(rig, good.url(), 0xB1)
        reply = await asker.ask(asked, LONG_SECONDS)
        (delivery,) = await rig.until(DeliveryState.DELIVERED, device=0xB1)
    assert reply == Reply(question=asked, reason=NoDownlink.ASK_INVALID, now_ms=rig.clock.now_ms)
    assert ([one.status for one in delivery.attempts], len(good.requests)) == ([200], 1)


async def test_where_the_relay_may_not_connect_nobody_is_asked(rig: Rig) -> None:
    asker = Asker(dispatcher=rig.dispatcher)
    asked = await question(rig, "http://192.168.1.1/", 0xB1)
    assert (await asker.ask(asked, LONG_SECONDS)).reason is NoDownlink.ASK_FAILED
