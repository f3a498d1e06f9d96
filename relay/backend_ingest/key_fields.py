"""The fields that tell one message from another; they alone can refuse a callback."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TypeVar

from relay.backend_ingest.names import pick
from relay.backend_ingest.values import absent, whole
from relay.domain.device import parse_device_id
from relay.domain.uplink import MAX_PAYLOAD_BYTES
from relay.errors import CallbackError

LATEST_TIME = 2**32 - 1

_Read = TypeVar("_Read")

_DIGITS = re.compile(r"[0-9]{1,10}")
_NAMED_UTC = re.compile(r"\s*(?:UTC|GMT)$")
_HEX = re.compile(r"[0-9a-f]*")
_ONE_BIT = frozenset({"0", "1"})


def read_device(fields: Mapping[str, object]) -> tuple[int, str]:
    """The device as its number and as it was spelled.

    An `id` beside a `device` must name the same device, unless it is no device ID at all.

    Raises:
        CallbackError: It is missing, is no device ID, or two names give two devices.
    """
    text = _written("device", pick(fields, "device"))
    if not text:
        raise CallbackError("device: missing")
    number = device_number(text)
    if number is None:
        raise CallbackError("device: not 1 to 8 hex digits")
    others = {device_number(fields[name]) for name in ("deviceId", "id") if name in fields}
    if others - {None, number}:
        raise CallbackError("device: comes twice with different values")
    return number, text


def device_number(value: object) -> int | None:
    """The number of a device ID, or None when the value is none."""
    try:
        return parse_device_id(_written("device", value))
    except (CallbackError, ValueError):
        return None


def read_time(fields: Mapping[str, object], now: float) -> tuple[int, bool]:
    """Unix seconds, and whether the callback gave them; else the time of receipt stands in.

    Sigfox's `{time}` is always integer seconds (and 32 bits wide in a downlink). A value in milliseconds,
    as in Sigfox's API, was not made by a Sigfox callback: it is refused like other junk, not guessed at.

    Raises:
        CallbackError: It is given, but is not an integer from 1 to 2**32 - 1.
    """
    time = _read_either(fields, "time", "timestamp", _unix_time)
    return (int(now), False) if time is None else (time, True)


def _unix_time(value: object) -> int:
    text = _written("time", value)
    if not (_DIGITS.fullmatch(text) and 0 < int(text) <= LATEST_TIME):
        raise CallbackError("time: not a Unix time in whole seconds")
    return int(text)


def read_event_time(fields: Mapping[str, object], now: float) -> tuple[int, bool]:
    """As `read_time`, but an event's time is text, and one that cannot be read never refuses it.

    A date without a zone is in UTC. Source: support.sigfox.com/docs/event-type (time, deviceMessageTime).
    """
    with suppress(CallbackError):
        time = _read_either(fields, "time", "timestamp", _event_time)
        return (int(now), False) if time is None else (time, True)
    return int(now), False


def _event_time(value: object) -> int:
    with suppress(CallbackError):
        return _unix_time(value)
    return _unix_time(_seconds_of_date(_written("time", value)))


def _seconds_of_date(written: str) -> int:
    """Unix seconds of a date as of ISO 8601; 0 when it is none."""
    try:
        date = datetime.fromisoformat(_NAMED_UTC.sub("Z", written.strip()))
        return int((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return 0


def read_data(fields: Mapping[str, object]) -> str:
    """The payload in lower-case hex; no data is an empty payload.

    A single digit 0 or 1 is how a message of one bit is written; it becomes the byte 00 or 01.

    Raises:
        CallbackError: It is given, but is not 0 to 12 bytes in hex.
    """
    return _read_either(fields, "data", "payload", _payload) or ""


def _payload(value: object) -> str:
    text = _written("data", value).lower()
    if text in _ONE_BIT:
        return f"0{text}"
    if len(text) % 2 or not _HEX.fullmatch(text):
        raise CallbackError("data: not bytes in hex")
    if len(text) > 2 * MAX_PAYLOAD_BYTES:
        raise CallbackError(f"data: more than {MAX_PAYLOAD_BYTES} bytes")
    return text


def _read_either(
    fields: Mapping[str, object], name: str, other: str, read: Callable[[object], _Read]
) -> _Read | None:
    """The field, or else what some templates call it; only under its own name is junk a fault."""
    if not absent(fields.get(name)):
        return read(fields[name])
    if absent(fields.get(other)):
        return None
    with suppress(CallbackError):
        return read(fields[other])
    return None


def read_seq_number(fields: Mapping[str, object]) -> int | None:
    """The sequence number, or None when there is none or it is not an integer.

    Raises:
        CallbackError: It is an integer, but not from 0 to 2**32 - 1: it is part of the message's key.
    """
    number = whole(pick(fields, "seqNumber"))
    if number is not None and not 0 <= number < 2**32:
        raise CallbackError("seqNumber: out of range")
    return number


def _written(name: str, value: object) -> str:
    """The value letter by letter: `1e24` is hex and never a number; unquoted digits come as an int."""
    if absent(value):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**24:
        return str(value)
    raise CallbackError(f"{name}: neither text nor digits")
