"""The form of a test message: what is typed, read field by field."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from relay.device_pages.owned import Owned
from relay.domain.sample import USUAL_SAMPLE, Sample
from relay.domain.uplink import MAX_PAYLOAD_BYTES
from relay.web.catalogue import phrase

T = TypeVar("T")

LAST_TIME = 2**32 - 1
MOST_DECIBELS = 250

_REFUSED: Mapping[str, str] = {
    "sample-data": phrase("Write whole bytes in hex, two of the signs 0-9 and a-f each; at most 12 bytes."),
    "sample-rssi": phrase("Write a number of dBm such as -120.5, or nothing."),
    "sample-snr": phrase("Write a number of dB such as 14.99, or nothing."),
    "sample-time": phrase("Write a time such as 2026-11-22T14:05:00, Unix seconds, or nothing for now."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleForm:
    """What is typed, by the names of the fields; `edited` says that it is not the usual sample."""

    values: Mapping[str, str]
    edited: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)


USUAL_FORM = SampleForm(
    values={
        "sample-data": USUAL_SAMPLE.data,
        "sample-rssi": f"{USUAL_SAMPLE.rssi:g}",
        "sample-snr": f"{USUAL_SAMPLE.snr:g}",
        "sample-time": "",
    }
)


def read_sample_form(fields: Mapping[str, str], owned: Owned) -> tuple[SampleForm, Sample | None]:
    """The sample that is to be sent; None, with what is wrong in the form, when it cannot be read."""
    values = {name: fields.get(name, usual).strip() for name, usual in USUAL_FORM.values.items()}
    errors: dict[str, str] = {}

    def read(name: str, reader: Callable[[str], T], otherwise: T) -> T:
        try:
            return reader(values[name])
        except (ValueError, OverflowError):
            errors[name] = owned.say(_REFUSED[name])
            return otherwise

    sample = Sample(
        data=read("sample-data", _data, ""),
        rssi=read("sample-rssi", _decibels, None),
        snr=read("sample-snr", _decibels, None),
        time=read("sample-time", lambda text: _time(text, owned), None),
    )
    form = SampleForm(values=values, edited=values != USUAL_FORM.values, errors=errors)
    return form, None if errors else sample


def _data(text: str) -> str:
    data = "".join(text.split()).lower()
    if not re.fullmatch("([0-9a-f]{2})*", data) or len(data) > 2 * MAX_PAYLOAD_BYTES:
        raise ValueError
    return data


def _decibels(text: str) -> float | None:
    if not text:
        return None
    number = float(text.replace(",", ".").replace("\N{MINUS SIGN}", "-"))
    if not abs(number) <= MOST_DECIBELS or math.isnan(number):
        raise ValueError
    return number


def _time(text: str, owned: Owned) -> int | None:
    """Without a zone it is meant in the reader's."""
    if not text:
        return None
    seconds = int(text) if text.isdecimal() else _moment(text, owned)
    if not 0 <= seconds <= LAST_TIME:
        raise ValueError
    return seconds


def _moment(text: str, owned: Owned) -> int:
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=owned.show.zone)).timestamp())
