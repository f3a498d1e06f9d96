"""Who is listened to after wrong tries, and who has to wait."""

from ipaddress import ip_address

import pytest

from relay.domain.tries import Count, counters_of, is_listened_to, wait_until_ms

FREE = (0, 0, 0)


def counts(address: int, device: int, total: int) -> list[Count]:
    return [
        Count(tries=address, ends_at_ms=600),
        Count(tries=device, ends_at_ms=3600),
        Count(tries=total, ends_at_ms=60),
    ]


@pytest.mark.parametrize(
    ("before", "listened_to", "until_ms"),
    [
        ((0, 0, 0), True, None),
        ((29, 9, 299), True, None),
        ((30, 0, 30), False, 600),
        ((1, 10, 11), False, 3600),
        ((1, 0, 300), False, 60),
        ((30, 10, 300), False, 3600),
        # A stranger's tries do not lock out who made none: until as many again went wrong.
        ((0, 10, 10), True, 3600),
        ((0, 19, 19), True, 3600),
        ((0, 20, 20), False, 3600),
        ((0, 0, 300), True, 60),
        ((0, 0, 599), True, 60),
        ((0, 0, 600), False, 60),
    ],
)
def test_limits(before: tuple[int, int, int], listened_to: bool, until_ms: int | None) -> None:
    assert is_listened_to(counts(*before)) is listened_to
    assert wait_until_ms(counts(*before)) == until_ms


@pytest.mark.parametrize(
    ("address", "counter"),
    [
        ("203.0.113.9", "address:203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "address:2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "address:2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "address:2001:db8:1:3::/64"),
        (None, "address:unknown"),
    ],
)
def test_an_ipv6_customer_has_one_counter(address: str | None, counter: str) -> None:
    parsed = ip_address(address) if address else None
    assert counters_of(parsed, 0x1A2B3C) == (counter, "device:1A2B3C", "all")
