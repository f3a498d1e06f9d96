"""Callbacks that bring no new uplink: service, error and event callbacks as notices."""

from collections.abc import Mapping

from msgspec import Struct, field

from relay.backend_ingest.key_fields import (
    device_number,
    read_data,
    read_device,
    read_event_time,
    read_seq_number,
    read_time,
)
from relay.backend_ingest.message_fields import RADIO, read_each
from relay.backend_ingest.names import pick
from relay.backend_ingest.own_fields import read_own_fields
from relay.backend_ingest.values import number, text
from relay.domain.uplink import Kind


class Notice(Struct, frozen=True, kw_only=True):
    """What a callback other than data says.

    `device` is None for an event that concerns no single device. `data` is the payload that a data-advanced
    callback repeats, and None for other kinds. `more` holds the kind's own fields under Sigfox's names, ready
    for JSON; the rest is as in `Uplink`.
    """

    kind: Kind
    device: int | None
    device_text: str
    time: int
    time_given: bool = True
    data: str | None = None
    seq_number: int | None = None
    rssi: float | None = None
    snr: float | None = None
    more: Mapping[str, object] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The device id in upper case, or nothing."""
        return self.device_text.upper()


def parse_notice(kind: Kind, fields: Mapping[str, object], now: float) -> Notice:
    """Read a callback of any kind but data and batch.

    Raises:
        CallbackError: As `parse_callback`; an event need not name a device, and its time may be any text.
    """
    is_event = kind is Kind.EVENT
    device, device_text = _event_device(fields) if is_event else read_device(fields)
    time, time_given = (read_event_time if is_event else read_time)(fields, now)
    return Notice(
        kind=kind,
        device=device,
        device_text=device_text,
        time=time,
        time_given=time_given,
        data=read_data(fields) if kind is Kind.DATA_ADVANCED else None,
        seq_number=read_seq_number(fields),
        rssi=number(pick(fields, "rssi")),
        snr=number(pick(fields, "snr")),
        more={**read_each(fields, RADIO), **read_own_fields(kind, fields)},
    )


def _event_device(known: Mapping[str, object]) -> tuple[int | None, str]:
    """The device of an event: its own field, or the source when that is a device, or the one it informs of.

    Source: support.sigfox.com/docs/event-type (sourceId, sourceType, deviceInfo with its `id`).
    """
    named = {name: known[name] for name in ("device", "deviceId") if name in known}
    if pick(named, "device") is not None:
        return read_device(named)
    source_type, info = text(known.get("sourceType")) or "", known.get("deviceInfo")
    source_id = known.get("sourceId") if source_type.upper() == "DEVICE" else None
    informed_of = info.get("id") if isinstance(info, Mapping) else None
    found = next((each for each in (source_id, informed_of) if device_number(each) is not None), None)
    return (None, "") if found is None else read_device({"device": found})
