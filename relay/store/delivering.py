"""How deliveries are claimed, settled and given back."""

from collections.abc import Generator, Sequence
from typing import assert_never

from relay.domain.delivery import Cause, Delivery, DeliveryState
from relay.domain.endpoint import SealedEndpoint
from relay.domain.verdict import Dead, Delivered, DueAgain, Held, Verdict
from relay.store.driver import Do, Row, Steps
from relay.store.records import Settlement


def claim_due(node: str, now_ms: int, lease_until_ms: int, limit: int) -> Steps[list[Delivery]]:
    """Lease what is due to this node, counting the attempt that follows."""
    claimed = yield Do(
        "claim_due", [{"node": node, "now_ms": now_ms, "lease_until_ms": lease_until_ms, "limit": limit}]
    )
    if not claimed:
        return []
    rows = yield Do("read_delivery", [{"id": row["id"]} for row in claimed])
    return [_delivery(row) for row in rows]


def sealed_endpoint(row: Row) -> SealedEndpoint:
    """The endpoint's part of a joined row."""
    return SealedEndpoint(
        id=row["endpoint_id"],
        revision=row["revision"],
        url_sealed=row["url_sealed"],
        secret_sealed=row["secret_sealed"],
    )


def _delivery(row: Row) -> Delivery:
    return Delivery(
        id=row["id"],
        webhook_id=row["webhook_id"],
        endpoint=sealed_endpoint(row),
        attempt=row["attempts"],
        tries=row["tries"],
        device_label=row["device_text"].upper(),
        time=row["time"],
        data=row["data"],
        snr=row["snr"],
        rssi=row["rssi"],
        received_at_ms=row["received_at_ms"],
        lease_until_ms=row["due_at_ms"],
    )


def settle_all(batch: Sequence[Settlement], node: str) -> Generator[Do, Sequence[Row], None]:
    """Write down how attempts ended; where the lease was lost meanwhile, only the attempt is kept."""
    yield Do("settle_delivery", [_settled_row(one, node) for one in batch])
    yield Do("insert_attempt", [_attempt_row(one) for one in batch])


def _settled_row(settlement: Settlement, node: str) -> dict[str, object]:
    state, due_at_ms, cause = _standing(settlement.verdict)
    ended_at_ms = settlement.outcome.at_ms + settlement.outcome.duration_ms
    return {
        "id": settlement.delivery.id,
        "attempt": settlement.delivery.attempt,
        "node": node,
        "state": state,
        "due_at_ms": due_at_ms if due_at_ms is not None else ended_at_ms,
        "cause": cause or (settlement.outcome.cause if state is DeliveryState.WAITING else None),
        "settled_at_ms": None if state is DeliveryState.WAITING else ended_at_ms,
    }


def _standing(verdict: Verdict) -> tuple[DeliveryState, int | None, Cause | None]:
    match verdict:
        case Delivered():
            return DeliveryState.DELIVERED, None, None
        case DueAgain(at_ms):
            return DeliveryState.WAITING, at_ms, None
        case Held(cause):
            return DeliveryState.HELD, None, cause
        case Dead(cause):
            return DeliveryState.DEAD, None, cause
        case _:
            assert_never(verdict)


def _attempt_row(settlement: Settlement) -> dict[str, object]:
    outcome = settlement.outcome
    return {
        "delivery_id": settlement.delivery.id,
        "number": settlement.delivery.attempt,
        "at_ms": outcome.at_ms,
        "duration_ms": outcome.duration_ms,
        "status": outcome.status,
        "cause": outcome.cause,
        "detail": outcome.detail,
        "answer": outcome.answer,
    }


def give_back(deliveries: Sequence[Delivery], node: str, now_ms: int) -> Generator[Do, Sequence[Row], None]:
    """Return leases unused; the attempts that were counted for them are taken back."""
    yield Do(
        "give_back",
        [{"id": one.id, "attempt": one.attempt, "node": node, "now_ms": now_ms} for one in deliveries],
    )
