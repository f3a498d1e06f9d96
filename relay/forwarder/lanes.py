"""Whose turn it is: one lane an endpoint, round robin, with limits. Pure: it only keeps the books."""

from collections import deque
from dataclasses import dataclass, field, replace

from relay.domain.delivery import Delivery

SLOW_LANE_ROOM = 50
"""How many deliveries may wait in memory for one slow endpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many attempts may run at once: in all, to one endpoint, and to one address.

    Slow endpoints together have at most half of the room.
    """

    total: int
    per_endpoint: int
    per_address: int

    @property
    def slow(self) -> int:
        """How many attempts may run at slow endpoints."""
        return max(1, self.total // 2)

    def shared(self, nodes: int) -> "Limits":
        """One node's part of what is allowed to an endpoint and an address; at least one."""
        return replace(
            self,
            per_endpoint=max(1, self.per_endpoint // nodes),
            per_address=max(1, self.per_address // nodes),
        )


@dataclass(slots=True, eq=False)
class _Lane:
    """One endpoint's; `queued` while it stands in the turn or is parked at a place.

    `closings` counts how often what waited was taken out.
    """

    endpoint_id: int
    waiting: deque[Delivery] = field(default_factory=deque)
    in_flight: int = 0
    queued: bool = False
    closings: int = 0
    address: "_Place | None" = None
    slow: "_Place | None" = None

    def places(self) -> "list[_Place]":
        """What its attempts take room in, beside the whole."""
        return [place for place in (self.slow, self.address) if place is not None]


@dataclass(slots=True, eq=False)
class _Place:
    """Something that takes a limited number of attempts: an address, or all slow endpoints together."""

    name: str
    limit: int
    lanes: int = 0
    in_flight: int = 0
    parked: deque[_Lane] = field(default_factory=deque)

    @property
    def is_full(self) -> bool:
        return self.in_flight >= self.limit


@dataclass(slots=True)
class Lanes:
    """Deliveries that wait in memory, and how many attempts run to each endpoint and address.

    An endpoint's address is given with its deliveries, or when one is put back, or learned from its attempts
    (`learn`); as long as it is unknown, only the other limits hold.

    Where lanes are parked, either the place is full or a lane of it stands in the turn: so whatever ends
    or moves away wakes one, and each that starts wakes the next for which there is room.
    """

    limits: Limits
    waiting: int = 0
    in_flight: int = 0
    _own: Limits = field(init=False)
    _lanes: dict[int, _Lane] = field(default_factory=dict)
    _turn: deque[_Lane] = field(default_factory=deque)
    _addresses: dict[str, _Place] = field(default_factory=dict)
    _slow: _Place = field(init=False)
    _slow_endpoints: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._own = self.limits
        self._slow = _Place("slow", self.limits.slow)

    def share(self, nodes: int) -> None:
        """Keep to the part of one of so many nodes from now on; what runs ends as it is."""
        shared = self.limits.shared(nodes)
        if shared == self._own:
            return
        self._own = shared
        for place in self._addresses.values():
            place.limit = shared.per_address
            self._wake(place)
        for lane in self._lanes.values():
            self._queue(lane)

    def add(self, delivery: Delivery, address: str | None = None) -> None:
        """Let a delivery wait for its turn; `address` is where its endpoint's attempts go, if known."""
        lane = self._lanes.get(delivery.endpoint.id) or self._open(delivery)
        if address is not None:
            self._move(lane, address)
        lane.waiting.append(delivery)
        self.waiting += 1
        self._queue(lane)

    def take(self) -> Delivery | None:
        """The next delivery whose attempt may start now; the caller reports its end with `done`."""
        while self._turn and self.in_flight < self.limits.total:
            lane = self._turn.popleft()
            full = next((place for place in lane.places() if place.is_full), None)
            if full is not None:
                full.parked.append(lane)
                self._wake_at(lane)  # it may have been woken at another place, and does not use it
                continue
            lane.queued = False
            if lane.waiting and lane.in_flight < self._own.per_endpoint:
                return self._start(lane)
            self._wake_at(lane)
            self._forget_if_idle(lane)
        return None

    def put_back(self, delivery: Delivery, address: str | None) -> None:
        """Let one that was taken wait for its turn again, before the others; `done` is called as well."""
        lane = self._lanes[delivery.endpoint.id]
        if address is not None:
            self._move(lane, address)
        lane.waiting.appendleft(delivery)
        self.waiting += 1

    def closings(self, endpoint_id: int) -> int:
        """Another number when what waits for an endpoint was taken out while an attempt ran."""
        return self._lanes[endpoint_id].closings

    def knows_address(self, endpoint_id: int) -> bool:
        """Whether it is known to which address an endpoint's attempts go."""
        lane = self._lanes.get(endpoint_id)
        return lane is not None and lane.address is not None

    def learn(self, endpoint_id: int, address: str | None) -> None:
        """Say to which address an endpoint's attempts go."""
        lane = self._lanes.get(endpoint_id)
        if lane is not None and address is not None:
            self._move(lane, address)

    def mark(self, endpoint_id: int, *, slow: bool) -> None:
        """Say whether an endpoint is slow: its last attempt failed or took long, or the present one hangs."""
        if slow:
            self._slow_endpoints.add(endpoint_id)
        else:
            self._slow_endpoints.discard(endpoint_id)
        lane = self._lanes.get(endpoint_id)
        if lane is None or (lane.slow is not None) is slow:
            return
        old, lane.slow = lane.slow, self._slow if slow else None
        self._transfer(lane, old, lane.slow)

    def done(self, endpoint_id: int) -> None:
        """An attempt ended."""
        lane = self._lanes[endpoint_id]
        lane.in_flight -= 1
        self.in_flight -= 1
        for place in lane.places():
            place.in_flight -= 1
        self._wake_at(lane)
        self._queue(lane)
        self._forget_if_idle(lane)

    def close(self, endpoint_id: int) -> list[Delivery]:
        """Take out all that wait for one endpoint."""
        lane = self._lanes.get(endpoint_id)
        if lane is None:
            return []
        left = list(lane.waiting)
        lane.waiting.clear()
        lane.closings += 1
        self.waiting -= len(left)
        return left

    def excess(self, endpoint_id: int) -> list[Delivery]:
        """Take out the newest of what waits for a slow endpoint beyond `SLOW_LANE_ROOM`."""
        lane = self._lanes.get(endpoint_id)
        if lane is None or lane.slow is None:
            return []
        left = [lane.waiting.pop() for _ in range(len(lane.waiting) - SLOW_LANE_ROOM)]
        self.waiting -= len(left)
        return left

    def drain(self) -> list[Delivery]:
        """Take out all that wait."""
        return [delivery for endpoint_id in list(self._lanes) for delivery in self.close(endpoint_id)]

    def _open(self, delivery: Delivery) -> _Lane:
        endpoint_id = delivery.endpoint.id
        lane = self._lanes[endpoint_id] = _Lane(endpoint_id)
        if endpoint_id in self._slow_endpoints or delivery.endpoint.troubled:
            lane.slow = self._slow
        return lane

    def _start(self, lane: _Lane) -> Delivery:
        delivery = lane.waiting.popleft()
        lane.in_flight += 1
        self.waiting -= 1
        self.in_flight += 1
        for place in lane.places():
            place.in_flight += 1
        self._wake_at(lane)
        self._queue(lane)
        return delivery

    def _queue(self, lane: _Lane) -> None:
        if lane.waiting and not lane.queued and lane.in_flight < self._own.per_endpoint:
            lane.queued = True
            self._turn.append(lane)

    def _move(self, lane: _Lane, address: str) -> None:
        old = lane.address
        if old is not None and old.name == address:
            return
        place = self._addresses.get(address)
        if place is None:
            place = self._addresses[address] = _Place(address, self._own.per_address)
        place.lanes += 1
        lane.address = place
        self._transfer(lane, old, place)
        if old is not None:
            self._leave(old)

    def _transfer(self, lane: _Lane, old: _Place | None, new: _Place | None) -> None:
        """Attempts that run are counted at the new place, though it may become too full by that."""
        if new is not None:
            new.in_flight += lane.in_flight
        if old is None:
            return
        old.in_flight -= lane.in_flight
        if lane in old.parked:
            old.parked.remove(lane)
            self._turn.append(lane)
        self._wake(old)

    def _wake_at(self, lane: _Lane) -> None:
        for place in lane.places():
            if place.parked:
                self._wake(place)

    def _wake(self, place: _Place) -> None:
        if place.parked and not place.is_full:
            self._turn.append(place.parked.popleft())

    def _leave(self, address: _Place) -> None:
        address.lanes -= 1
        if not address.lanes:
            del self._addresses[address.name]

    def _forget_if_idle(self, lane: _Lane) -> None:
        if not lane.waiting and not lane.in_flight and not lane.queued:
            del self._lanes[lane.endpoint_id]
            if lane.address is not None:
                self._leave(lane.address)
