"""The ways of finding a downlink."""

import pytest

from relay.domain.downlink_chain import DownlinkMode, parse_chain
from relay.errors import GrammarError


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        ("", ()),
        ("none", ()),
        ("direct", (DownlinkMode.DIRECT,)),
        (" ask, queue ,direct", (DownlinkMode.ASK, DownlinkMode.QUEUE, DownlinkMode.DIRECT)),
    ],
)
def test_a_chain_is_its_ways_in_order(text: str, chain: tuple[DownlinkMode, ...]) -> None:
    assert parse_chain(text) == chain


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("frob", 1),
        ("ask, frob", 6),
        ("ask,", 5),
        ("ask,ask", 5),
        ("none,ask", 6),
        ("ask,none", 5),
        ("ASK", 1),
    ],
)
def test_a_wrong_chain_is_refused_with_the_column(text: str, column: int) -> None:
    with pytest.raises(GrammarError) as caught:
        parse_chain(text)
    assert caught.value.column == column
