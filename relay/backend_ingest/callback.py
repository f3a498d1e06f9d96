"""A data callback, whatever its template, as an uplink."""

from collections.abc import Mapping

from relay.backend_ingest.key_fields import read_data, read_device, read_seq_number, read_time
from relay.backend_ingest.message_fields import RADIO, Reader, read_custom_data, read_each, with_signal
from relay.backend_ingest.names import pick
from relay.backend_ingest.values import number, text, truth
from relay.domain.uplink import Kind, Uplink

_MORE: Mapping[str, Reader] = {
    **{name: reader for name, reader in RADIO.items() if name != "station"},
    "longPolling": truth,
}


def parse_callback(kind: Kind, fields: Mapping[str, object], now: float) -> Uplink:
    """Read a data callback (UPLINK or BIDIR), or one line of a batch.

    `fields` come from `read_fields` or `read_batch`, `now` is Unix seconds. Other kinds: `parse_notice`.

    Raises:
        CallbackError: `device`, `time` or `data` holds junk, `device` is missing, a field contradicts itself,
            or the sequence number is out of range. Junk in any other field makes that field absent.
    """
    fields = with_signal(fields)
    device, device_text = read_device(fields)
    time, time_given = read_time(fields, now)
    return Uplink(
        kind=kind,
        device=device,
        device_text=device_text,
        time=time,
        time_given=time_given,
        data=read_data(fields),
        seq_number=read_seq_number(fields),
        rssi=number(pick(fields, "rssi")),
        snr=number(pick(fields, "snr")),
        station=text(pick(fields, "station")),
        ack=truth(pick(fields, "ack")) is True,
        more={**read_each(fields, _MORE), **read_custom_data(fields)},
    )
