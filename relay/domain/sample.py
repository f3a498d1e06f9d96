"""A message to show and to test with; no device sent it."""

from relay import __version__
from relay.domain.signing import sign
from relay.domain.webhook import classic_body

SAMPLE_ID = "msg_sample"
"""Its `webhook-id`; a receiver may know a test by it."""


def sample_body(device_label: str, time: int) -> bytes:
    """The webhook's body for a sample message of a device, received at `time` in Unix seconds."""
    return classic_body(snr=14.99, device=device_label, rssi=-136.0, time=time, data="aabbccddeeff")


def sample_headers(secret: str, body: bytes, timestamp: int) -> dict[str, str]:
    """The headers that come with it, signed as a real message is; `timestamp` is in Unix seconds."""
    return {
        "Content-Type": "application/json",
        "User-Agent": f"sigfox-relay/{__version__}",
        "webhook-id": SAMPLE_ID,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, SAMPLE_ID, timestamp, body),
    }
