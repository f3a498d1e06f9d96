"""The bytes that owners' servers get."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain.webhook import classic_body


def test_the_body_is_the_one_of_the_old_service() -> None:
    body = classic_body(snr=14.99, device="1A2B3C", rssi=-136.0, time=1400000000, data="aabbccddeeff")
    assert body == b'{"snr":14.99,"device":"1A2B3C","rssi":-136.0,"time":1400000000,"data":"aabbccddeeff"}'


def test_what_sigfox_did_not_say_is_null() -> None:
    body = classic_body(snr=None, device="A0", rssi=None, time=0, data="")
    assert body == b'{"snr":null,"device":"A0","rssi":null,"time":0,"data":""}'


@given(
    snr=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    rssi=st.none() | st.integers(-(10**9), 10**9) | st.floats(-300, 100),
    time=st.integers(0, 2**63),
)
def test_numbers_arrive_as_the_numbers_they_are(snr: float | None, rssi: float | None, time: int) -> None:
    body = json.loads(classic_body(snr=snr, device="A0", rssi=rssi, time=time, data="00"))
    assert body == {"snr": snr, "device": "A0", "rssi": rssi, "time": time, "data": "00"}
    assert list(body) == ["snr", "device", "rssi", "time", "data"]
    assert type(body["time"]) is int


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_in_json_is_never_sent(number: float) -> None:
    with pytest.raises(ValueError):
        classic_body(snr=number, device="A0", rssi=None, time=0, data="")
