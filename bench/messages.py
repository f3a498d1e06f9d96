"""What is sent in and what must come out, both computed from the message's number.

The 12 payload bytes carry the run (4 bytes) and the number (8 bytes), so a webhook names the callback that it
belongs to whatever else happened to it.
"""

import json

_DATA_HEX_DIGITS = 24
_BEHIND_DATA = len('"}')
_SEQUENCE_NUMBERS = 4096  # a device's own counter wraps here


def _snr(number: int) -> float:
    return (501 + number % 2000) / 100


def _rssi(number: int) -> float:
    return (number % 6000 - 14001) / 100


def callback_body(run: int, number: int, device: str, sequence: int, unix_seconds: int) -> bytes:
    """The JSON that Sigfox would send with an operator's usual body template."""
    return (
        f'{{"device":"{device}","time":{unix_seconds},"data":"{run:08x}{number:016x}",'
        f'"seqNumber":{sequence % _SEQUENCE_NUMBERS},"snr":{_snr(number)},"rssi":{_rssi(number)},'
        f'"station":"{0x1000 + number % 4096:X}","lat":50,"lng":15}}'
    ).encode()


def webhook_body(run: int, number: int, device: str, unix_seconds: int) -> bytes:
    """The five fields as the contract writes them; another order or spacing is judged by `same_fields`."""
    return (
        f'{{"snr":{_snr(number)},"device":"{device}","rssi":{_rssi(number)},'
        f'"time":{unix_seconds},"data":"{run:08x}{number:016x}"}}'
    ).encode()


def identify(body: bytes) -> tuple[int, int]:
    """(run, number) of a webhook. Raises: ValueError, KeyError, TypeError."""
    digits = body[-_DATA_HEX_DIGITS - _BEHIND_DATA : -_BEHIND_DATA]
    try:
        marker = int(digits, 16)
    except ValueError:  # `data` is not the last key
        marker = int(json.loads(body)["data"], 16)
    return marker >> 64, marker & 0xFFFF_FFFF_FFFF_FFFF


def same_fields(body: bytes, expected: bytes) -> bool:
    """Whether the fields are exactly the expected ones; 7 and 7.0 are one number, but seconds are whole."""
    try:
        found = json.loads(body)
    except ValueError:
        return False
    return bool(found == json.loads(expected)) and isinstance(found["time"], int)
