"""When to try a lost database again."""

import time
from collections.abc import Callable
from dataclasses import dataclass

FIRST_SECONDS = 0.1
LONGEST_SECONDS = 2.0


@dataclass(slots=True)
class Backoff:
    """After each failure in a row a longer rest, in which nothing is tried; `clock` is monotonic."""

    clock: Callable[[], float] = time.monotonic
    _rest_seconds: float = 0.0
    _rest_until: float = 0.0

    @property
    def is_failing(self) -> bool:
        """Whether the last try failed."""
        return self._rest_seconds > 0

    @property
    def is_resting(self) -> bool:
        """Whether it is too early to try again."""
        return self.clock() < self._rest_until

    def failed(self) -> None:
        """Rest; those who tried at the same time and failed too make it no longer."""
        if not self.is_resting:
            self._rest_seconds = min(2 * self._rest_seconds or FIRST_SECONDS, LONGEST_SECONDS)
            self._rest_until = self.clock() + self._rest_seconds

    def worked(self) -> None:
        """Forget the failures."""
        self._rest_seconds = self._rest_until = 0.0
