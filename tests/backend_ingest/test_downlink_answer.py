"""The answer that carries downlinks."""

from relay.backend_ingest.downlink_answer import answer_body


def test_a_downlink_stands_under_the_device_as_it_was_spelled() -> None:
    assert answer_body({"0cb3": "0102030405060708"}) == b'{"0cb3":{"downlinkData":"0102030405060708"}}'


def test_one_answer_holds_the_downlinks_of_a_whole_batch() -> None:
    assert answer_body({"1A": "00" * 8, "1B": "ff" * 8}) == (
        b'{"1A":{"downlinkData":"0000000000000000"},"1B":{"downlinkData":"ffffffffffffffff"}}'
    )
