"""Whose turn it is: one lane an endpoint, round robin, with limits. Pure: it only keeps the books."""

from collections import deque
from dataclasses import dataclass, field

from relay.domain.delivery import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many attempts may run at once: in all, to one endpoint, and to one address."""

    total: int
    per_endpoint: int
    per_address: int


@dataclass(slots=True)
class _Lane:
    endpoint_id: int
    waiting: deque[Delivery] = field(default_factory=deque)
    in_flight: int = 0
    queued: bool = False
    address: str | None = None


@dataclass(slots=True)
class Lanes:
    """Deliveries that wait in memory, and how many attempts run to each endpoint and address.

    An endpoint's address is learned from its attempts (`learn`); until then only its own limit holds.
    """

    limits: Limits
    _lanes: dict[int, _Lane] = field(default_factory=dict)
    _turn: deque[_Lane] = field(default_factory=deque)
    _at_address: dict[str, int] = field(default_factory=dict)
    _parked: dict[str, deque[_Lane]] = field(default_factory=dict)
    waiting: int = 0
    in_flight: int = 0

    def add(self, delivery: Delivery) -> None:
        """Let a delivery wait for its turn."""
        lane = self._lanes.get(delivery.endpoint.id)
        if lane is None:
            lane = self._lanes[delivery.endpoint.id] = _Lane(delivery.endpoint.id)
        lane.waiting.append(delivery)
        self.waiting += 1
        self._queue(lane)

    def take(self) -> Delivery | None:
        """The next delivery whose attempt may start now; the caller reports its end with `done`."""
        while self._turn and self.in_flight < self.limits.total:
            lane = self._turn.popleft()
            lane.queued = False
            if lane.address is not None and self._at_address.get(lane.address, 0) >= self.limits.per_address:
                self._parked.setdefault(lane.address, deque()).append(lane)
                lane.queued = True
                continue
            return self._start(lane)
        return None

    def learn(self, endpoint_id: int, address: str | None) -> None:
        """Say to which address an endpoint's attempts go; it counts from the next one."""
        lane = self._lanes.get(endpoint_id)
        if lane is not None and address is not None and lane.address != address:
            self._at_address[address] = self._at_address.get(address, 0) + lane.in_flight
            if lane.address is not None:
                self._leave(lane.address, lane.in_flight)
            lane.address = address

    def done(self, endpoint_id: int) -> None:
        """An attempt ended."""
        lane = self._lanes[endpoint_id]
        lane.in_flight -= 1
        self.in_flight -= 1
        if lane.address is not None:
            self._leave(lane.address, 1)
        if lane.waiting:
            self._queue(lane)
        elif not lane.in_flight:
            del self._lanes[endpoint_id]

    def drain(self) -> list[Delivery]:
        """Take out all that wait."""
        left = [delivery for lane in self._lanes.values() for delivery in lane.waiting]
        for lane in self._lanes.values():
            lane.waiting.clear()
        self._turn.clear()
        self._parked.clear()
        self.waiting = 0
        return left

    def _start(self, lane: _Lane) -> Delivery:
        delivery = lane.waiting.popleft()
        self.waiting -= 1
        lane.in_flight += 1
        self.in_flight += 1
        if lane.address is not None:
            self._at_address[lane.address] = self._at_address.get(lane.address, 0) + 1
        self._queue(lane)
        return delivery

    def _queue(self, lane: _Lane) -> None:
        if lane.waiting and not lane.queued and lane.in_flight < self.limits.per_endpoint:
            lane.queued = True
            self._turn.append(lane)

    def _leave(self, address: str, count: int) -> None:
        left = self._at_address.get(address, 0) - count
        if left > 0:
            self._at_address[address] = left
        else:
            self._at_address.pop(address, None)
        parked = self._parked.get(address)
        if parked:
            self._turn.append(parked.popleft())
            if not parked:
                del self._parked[address]
