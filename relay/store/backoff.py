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
    failures: int = 0
    _rest_until: float = 0.0

    @property
    def resting(self) -> bool:
        """Whether it is too early to try again."""
        return self.clock() < self._rest_until

    def failed(self) -> None:
        """Rest; those who tried at the same time and failed too make it no longer."""
        if not self.resting:
            self._rest_until = self.clock() + min(FIRST_SECONDS * 2**self.failures, LONGEST_SECONDS)
            self.failures += 1

    def worked(self) -> None:
        """Forget the failures."""
        self.failures = 0
        self._rest_until = 0.0
