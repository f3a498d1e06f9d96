"""What every owner's server gets."""

import json

from relay import __version__

USER_AGENT = f"sigfox-relay/{__version__}"

_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


def classic_body(*, snr: float | None, device: str, rssi: float | None, time: int, data: str) -> bytes:
    """The five fields of the old service, as compact JSON in this order.

    `snr` in dB and `rssi` in dBm are numbers or null, `time` is Unix seconds, `device` upper-case hex and
    `data` lower-case hex.
    """
    fields = {"snr": snr, "device": device, "rssi": rssi, "time": time, "data": data}
    return _ENCODER.encode(fields).encode()
