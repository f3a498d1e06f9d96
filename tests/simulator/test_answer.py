import json

import pytest

from relay.simulator.answer import Answer, read_answer

GOOD = {"downlinkData": "0102030405060708"}


def read(body: object, *, status: int = 200, content_type: str = "application/json") -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_answer(status=status, content_type=content_type, body=raw, device_text="00cb3")


def test_a_downlink_under_the_spelled_device_is_taken() -> None:
    assert read({"00cb3": GOOD}) == Answer(downlink="0102030405060708")


def test_upper_case_hex_is_taken() -> None:
    assert read({"00cb3": {"downlinkData": "00ABCDEF00ABCDEF"}}).downlink == "00abcdef00abcdef"


def test_entries_of_other_devices_are_ignored() -> None:
    assert read({"FFFF": {"downlinkData": "?"}, "00cb3": GOOD}).downlink == "0102030405060708"


def test_nothing_to_send_is_no_fault() -> None:
    assert read(b"", status=204, content_type="application/octet-stream") == Answer()
    assert read({"00cb3": {"noData": True}}) == Answer()


@pytest.mark.parametrize(
    "body",
    [
        {"CB3": GOOD},
        {"00CB3": GOOD},
        {},
        [],
        "0102030405060708",
        {"00cb3": "0102030405060708"},
        {"00cb3": {}},
        {"00cb3": {"downlinkData": "01020304050607"}},
        {"00cb3": {"downlinkData": "010203040506070809"}},
        {"00cb3": {"downlinkData": "010203040506070g"}},
        {"00cb3": {"downlinkData": 102030405060708}},
        {"00cb3": {"noData": False}},
        b"",
        b"\xff{",
    ],
)
def test_what_sigfox_cannot_use_is_a_fault(body: object) -> None:
    answer = read(body)
    assert answer.downlink is None
    assert answer.fault


def test_other_statuses_and_types_are_faults() -> None:
    assert read({"00cb3": GOOD}, status=202).fault
    assert read({"00cb3": GOOD}, content_type="text/plain").fault
