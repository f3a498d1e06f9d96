"""A callback on its way in, and the rows that it becomes. Pure."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from relay.domain.delivery import Delivery, DeliveryState
from relay.domain.uplink import Kind, Uplink
from relay.store.delivering import sealed_endpoint
from relay.store.driver import Row
from relay.store.hearing import AWAIT_RADIO_MS
from relay.store.records import Incoming

# Plain text: sqlite3 asks around how to bind all that is not quite a str, for each parameter anew.
WAITING, HELD = DeliveryState.WAITING.value, DeliveryState.HELD.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Who accepts: the node's name, and where fresh ids come from."""

    node: str
    new_id: Callable[[], int]
    new_webhook_id: Callable[[], str]


class Kept(Struct, frozen=True, kw_only=True):
    """A callback on its way in.

    `routes` are the rows of its device, none when it is unknown; `endpoints` those it is to be delivered to.
    """

    id: int
    callback_id: int
    incoming: Incoming
    routes: Sequence[Row]
    endpoints: Sequence[Row]

    @property
    def unclaimed(self) -> bool:
        """Whether it is a message that the device's first endpoint will get, when there is one."""
        has_endpoint = bool(self.routes) and self.routes[0]["endpoint_id"] is not None
        return self.incoming.uplink.kind is Kind.DATA and not has_endpoint

    def row(self) -> dict[str, object]:
        """Its uplink."""
        uplink = self.incoming.uplink
        return {
            **key_of(uplink),
            "id": self.id,
            "callback_id": self.callback_id,
            "device_text": uplink.device_text,
            "time_given": int(uplink.time_given),
            "rssi": uplink.rssi,
            "snr": uplink.snr,
            "station": uplink.station,
            "ack": int(uplink.ack),
            "more": json.dumps(uplink.more) if uplink.more else "",
            "received_at_ms": self.incoming.received_at_ms,
            "unclaimed": int(self.unclaimed),
        }

    def callback_row(self) -> dict[str, object]:
        """What came, as it came."""
        raw = self.incoming.raw
        return {
            "id": self.callback_id,
            "received_at_ms": self.incoming.received_at_ms,
            "kind": self.incoming.uplink.kind.value,
            "method": raw.method,
            "query": raw.query,
            "content_type": raw.content_type,
            "body": raw.body,
        }

    def _awaits_radio(self, endpoint: Row) -> bool:
        """Whether it is to be sent when the radio details of its message came."""
        uplink = self.incoming.uplink
        return bool(endpoint["awaits_radio"]) and uplink.kind is Kind.DATA and uplink.radio is None

    def promise(self, endpoint: Row, delivery_id: int, context: Context, *, may_go: bool) -> dict[str, Any]:
        """The row of its delivery to one of its endpoints; leased to this node when that sends it at once."""
        received_at_ms, lease_until_ms = self.incoming.received_at_ms, self.incoming.lease_until_ms
        wait_ms = AWAIT_RADIO_MS if self._awaits_radio(endpoint) else 0
        leased = may_go and not wait_ms and lease_until_ms is not None
        return {
            "id": delivery_id,
            "uplink_id": self.id,
            "endpoint_id": endpoint["endpoint_id"],
            "webhook_id": context.new_webhook_id(),
            "state": WAITING if may_go else HELD,
            "attempts": int(leased),
            "due_at_ms": lease_until_ms if leased else received_at_ms + wait_ms,
            "leased_by": context.node if leased else None,
            "created_at_ms": received_at_ms,
        }

    def leased(self, promise: Mapping[str, Any], endpoint: Row) -> Delivery:
        """The delivery that was promised to this node, for the dispatcher."""
        uplink = self.incoming.uplink
        return Delivery(
            id=promise["id"],
            webhook_id=promise["webhook_id"],
            endpoint=sealed_endpoint(endpoint),
            attempt=1,
            tries=1,
            device_label=uplink.label,
            time=uplink.time,
            data=uplink.data,
            snr=uplink.snr,
            rssi=uplink.rssi,
            received_at_ms=self.incoming.received_at_ms,
            lease_until_ms=promise["due_at_ms"],
            kind=uplink.kind,
        )


def key_of(uplink: Uplink) -> dict[str, object]:
    """What makes a callback the same as one before."""
    return {
        "device": uplink.device,
        "time": uplink.time,
        "seq_number": uplink.key_number,
        "data": uplink.data,
        "kind": uplink.kind.value,
    }
