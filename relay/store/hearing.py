"""What DATA_ADVANCED callbacks tell of messages, brought to those messages.

Such a callback is kept as a row of its own, like every other one. Beside it goes the message that it repeats:
that conflicts with the message's row, which then gets the radio details, or there is none yet and it becomes
one. So a message is forwarded once, whichever callback of it comes first, or alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from relay.domain.radio import Radio, without_radio
from relay.domain.uplink import Kind, Uplink
from relay.store.driver import Do, Row, Steps
from relay.store.notices import Notice
from relay.store.records import Incoming

AWAIT_RADIO_MS = 60_000
"""An endpoint that wants the radio details gets a message at the latest so long after its receipt."""
SAME_MESSAGE_SECONDS = 600
"""Where one callback of a message has no time, the other one is looked for this far around its receipt."""


def messages_in(batch: Sequence[Incoming]) -> Steps[dict[int, Incoming]]:
    """The message within each DATA_ADVANCED callback, by its position in the batch."""
    found = {}
    for position, incoming in enumerate(batch):
        if incoming.uplink.kind is Kind.DATA_ADVANCED:
            found[position] = replace(incoming, uplink=(yield from _message(incoming)))
    return found


def _message(incoming: Incoming) -> Steps[Uplink]:
    """With the key that its row has, if it came before: templates may leave out what the key is made of.

    Its signal is that of the station that heard it best: the callback has no other.
    """
    advanced = incoming.uplink
    rows = yield (_by_time(advanced) if advanced.time_given else _by_receipt(incoming))
    radio = Radio.of(advanced.more)
    message = replace(
        advanced,
        kind=Kind.DATA,
        more=without_radio(advanced.more),
        radio=radio,
        rssi=radio.best_rssi if advanced.rssi is None else advanced.rssi,
        snr=radio.best_snr if advanced.snr is None else advanced.snr,
    )
    return replace(message, **_place_in_time(rows[0])) if rows else message


def _place_in_time(row: Row) -> dict[str, Any]:
    seq_number = None if row["seq_number"] < 0 else row["seq_number"]
    return {
        "time": row["time"],
        "time_given": bool(row["time_given"]),
        "seq_number": seq_number,
        "data": row["data"],
    }


def _by_time(advanced: Uplink) -> Do:
    around = {
        "time": advanced.time,
        "since": advanced.time - SAME_MESSAGE_SECONDS,
        "until": advanced.time + SAME_MESSAGE_SECONDS,
    }
    return Do("message_of_advanced", [_of_both(advanced) | around])


def _by_receipt(incoming: Incoming) -> Do:
    since_ms = incoming.received_at_ms - SAME_MESSAGE_SECONDS * 1000
    looked_for = {**_of_both(incoming.uplink), "received_since_ms": since_ms}
    return Do("message_of_timeless_advanced", [looked_for])


def _of_both(advanced: Uplink) -> dict[str, object]:
    seq_number = -1 if advanced.seq_number is None else advanced.seq_number
    return {"device": advanced.device, "seq_number": seq_number, "data": advanced.data}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """New radio details of a message; `known` is what its row had of them (JSON)."""

    uplink_id: int
    known: str
    radio: Radio
    received_at_ms: int


def keep_radio(heard: Sequence[Heard]) -> Steps[None]:
    """Write radio details down with their messages, and make due what waited for them."""
    radios: dict[int, Radio] = {}
    for one in heard:
        known = radios.get(one.uplink_id, Radio.from_json(one.known))
        radios[one.uplink_id] = known.filled_from(one.radio)
    yield Do("set_radio", [{"id": each, "radio": radio.to_json()} for each, radio in radios.items()])
    waited = [{"uplink_id": one.uplink_id, "now_ms": one.received_at_ms} for one in heard]
    if (yield Do("radio_came", waited)):
        yield Notice(work=True)
