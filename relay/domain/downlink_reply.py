"""What an owner's server answers when it is asked for a downlink."""

import json
from collections.abc import Mapping

from relay.domain.device import parse_device_id
from relay.domain.downlink_data import parse_downlink_data
from relay.domain.downlink_state import NoDownlink
from relay.errors import DownlinkRefused

_DATA = "downlinkData"


def parse_reply(text: str, device: int) -> str | NoDownlink:
    """Read the body of a 2xx answer: 16 hex digits in lower case, or why there are none.

    Taken are Sigfox's own form, `{"<device>": {"downlinkData": "…"}}` with the id spelled in any way, and
    `{"downlinkData": "…"}`. Nothing, `{}`, `{"noData": true}` and entries of other devices mean no downlink.
    """
    if not text.strip():
        return NoDownlink.ASK_NO_DATA
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return NoDownlink.ASK_INVALID
    if not isinstance(answer, dict):
        return NoDownlink.ASK_INVALID
    return _read(answer if _says_something(answer) else _entry(answer, device))


def _says_something(answer: Mapping[str, object]) -> bool:
    return _DATA in answer or "noData" in answer


def _entry(answer: Mapping[str, object], device: int) -> object:
    """The entry of one device; two that differ cannot both be meant."""
    entries = [entry for name, entry in answer.items() if _is_device(name, device)]
    if not entries:
        return {}
    return entries[0] if all(entry == entries[0] for entry in entries) else None


def _is_device(name: str, device: int) -> bool:
    try:
        return parse_device_id(name) == device
    except ValueError:
        return False


def _read(entry: object) -> str | NoDownlink:
    if not isinstance(entry, dict):
        return NoDownlink.ASK_INVALID
    data = entry.get(_DATA)
    if data is None:
        return NoDownlink.ASK_NO_DATA
    try:
        return parse_downlink_data(data) if isinstance(data, str) else NoDownlink.ASK_INVALID
    except DownlinkRefused:
        return NoDownlink.ASK_INVALID
