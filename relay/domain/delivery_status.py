"""What people are told of a delivery, in one word; and of a message, which may have several."""

import enum
from collections.abc import Iterable

from relay.domain.delivery import DeliveryState


class DeliveryStatus(enum.StrEnum):
    """From what needs most attention to what needs none."""

    FAILED = "failed"  # given up
    RETRYING = "retrying"  # tried without success, and will be again
    HELD = "held"  # its endpoint is paused or suspended
    WAITING = "waiting"  # not tried yet
    DELIVERED = "delivered"
    NOT_SENT = "not_sent"  # there is nobody to send it to


_ORDER = {status: place for place, status in enumerate(DeliveryStatus)}


def delivery_status(state: DeliveryState | str, attempts: int, *, leased: bool) -> DeliveryStatus:
    """The word for one delivery; while it is leased, the last of its attempts is still under way."""
    match DeliveryState(state):
        case DeliveryState.DELIVERED:
            return DeliveryStatus.DELIVERED
        case DeliveryState.DEAD:
            return DeliveryStatus.FAILED
        case DeliveryState.HELD:
            return DeliveryStatus.HELD
        case DeliveryState.WAITING:
            return DeliveryStatus.RETRYING if attempts > int(leased) else DeliveryStatus.WAITING


def message_status(statuses: Iterable[DeliveryStatus]) -> DeliveryStatus:
    """The word for a message: that of the delivery which needs most attention."""
    return min(statuses, key=_ORDER.__getitem__, default=DeliveryStatus.NOT_SENT)
