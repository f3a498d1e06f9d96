"""Callbacks as operators really configured them give their normalised fields."""

from typing import Any

import pytest

from relay.backend_ingest.callback import parse_callback
from relay.backend_ingest.fields import read_fields
from relay.backend_ingest.kinds import Notice, parse_notice
from relay.domain.radio import Radio
from relay.domain.uplink import Kind, Uplink
from relay.errors import CallbackError
from tests.backend_ingest.cases import lines, query_of

NOW = 1_700_000_500.25
KINDS = {
    "uplink": Kind.DATA,
    "bidir": Kind.DATA,
    "status": Kind.STATUS,
    "geoloc": Kind.GEOLOC,
    "acknowledge": Kind.ACKNOWLEDGE,
    "repeater": Kind.REPEATER,
    "data_advanced": Kind.DATA_ADVANCED,
    "error": Kind.ERROR,
    "event": Kind.EVENT,
}
REDACTED = ("<your device ID>", "<device ID>")
FAULTS = {"error", "data_error"}
CALLBACKS = lines("callbacks.jsonl")


def fields_of(case: dict[str, Any]) -> dict[str, object]:
    body = case["body"] or ""
    for redacted in REDACTED:
        body = body.replace(redacted, "1A2B3C")
    query = query_of(case["path_or_query"])
    if "/devices/1A2B3C/" in case["path_or_query"]:
        query += "&device=1A2B3C"  # our path has no place for a device
    return read_fields(case["method"], query, case["content_type"], body.encode())


def parse(kind: Kind, fields: dict[str, object]) -> Uplink | Notice:
    return parse_callback(kind, fields, NOW) if kind is Kind.DATA else parse_notice(kind, fields, NOW)


def normalised(message: Uplink | Notice) -> dict[str, object]:
    radio = Radio.of(message.more)
    facts: dict[str, object] = {
        **message.more,
        "device": message.label,
        "time": message.time,
        "data": message.data,
        "seqNumber": message.seq_number,
        "rssi": radio.best_rssi if message.rssi is None else message.rssi,
        "snr": radio.best_snr if message.snr is None else message.snr,
        "decoded": message.more.get("customData"),
    }
    if isinstance(message, Uplink):
        facts |= {"station": message.station, "ack": message.ack}
    return facts


@pytest.mark.parametrize("case", CALLBACKS, ids=lambda case: str(case["id"]))
def test_a_real_callback_gives_its_normalised_fields(case: dict[str, Any]) -> None:
    expected = dict(case["expected"])
    kind = KINDS[expected.pop("type")]
    fields = fields_of(case)
    if FAULTS & expected.keys():
        with pytest.raises(CallbackError):
            parse(kind, fields)
        return
    facts = normalised(parse(kind, fields))
    assert {name: facts.get(name, "is missing") for name in expected} == expected


def test_what_a_callback_does_not_have_is_absent() -> None:
    uplink = parse_callback(Kind.DATA, {"device": "1A2B3C"}, NOW)
    assert uplink == Uplink(
        kind=Kind.DATA, device=0x1A2B3C, device_text="1A2B3C", time=1_700_000_500, time_given=False
    )


def test_a_lower_case_device_keeps_its_spelling_for_the_answer_and_is_shown_in_upper_case() -> None:
    uplink = parse_callback(Kind.DATA, {"device": "00a0"}, NOW)
    assert (uplink.device, uplink.device_text, uplink.label) == (0xA0, "00a0", "00A0")
