"""A message to show and to test with; no device sent it."""

from dataclasses import dataclass

from relay.domain.signing import sign
from relay.domain.webhook import classic_body, webhook_headers

SAMPLE_ID = "msg_sample"
SAMPLE_SNR = 14.99
SAMPLE_RSSI = -136.0
SAMPLE_DATA = "aabbccddeeff"
SAMPLE_SEQ_NUMBER = 42
SAMPLE_STATION = "0E3A"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a test sends; without a `time` (Unix seconds) the moment of sending."""

    data: str = SAMPLE_DATA
    rssi: float | None = SAMPLE_RSSI
    snr: float | None = SAMPLE_SNR
    time: int | None = None


USUAL_SAMPLE = Sample()


def sample_body(device_label: str, time: int) -> bytes:
    """The webhook's body for a sample message of a device, received at `time` in Unix seconds."""
    return classic_body(snr=SAMPLE_SNR, device=device_label, rssi=SAMPLE_RSSI, time=time, data=SAMPLE_DATA)


def sample_headers(secret: str, body: bytes, timestamp: int) -> dict[str, str]:
    """The headers that come with it, signed as a real message is; `timestamp` is in Unix seconds."""
    return webhook_headers(SAMPLE_ID, timestamp, sign(secret, SAMPLE_ID, timestamp, body))
