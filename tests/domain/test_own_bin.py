"""Of the relay's own addresses, only bins are targets."""

import pytest

from relay.domain.own_bin import inbox_of
from relay.domain.target import TargetPolicy, parse_target
from relay.errors import TargetRefused

POLICY = TargetPolicy(own_hosts=frozenset({("relay.example.org", 443), ("127.0.0.1", 8080)}))
BIN = inbox_of("key")


@pytest.mark.parametrize(
    "base", ["https://relay.example.org", "http://127.0.0.1:8080", "https://RELAY.example.org"]
)
def test_a_bin_of_our_own_is_a_target(base: str) -> None:
    assert parse_target(f"{base}/b/{BIN}?x=1", POLICY).raw_path == f"/b/{BIN}"


@pytest.mark.parametrize(
    "url",
    [
        "https://relay.example.org/sigfox/data",
        f"https://relay.example.org/b/{BIN}/../../sigfox/data",
        f"https://relay.example.org/b/{BIN[:-1]}",
        f"https://relay.example.org/b/{BIN}/",
        f"https://relay.example.org//b/{BIN}",
        f"https://relay.example.org/b/{BIN.upper()}",
        f"http://127.0.0.1:8081/b/{BIN}",
        f"http://10.0.0.1/b/{BIN}",
    ],
)
def test_nothing_else_of_our_own_is(url: str) -> None:
    with pytest.raises(TargetRefused):
        parse_target(url, POLICY)
