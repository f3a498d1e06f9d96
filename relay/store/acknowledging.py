"""What an ACKNOWLEDGE callback, or its absence, makes of a downlink."""

from relay.domain.downlink_state import (
    ACKNOWLEDGED_WITHIN_SECONDS,
    DownlinkSource,
    DownlinkState,
    InfoCode,
    after_acknowledgement,
    is_open,
)
from relay.domain.uplink import Uplink
from relay.store.driver import Do, Steps

AT_ONCE = 200
MOST_MESSAGE_CHARACTERS = 200


def acknowledge(callback: Uplink, now_ms: int) -> Steps[tuple[DownlinkSource, DownlinkState] | None]:
    """Move the downlink that the callback is about; None when there is none, or it says nothing."""
    info_code = _info_code(callback)
    rows = yield Do("downlink_to_acknowledge", [{"device": callback.device, "time": callback.time}])
    if info_code is None or not rows:
        return None
    source = DownlinkSource(rows[0]["source"])
    may_try_again = source is DownlinkSource.QUEUE and rows[0]["tries"] < rows[0]["most_tries"]
    state = after_acknowledgement(info_code, may_try_again=may_try_again)
    told = {
        "id": rows[0]["id"],
        "state": state,
        "info_code": info_code,
        "info_message": str(callback.more.get("infoMessage") or "")[:MOST_MESSAGE_CHARACTERS],
        "ended_at_ms": None if is_open(state) else now_ms,
    }
    yield Do("acknowledge_downlink", [told])
    return source, state


def _info_code(callback: Uplink) -> int | None:
    """The code; a template may hold only the yes or no of it."""
    info_code = callback.more.get("infoCode")
    if isinstance(info_code, int):
        return info_code
    return int(InfoCode.ACKED) if callback.more.get("downlinkAck") is True else None


def expire_downlinks(now_ms: int) -> Steps[int]:
    """End what is too old, a few at a time; the answer is how many were moved."""
    due = {"now_ms": now_ms, "limit": AT_ONCE}
    sent_before_ms = now_ms - ACKNOWLEDGED_WITHIN_SECONDS * 1000
    unheard = yield Do("give_up_unheard", [{**due, "sent_before_ms": sent_before_ms}])
    expired = yield Do("expire_pending", [due])
    return len(unheard) + len(expired)
