"""What the command line says of a measurement, and the two kinds of load."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

IN_FLIGHT = 128
ONE_ADDRESS = {"forwarder.per_address": IN_FLIGHT}
"""For scenarios whose webhooks all live on one address, as no real ones do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`settings` are dotted configuration keys of the relay."""

    rounds: int
    seconds: float
    steady_seconds: float
    messages: int
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def on_one_address(self) -> Mapping[str, Any]:
        """The settings of a run whose webhooks share one address."""
        return {**ONE_ADDRESS, **self.settings}


def at_full_speed(messages: int) -> list[str]:
    """Arguments of `bench.loadgen`: so many callbacks are always in flight."""
    return ["--rate", "max", "--messages", str(messages), "--connections", str(IN_FLIGHT)]


def by_the_clock(per_second: int, seconds: float) -> list[str]:
    """Arguments of `bench.loadgen`: callbacks come whatever the relay does."""
    return ["--rate", str(per_second), "--seconds", str(seconds)]
