"""Reading messages back, with what became of them."""

import json
from collections.abc import Sequence

from relay.domain.delivery import Course, DeliveryState
from relay.domain.downlink_state import parse_reasons
from relay.domain.radio import Radio
from relay.domain.uplink import Kind, Uplink
from relay.store.driver import Do, Row, Steps
from relay.store.records import KeptAttempt, KeptDelivery, KeptUplink


def uplinks_of_device(device: int, before: int, limit: int) -> Steps[list[KeptUplink]]:
    """The newest uplinks with an id below `before`, newest first."""
    rows = yield Do("uplinks_of_device", [{"device": device, "before": before, "limit": limit}])
    found = []
    for row in rows:
        found.append(_uplink(row, (yield from _deliveries(row["id"]))))
    return found


def _uplink(row: Row, deliveries: tuple[KeptDelivery, ...]) -> KeptUplink:
    uplink = Uplink(
        kind=Kind(row["kind"]),
        device=row["device"],
        device_text=row["device_text"],
        time=row["time"],
        data=row["data"],
        seq_number=None if row["seq_number"] < 0 else row["seq_number"],
        rssi=row["rssi"],
        snr=row["snr"],
        station=row["station"],
        ack=bool(row["ack"]),
        more=json.loads(row["more"] or "{}"),
        radio=Radio.from_json(row["radio"]) if row["radio"] else None,
    )
    return KeptUplink(
        id=row["id"],
        uplink=uplink,
        received_at_ms=row["received_at_ms"],
        unclaimed=bool(row["unclaimed"]),
        repeats=row["repeats"],
        downlink=row["downlink"],
        downlink_reasons=parse_reasons(row["downlink_reason"]),
        deliveries=deliveries,
    )


def _deliveries(uplink_id: int) -> Steps[tuple[KeptDelivery, ...]]:
    rows = yield Do("deliveries_of_uplink", [{"uplink_id": uplink_id}])
    found = []
    for row in rows:
        attempts = yield Do("attempts_of_delivery", [{"delivery_id": row["id"]}])
        found.append(_delivery(row, attempts))
    return tuple(found)


def _delivery(row: Row, attempts: Sequence[Row]) -> KeptDelivery:
    return KeptDelivery(
        id=row["id"],
        webhook_id=row["webhook_id"],
        state=DeliveryState(row["state"]),
        attempt_count=row["attempts"],
        due_at_ms=row["due_at_ms"],
        leased=row["leased_by"] is not None,
        cause=row["cause"],
        attempts=tuple(read_attempt(attempt) for attempt in attempts),
    )


def read_attempt(row: Row) -> KeptAttempt:
    """An attempt from its row."""
    return KeptAttempt(
        number=row["number"],
        at_ms=row["at_ms"],
        duration_ms=row["duration_ms"],
        status=row["status"],
        cause=row["cause"],
        detail=row["detail"],
        answer=row["answer"],
        note=row["note"],
        course=Course(
            address=row["address"],
            looked_up_ms=row["looked_up_ms"],
            reached_ms=row["reached_ms"],
            connected_ms=row["connected_ms"],
            answered_ms=row["answered_ms"],
            headers=row["answer_headers"],
        ),
    )
