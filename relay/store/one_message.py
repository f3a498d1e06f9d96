"""One message of a device with all that is kept of it: as it was received, and every attempt."""

from collections.abc import Mapping
from dataclasses import dataclass

from relay.store.driver import Do, Row, Steps
from relay.store.facts import KnownMessage, known_of_uplink
from relay.store.looking import read_attempt
from relay.store.messages import Message, MessageDelivery, with_deliveries
from relay.store.records import KeptAttempt, RawCallback


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLog:
    """A delivery with its attempts, the first one first; `host` is empty when the endpoint is gone.

    `changed_at_ms` is when the endpoint became what it is.
    """

    delivery: MessageDelivery
    host: str
    changed_at_ms: int
    attempts: tuple[KeptAttempt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeMessage:
    """A message, the facts that its deliveries are made of, and the callback unless that was let go."""

    message: Message
    known: KnownMessage
    callback: RawCallback | None
    logs: tuple[DeliveryLog, ...]


def read_message(device: int, uplink_id: int) -> Steps[WholeMessage | None]:
    """A message; None when there is none, or it is another device's."""
    rows = yield Do("message_of_device", [{"id": uplink_id, "device": device}])
    known = (yield from known_of_uplink(uplink_id)) if rows else None
    if known is None:
        return None
    (message,) = yield from with_deliveries(rows)
    endpoints = {row["id"]: row for row in (yield Do("endpoints_of_device", [{"device": device}]))}
    logs = []
    for delivery in message.deliveries:
        logs.append((yield from _log(delivery, endpoints.get(delivery.endpoint_id))))
    return WholeMessage(message=message, known=known, callback=_callback(rows[0]), logs=tuple(logs))


def hosts_of(device: int) -> Steps[Mapping[int, str]]:
    """The hosts of a device's endpoints by their ids."""
    return {row["id"]: row["host"] for row in (yield Do("endpoints_of_device", [{"device": device}]))}


def _log(delivery: MessageDelivery, endpoint: Row | None) -> Steps[DeliveryLog]:
    rows = yield Do("attempts_of_delivery", [{"delivery_id": delivery.id}])
    return DeliveryLog(
        delivery=delivery,
        host=endpoint["host"] if endpoint else "",
        changed_at_ms=endpoint["changed_at_ms"] if endpoint else 0,
        attempts=tuple(map(read_attempt, rows)),
    )


def _callback(row: Row) -> RawCallback | None:
    if row["method"] is None:
        return None
    return RawCallback(
        method=row["method"], query=row["query"], content_type=row["content_type"], body=row["body"]
    )
