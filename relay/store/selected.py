"""Sending again what an owner picked out."""

from collections.abc import Sequence
from dataclasses import dataclass

from relay.domain.activity import Deed
from relay.domain.endpoint import EndpointState
from relay.store.activity import noted
from relay.store.driver import Do, Row, Steps
from relay.store.tending import send_again


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Messages with all of their deliveries, and single deliveries, by their ids."""

    messages: frozenset[int] = frozenset()
    deliveries: frozenset[int] = frozenset()

    @property
    def count(self) -> int:
        """How much was picked."""
        return len(self.messages) + len(self.deliveries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """A delivery that was picked, whose endpoint is still there; a leased one is being tried just now."""

    id: int
    uplink_id: int
    is_leased: bool
    host: str
    endpoint_state: EndpointState


def find_selected(device: int, selection: Selection) -> Steps[Sequence[Selected]]:
    """The deliveries that were picked; those of another device are left out."""
    of_messages = yield Do(
        "deliveries_to_resend", [{"device": device, "uplink_id": one} for one in sorted(selection.messages)]
    )
    single = yield Do(
        "delivery_to_resend", [{"device": device, "id": one} for one in sorted(selection.deliveries)]
    )
    found = {row["id"]: _selected(row) for row in (*of_messages, *single)}
    return [found[one] for one in sorted(found)]


def replay_selected(device: int, selection: Selection, now_ms: int, deed: Deed | None = None) -> Steps[int]:
    """Make them due, the oldest first; the answer is how many, without those under way."""
    found = yield from find_selected(device, selection)
    sending = send_again([one.id for one in found], now_ms)
    return (yield from noted(sending, deed, lambda count: {"count": str(count)} if count else None))


def _selected(row: Row) -> Selected:
    return Selected(
        id=row["id"],
        uplink_id=row["uplink_id"],
        is_leased=row["leased_by"] is not None,
        host=row["host"],
        endpoint_state=EndpointState(row["endpoint_state"]),
    )
