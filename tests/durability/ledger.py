"""What customers got, written down message by message."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.journeys.receiver import Arrival

ALL_ARRIVE_WITHIN_SECONDS = 300


@dataclass(slots=True)
class Ledger:
    """A receiver's answering that takes everything at once. `life` is the relay's, counted by its starts."""

    life: int = 0
    ids: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    arrivals: Counter[tuple[int, str]] = field(default_factory=Counter)
    _grown: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, arrival: Arrival) -> int:
        self.ids[json.loads(arrival.body)["data"]].add(arrival.webhook_id)
        self.arrivals[self.life, arrival.webhook_id] += 1
        self._grown.set()
        return 204

    async def until_all_came(self, acknowledged: Iterable[str]) -> None:
        """Until each of these payloads has arrived."""
        missing = set(acknowledged)
        async with asyncio.timeout(ALL_ARRIVE_WITHIN_SECONDS):
            while missing := missing - self.ids.keys():
                self._grown.clear()
                await self._grown.wait()

    @property
    def more_than_one_id(self) -> list[str]:
        """Payloads that came as if they were several messages."""
        return [data for data, ids in self.ids.items() if len(ids) > 1]

    @property
    def twice_in_a_life(self) -> list[str]:
        """Messages that were repeated although the relay had not been ended in between."""
        return [webhook_id for (_, webhook_id), count in self.arrivals.items() if count > 1]

    @property
    def repeats(self) -> int:
        """How often a message came once more."""
        return self.arrivals.total() - len({webhook_id for _, webhook_id in self.arrivals})
