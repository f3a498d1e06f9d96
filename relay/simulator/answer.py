"""Reads what the relay answered to a callback, as strictly as the cloud does."""

import json
import re
from dataclasses import dataclass

_DOWNLINK = re.compile(r"[0-9A-Fa-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An accepted callback: a downlink for its device, or none; `fault` says what the cloud could not use."""

    downlink: str | None = None
    fault: str | None = None


def read_answer(*, status: int, content_type: str, body: bytes, device_text: str) -> Answer:
    """Read the 2xx answer to a BIDIR callback whose device listens.

    Sigfox takes 204, or 200 with JSON that has one entry under the id as the callback spelled it:
    `{"downlinkData": "<16 hex digits>"}` or `{"noData": true}`. Entries of other devices are ignored.
    """
    if status == 204:
        return Answer()
    if status != 200:
        return Answer(fault=f"status {status} cannot carry a downlink")
    if content_type != "application/json":
        return Answer(fault=f"the answer is {content_type}, not application/json")
    return _read_entry(body, device_text)


def _read_entry(body: bytes, device_text: str) -> Answer:
    try:
        answers = json.loads(body)
    except ValueError:
        return Answer(fault="the answer is not JSON")
    entry = answers.get(device_text) if isinstance(answers, dict) else None
    if not isinstance(entry, dict):
        return Answer(fault=f"the answer has no object under {device_text}")
    return Answer() if entry.get("noData") is True else _read_downlink(entry.get("downlinkData"))


def _read_downlink(data: object) -> Answer:
    if isinstance(data, str) and _DOWNLINK.fullmatch(data):
        return Answer(downlink=data.lower())
    return Answer(fault="downlinkData is not 16 hex digits")
