"""What ends waits that may all last equally long, with one timer for all of them.

A timer of the event loop for each would cost more than the rest of what many of these waits do.
"""

import asyncio
from collections import deque
from collections.abc import Callable


class Deadline:
    """The end of one wait; `end` is None when nobody waits any more, `is_over` tells that its time came."""

    __slots__ = ("at", "end", "is_over")

    def __init__(self, at: float, end: Callable[[], object]) -> None:
        self.at = at
        self.end: Callable[[], object] | None = end
        self.is_over = False

    def cancel(self) -> None:
        """The wait is over."""
        self.end = None


class Deadlines:
    """Calls what is to end a wait `seconds` after the wait began; the oldest is always the first."""

    def __init__(self, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._seconds = seconds
        self._waits: deque[Deadline] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def start(self, end: Callable[[], object]) -> Deadline:
        """Call `end` when the time is over, unless the answer is cancelled before."""
        deadline = Deadline(self._loop.time() + self._seconds, end)
        waits = self._waits
        while waits and waits[0].end is None:
            waits.popleft()
        waits.append(deadline)
        if self._timer is None:
            self._timer = self._loop.call_at(deadline.at, self._end)
        return deadline

    def _end(self) -> None:
        loop, waits = self._loop, self._waits
        while waits and (waits[0].end is None or waits[0].at <= loop.time()):
            deadline = waits.popleft()
            if deadline.end is not None:
                deadline.is_over = True
                deadline.end()
        self._timer = loop.call_at(waits[0].at, self._end) if waits else None
