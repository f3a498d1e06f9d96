"""What commands need."""

from collections.abc import Callable
from dataclasses import dataclass

from relay.config import Config
from relay.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandContext:
    """An open store, the settings, and the clock (Unix seconds)."""

    store: Store
    config: Config
    now: Callable[[], float]

    def now_ms(self) -> int:
        """Unix milliseconds."""
        return round(self.now() * 1000)
