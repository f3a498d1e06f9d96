"""What is looked for among the messages of a device, and their order."""

from collections.abc import Callable
from dataclasses import dataclass

from relay.domain.delivery import Cause, DeliveryState

LAST_SECOND = 2**62
NOT_SENT = "not_sent"

StateRange = tuple[DeliveryState, DeliveryState]
"""The first and the last in the order of the alphabet; what is delivered is not among them."""

_OPEN: StateRange = DeliveryState.DEAD, DeliveryState.WAITING


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in the order of messages: that of a message, which is itself on neither side of it."""

    time: int
    seq_number: int = 0
    data: str = ""
    kind: str = ""


NEWEST = Place(time=LAST_SECOND)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRange:
    """HTTP statuses from the first to the last."""

    first: int
    last: int

    def __contains__(self, status: int | None) -> bool:
        return status is not None and self.first <= status <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFilter:
    """What is looked for: `text` is a part of the payload in hex, times are Unix seconds, `until` excluded.

    `state` is one of `DeliveryState`, `NOT_SENT`, or "" for any; `cause` and `statuses` are those of the last
    attempt. All that is said of deliveries must hold of one delivery. `says` judges a payload in hex.
    """

    text: str = ""
    state: str = ""
    cause: Cause | None = None
    statuses: StatusRange | None = None
    downlink: bool = False
    says: Callable[[str], bool] | None = None
    since: int = 0
    until: int = LAST_SECOND

    @property
    def is_narrow(self) -> bool:
        """Whether some messages within its times do not fit."""
        return bool(self.text or self.downlink or self.says) or self.looks_at_deliveries

    @property
    def looks_at_deliveries(self) -> bool:
        """Whether it depends on what became of a message."""
        return bool(self.state or self.cause or self.statuses)

    @property
    def open_states(self) -> StateRange | None:
        """The states that have an index, when no other ones can fit; None when others can."""
        if self.state == NOT_SENT or self.state == DeliveryState.DELIVERED:
            return None
        if self.state:
            return DeliveryState(self.state), DeliveryState(self.state)
        failed = self.cause is not None or (self.statuses is not None and self.statuses.first >= 300)
        return _OPEN if failed else None

    def conditions(self) -> dict[str, object]:
        """As the statements take them."""
        first_state, last_state = self.open_states or _OPEN
        return {
            "text": self.text,
            "state": self.state,
            "cause": self.cause or "",
            "status_from": self.statuses.first if self.statuses else 0,
            "status_to": self.statuses.last if self.statuses else 0,
            "downlink": int(self.downlink),
            "first_state": first_state,
            "last_state": last_state,
        }
