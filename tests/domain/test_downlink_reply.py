"""What an owner's server may answer."""

import pytest

from relay.domain.downlink_data import parse_downlink_data
from relay.domain.downlink_reply import parse_reply
from relay.domain.downlink_state import NoDownlink
from relay.errors import DownlinkRefused

DEVICE = 0xA0
DATA = "00ff00ff00ff00ff"


@pytest.mark.parametrize(
    "text",
    [
        '{"A0":{"downlinkData":"00ff00ff00ff00ff"}}',
        '{"000000a0":{"downlinkData":"00FF00FF00FF00FF"}}',
        ' {"B1":{"downlinkData":"1111111111111111"},"a0":{"downlinkData":"00ff00ff00ff00ff","x":1}}\n',
        '{"a0":{"downlinkData":"00ff00ff00ff00ff"},"A0":{"downlinkData":"00ff00ff00ff00ff"}}',
        '{"downlinkData":"00ff00ff00ff00ff"}',
        '{"downlinkData":"00ff00ff00ff00ff","ok":true}',
    ],
)
def test_a_downlink_is_found_however_the_device_is_spelled(text: str) -> None:
    assert parse_reply(text, DEVICE) == DATA


@pytest.mark.parametrize(
    "text",
    [
        *("", " \r\n", "{}", '{"noData":true}', '{"a0":{"noData":true}}', '{"a0":{}}', '{"status":"ok"}'),
        '{"B1":{"downlinkData":"1111111111111111"}}',
        '{"downlinkData":null}',
    ],
)
def test_a_server_may_have_nothing(text: str) -> None:
    assert parse_reply(text, DEVICE) is NoDownlink.ASK_NO_DATA


@pytest.mark.parametrize(
    "text",
    [
        *(
            "ok",
            "null",
            "[]",
            '"00ff00ff00ff00ff"',
            "1",
            '{"a0":',
            '{"a0":"00ff00ff00ff00ff"}',
            '{"a0":null}',
        ),
        *(
            '{"downlinkData":"00ff"}',
            '{"downlinkData":"00ff00ff00ff00fg"}',
            '{"downlinkData":71777214294589695}',
        ),
        '{"downlinkData":"00ff00ff00ff00ff00"}',
        '{"downlinkData":{"downlinkData":"00ff00ff00ff00ff"}}',
        '{"a0":{"downlinkData":"00ff00ff00ff00ff"},"A0":{"downlinkData":"1111111111111111"}}',
        '{"downlinkData":"０0ff00ff00ff00ff"}',
        "[" * 100_000,
    ],
)
def test_anything_else_is_invalid(text: str) -> None:
    assert parse_reply(text, DEVICE) is NoDownlink.ASK_INVALID


def test_a_downlink_that_people_enter_is_8_bytes_and_they_are_told_how_much_they_gave() -> None:
    assert parse_downlink_data(" 00FF00ff00ff00ff ") == DATA
    with pytest.raises(DownlinkRefused, match=r"exactly 8 bytes, 16 characters\. You entered 14\.$"):
        parse_downlink_data("00ff00ff00ff00")
    with pytest.raises(DownlinkRefused, match="You entered 'g'"):
        parse_downlink_data("00ff00ff00ff00fg")
