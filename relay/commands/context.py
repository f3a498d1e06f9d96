"""What commands need."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from relay.config import Config
from relay.domain.activity import Action, Actor, Deed, Doer
from relay.domain.delivery import Outcome
from relay.domain.endpoint import Endpoint
from relay.domain.sample import Sample
from relay.store.store import Store

TryOut = Callable[[Endpoint, Sample], Awaitable[Outcome]]
"""Sends a sample to an endpoint, once, and says what came of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandContext:
    """An open store, the settings, the clock (Unix seconds) and a way to endpoints."""

    store: Store
    config: Config
    now: Callable[[], float]
    try_out: TryOut

    def now_ms(self) -> int:
        """Unix milliseconds."""
        return round(self.now() * 1000)

    def deed(self, device: int, action: Action, **facts: object) -> Deed:
        """What the operator is doing to a device; the facts are those of its sentence."""
        return Deed(
            device=device,
            doer=Doer(actor=Actor.OPERATOR),
            action=action,
            at_ms=self.now_ms(),
            facts={name: str(value) for name, value in facts.items()},
        )
