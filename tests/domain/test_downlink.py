"""Templates of direct downlinks."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain.downlink import parse_template
from relay.errors import GrammarError


@pytest.mark.parametrize(
    ("template", "time", "rssi", "station", "downlink"),
    [
        ("{time}0000{rssi}", 1440578526, -93, None, "55dd7bde0000ffa3"),
        ("{tapId}0000{rssi}", 0, 80, "437f", "0000437f00000050"),
        ("DEADBEEFcafeBABE", 0, None, None, "deadbeefcafebabe"),
        ("{rssi}{rssi}{time}", 1, -1.4, None, "ffffffff00000001"),
        ("{tapId}{time}", 2**40, None, None, "00000000ffffffff"),
        ("{tapId}{time}", -1, None, "no hex", "0000000000000000"),
        ("{tapId}{rssi}0102", 0, None, "1" * 9, "ffffffff00000102"),
        ("{rssi}{rssi}{rssi}0000", 0, 1e9, "", "7fff7fff7fff0000"),
        ("{rssi}{rssi}{rssi}0000", 0, -1e9, "", "8000800080000000"),
        ("{rssi}{rssi}{rssi}0000", 0, math.inf, "", "7fff7fff7fff0000"),
        ("{rssi}{rssi}{rssi}0000", 0, math.nan, "", "0000000000000000"),
    ],
)
def test_a_template_is_filled_in(
    template: str, time: int, rssi: float | None, station: str | None, downlink: str
) -> None:
    assert parse_template(template).render(time, rssi, station) == downlink


@pytest.mark.parametrize(
    ("template", "column", "says"),
    [
        ("", 1, "makes 0 bytes"),
        ("0102", 5, "makes 2 bytes; a downlink needs exactly 8"),
        ("{time}{rssi}", 13, "makes 6 bytes"),
        ("{time}{tapId}{rssi}", 14, "makes 10 bytes"),
        ("{time}0102030405", 15, "makes 9 bytes"),
        ("{time}000{rssi}0", 9, "two hex digits"),
        ("{time}0000{snr}", 11, "{snr} is not known"),
        ("{time}0000{TIME}", 11, "not known"),
        ("{time} 0000{rssi}", 7, "only hex digits"),
        ("{time}0000{rssi", 11, "only hex digits"),
        ("0x01", 1, "two hex digits"),
        ("0102030405060708\n", 17, "only hex digits"),
        ("٠٠", 1, "only hex digits"),
    ],
)
def test_a_wrong_template_names_its_fault_and_its_column(template: str, column: int, says: str) -> None:
    with pytest.raises(GrammarError) as caught:
        parse_template(template)
    assert caught.value.column == column
    assert says in str(caught.value.what)


@given(st.integers(), st.none() | st.floats(), st.none() | st.text())
def test_a_downlink_is_always_sixteen_hex_digits(time: int, rssi: float | None, station: str | None) -> None:
    downlink = parse_template("{time}{rssi}{rssi}").render(time, rssi, station)
    other = parse_template("{tapId}{time}").render(time, rssi, station)
    assert (len(bytes.fromhex(downlink)), len(bytes.fromhex(other))) == (8, 8)
