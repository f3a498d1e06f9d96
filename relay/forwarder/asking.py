"""Asking owners' servers for downlinks: by the way of all deliveries, and never in the way of others."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from relay.domain.delivery import Cause, Delivery, Outcome
from relay.domain.downlink_reply import parse_reply
from relay.domain.downlink_state import NoDownlink
from relay.domain.verdict import Delivered
from relay.forwarder.attempt_log import log_attempt, word_of
from relay.forwarder.dispatcher import Dispatcher
from relay.store.choosing import Question, Reply
from relay.store.records import Settlement

_log = logging.getLogger(__name__)

ASKS_AT_ONCE = 200
ASKS_AT_ONE_ADDRESS = 50
"""So that servers which hang leave room for others."""
LEAST_SECONDS = 0.1
"""With less time left nobody is asked."""

_TIMEOUTS = {Cause.READ_TIMEOUT, Cause.CONNECT_TIMEOUT}


@dataclass(slots=True, kw_only=True)
class Asker:
    """Asks at once or not at all: who waits for a place would be answered too late."""

    dispatcher: Dispatcher
    at_once: int = ASKS_AT_ONCE
    at_one_address: int = ASKS_AT_ONE_ADDRESS
    _asked: Counter[str] = field(default_factory=Counter)

    async def ask(self, question: Question, within_seconds: float) -> Reply:
        """What the owner's server says; never raises but for cancellation.

        A server that takes the question has taken the message. Else the message goes its usual way.
        """
        is_settled = False
        try:
            outcome = await self._ask(question.delivery, within_seconds)
            if isinstance(outcome, Outcome) and outcome.cause is None:
                is_settled = self._settle(question, outcome)
            return self._reply(question, outcome)
        finally:
            if question.is_first_attempt and not is_settled:
                self.dispatcher.offer([question.delivery])

    async def _ask(self, delivery: Delivery, within_seconds: float) -> Outcome | NoDownlink:
        if within_seconds < LEAST_SECONDS:
            return NoDownlink.ASK_TIMEOUT
        place = self._place_of(delivery)
        if self._asked.total() >= self.at_once or self._asked[place] >= self.at_one_address:
            return NoDownlink.ASK_BUSY
        try:
            with self._taken(place):
                async with asyncio.timeout(within_seconds):
                    return await self.dispatcher.attempting.ask(delivery)
        except TimeoutError:
            return NoDownlink.ASK_TIMEOUT

    def _place_of(self, delivery: Delivery) -> str:
        """The address; names that were never looked up share one place, for they may have the same."""
        host = self.dispatcher.destinations.host_of(delivery.endpoint)
        return self.dispatcher.resolver.address_of(host) or ""

    @contextmanager
    def _taken(self, place: str) -> Iterator[None]:
        self._asked[place] += 1
        try:
            yield
        finally:
            self._asked[place] -= 1
            if not self._asked[place]:
                del self._asked[place]

    def _settle(self, question: Question, outcome: Outcome) -> bool:
        """An attempt of a delivery that is not leased for it stays outside the books."""
        if not question.is_first_attempt:
            return False
        verdict = Delivered()
        self.dispatcher.metrics.attempt_ended(question.delivery, outcome, word_of(verdict))
        log_attempt(question.delivery, outcome, verdict)
        self.dispatcher.store.settle(Settlement(delivery=question.delivery, outcome=outcome, verdict=verdict))
        return True

    def _reply(self, question: Question, outcome: Outcome | NoDownlink) -> Reply:
        device = question.listening.uplink.device
        said = outcome if isinstance(outcome, NoDownlink) else _read(outcome, device)
        reason = said if isinstance(said, NoDownlink) else None
        self.dispatcher.metrics.owner_asked(reason or "answered")
        _log.info(
            "downlink.asked",
            extra={
                "device": question.delivery.device_label,
                "endpoint": question.delivery.endpoint.id,
                "result": reason or "answered",
                "status": outcome.status if isinstance(outcome, Outcome) else None,
                "ms": outcome.duration_ms if isinstance(outcome, Outcome) else None,
            },
        )
        return Reply(
            question=question,
            data="" if reason else said,
            reason=reason,
            now_ms=round(self.dispatcher.now() * 1000),
        )


def _read(outcome: Outcome, device: int) -> str | NoDownlink:
    if outcome.cause in _TIMEOUTS:
        return NoDownlink.ASK_TIMEOUT
    if outcome.cause is not None:
        return NoDownlink.ASK_FAILED
    return parse_reply(outcome.answer, device)
