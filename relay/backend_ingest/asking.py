"""Downlinks that are not known at once: somebody is being asked, and who calls in the meantime waits too."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from relay.errors import StoreUnavailable
from relay.store.choosing import Choice, Question, Reply
from relay.store.deciding import Deciding
from relay.store.records import Accepted
from relay.store.store import Store

ANSWER_WITHIN_SECONDS = 7.5
"""From the callback to its answer: Sigfox gives up after 10 s, and the device does not listen for long."""
DECIDE_WITHIN_SECONDS = 0.5
"""What asking leaves of that for writing down the choice."""
LOOK_EVERY_SECONDS = 0.2


@dataclass(slots=True, kw_only=True)
class Asking:
    """Has each message asked for once; repeats get the same answer, whichever node asks."""

    store: Store
    ask: Callable[[Question, float], Awaitable[Reply]]
    ask_within_seconds: float
    deciding: Deciding
    _asked: "dict[int, asyncio.Future[Choice]]" = field(default_factory=dict)

    async def choice(self, accepted: Accepted, until: float) -> Choice:
        """What an undecided message gets; `until` is a moment of the monotonic clock.

        Raises:
            StoreUnavailable: The choice was not durable in time; Sigfox should call again.
        """
        if accepted.question is None:
            return await self._await_other(accepted.uplink_id, until)
        return await self._lead(accepted.uplink_id, accepted.question, until)

    async def _lead(self, uplink_id: int, question: Question, until: float) -> Choice:
        asked = self._asked[uplink_id] = asyncio.get_running_loop().create_future()
        try:
            room_seconds = _seconds_to(until) - DECIDE_WITHIN_SECONDS
            reply = await self.ask(question, min(self.ask_within_seconds, room_seconds))
            choice = await self.deciding.decide(reply, max(_seconds_to(until), DECIDE_WITHIN_SECONDS))
            asked.set_result(choice)
            return choice
        finally:
            asked.cancel()
            del self._asked[uplink_id]

    async def _await_other(self, uplink_id: int, until: float) -> Choice:
        """Wait for the callback that leads: here, or at another node, which only the database knows of."""
        while _seconds_to(until) > 0:
            if (asked := self._asked.get(uplink_id)) is not None:
                await asyncio.wait([asked], timeout=_seconds_to(until))
                if asked.done() and not asked.cancelled():
                    return asked.result()
            if (choice := await self.store.choice_of(uplink_id)) is not None:
                return choice
            await asyncio.sleep(LOOK_EVERY_SECONDS)
        raise StoreUnavailable("the owner's server is still being asked")


def _seconds_to(until: float) -> float:
    return until - time.monotonic()
