"""Makes attempts, of whatever kind: opens the endpoint, makes the request, sends it."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from msgspec.structs import replace

from relay.domain.delivery import Cause, Delivery, Outcome
from relay.domain.endpoint import Endpoint
from relay.domain.own_bin import bin_name
from relay.errors import TargetRefused
from relay.forwarder.client import WebhookClient
from relay.forwarder.destinations import Destinations
from relay.forwarder.formatting import formatted
from relay.forwarder.hand_over import hand_over
from relay.forwarder.prepare import Destination, WebhookRequest, prepare
from relay.forwarder.sample import sample_facts
from relay.forwarder.send import send
from relay.store.facts import KnownMessage
from relay.store.store import Store
from relay.store.vault import CannotOpen

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempting:
    """Whatever goes wrong in an attempt is its outcome; limits and what follows are the caller's."""

    store: Store
    client: WebhookClient
    destinations: Destinations
    now: Callable[[], float]

    async def deliver(self, delivery: Delivery) -> Outcome:
        """One attempt of a delivery."""
        return await self._attempt(
            delivery,
            lambda: self.destinations.open(delivery.endpoint),
            lambda: self.store.known_of(delivery),
        )

    async def ask(self, delivery: Delivery) -> Outcome:
        """One attempt that asks for a downlink."""
        return await self.deliver(replace(delivery, asks_downlink=True))

    async def try_out(self, endpoint: Endpoint, sample: Delivery) -> Outcome:
        """One attempt outside the books, for an owner who tests; it goes the way of all deliveries."""
        return await self._attempt(
            sample,
            lambda: self.destinations.judge(endpoint),
            lambda: self.store.known_of_sample(sample_facts(sample), endpoint.device),
        )

    async def _attempt(
        self,
        delivery: Delivery,
        destination: Callable[[], Destination],
        known: Callable[[], Awaitable[KnownMessage]],
    ) -> Outcome:
        """One attempt; whatever goes wrong in it, in the stored row or in the network, is its outcome."""
        now = self.now()
        try:
            opened = destination()
            if opened.is_plain_for(delivery):
                request = prepare(delivery, opened, now)
            else:
                request = formatted(delivery, await known(), opened, now)
        except TargetRefused as refused:
            return self._no_attempt(Cause.BLOCKED_ADDRESS, refused.reason)
        except CannotOpen as error:
            _log.error("endpoint.cannot_open", extra={"endpoint": delivery.endpoint.id, "error": str(error)})
            return self._no_attempt(Cause.INTERNAL, "sealed")
        except Exception as error:  # a row that breaks us must not be tried for ever
            _log.exception("delivery.not_prepared", extra={"delivery": delivery.id})
            return self._no_attempt(Cause.INTERNAL, type(error).__name__)
        return await self._send(request, now)

    async def _send(self, request: WebhookRequest, now: float) -> Outcome:
        url = request.url
        name = bin_name(url.raw_host, url.port, url.raw_path, self.destinations.own_hosts)
        if name is None:
            return await send(self.client, request, now)
        return await hand_over(self.store, name, request, now)

    def _no_attempt(self, cause: Cause, detail: str) -> Outcome:
        return Outcome(status=None, cause=cause, at_ms=round(self.now() * 1000), duration_ms=0, detail=detail)
