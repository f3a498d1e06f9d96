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
    """A delivery with its attempts, the first one first; `host` is empty when the endpoint is gone."""

    delivery: MessageDelivery
    host: str
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
    hosts = yield from hosts_of(device)
    logs = []
    for delivery in message.deliveries:
        logs.append((yield from delivery_log(delivery, hosts)))
    return WholeMessage(message=message, known=known, callback=_callback(rows[0]), logs=tuple(logs))


def hosts_of(device: int) -> Steps[Mapping[int, str]]:
    """The hosts of a device's endpoints by their ids."""
    return {row["id"]: row["host"] for row in (yield Do("endpoints_of_device", [{"device": device}]))}


def delivery_log(delivery: MessageDelivery, hosts: Mapping[int, str]) -> Steps[DeliveryLog]:
    """A delivery with its attempts."""
    rows = yield Do("attempts_of_delivery", [{"delivery_id": delivery.id}])
    return DeliveryLog(
        delivery=delivery,
        host=hosts.get(delivery.endpoint_id, ""),
        attempts=tuple(map(read_attempt, rows)),
    )


def _callback(row: Row) -> RawCallback | None:
    if row["method"] is None:
        return None
    return RawCallback(
        method=row["method"], query=row["query"], content_type=row["content_type"], body=row["body"]
    )
