"""Refused callbacks on their way into the operator's sample, without holding up the door."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from relay.errors import StoreUnavailable
from relay.store.driver import Driver
from relay.store.refusals import MOST_KEPT, RefusedCallback, keep_refused

_log = logging.getLogger(__name__)

WRITE_EVERY_SECONDS = 2.0
MOST_A_SECOND = 10
MOST_REASONS = 100


@dataclass(slots=True, kw_only=True)
class RefusedSample:
    """Gathers in memory and writes now and then: however many are refused, the disk sees one transaction.

    Best effort: what a flood brings beyond `MOST_A_SECOND` is only counted, and a database that takes no
    writes loses the sample.
    """

    driver: Driver
    now: Callable[[], float]
    _sample: list[RefusedCallback] = field(default_factory=list)
    _tally: Counter[tuple[int, str]] = field(default_factory=Counter)
    _second: int = 0
    _this_second: Counter[bool] = field(default_factory=Counter)

    def wants(self, status: int, reason: str, known: bool) -> bool:
        """Count a refusal; whether there is room for its request. `known`: the sender had the secret."""
        if (status, reason) in self._tally or len(self._tally) < MOST_REASONS:
            self._tally[status, reason] += 1
        if self._second != (second := int(self.now())):
            self._second = second
            self._this_second.clear()
        self._this_second[known] += 1
        return self._this_second[known] <= MOST_A_SECOND and len(self._sample) < 2 * MOST_KEPT

    def add(self, refused: RefusedCallback) -> None:
        """Take what `wants` has asked for."""
        self._sample.append(refused)

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await asyncio.sleep(WRITE_EVERY_SECONDS)
            await self.write()

    async def write(self) -> None:
        """Write what was gathered; the next sample begins empty whether this works or not."""
        if not self._tally:
            return
        sample, tally = self._sample, self._tally
        self._sample, self._tally = [], Counter()
        try:
            await self.driver.transact(keep_refused(sample, tally, round(self.now() * 1000)))
        except StoreUnavailable:
            self._tally.update(tally)
            _log.warning("callback.refused_not_kept", extra={"count": len(sample)})
