"""How many wrong tries strangers have at the form and at the sign-in.

Three counters stand for each try: of its address, of its device, and of all. When one of the latter two is
at its limit, whoever made no wrong try lately is still listened to, until as many tries again went wrong: so
a stranger at one address cannot lock the owner at another one out, nor the form for everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network

_IPV6_BLOCK_BITS = 64
"""What one customer of a network gets: no address in it is harder to have than another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """`tries` wrong tries within a window, which begins with the first of them."""

    tries: int
    window_seconds: int


ADDRESS_LIMIT = Limit(tries=30, window_seconds=10 * 60)
DEVICE_LIMIT = Limit(tries=10, window_seconds=3600)
TOTAL_LIMIT = Limit(tries=300, window_seconds=60)
LIMITS = (ADDRESS_LIMIT, DEVICE_LIMIT, TOTAL_LIMIT)
"""In the order of a try's counters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many tries went wrong in a window that ends at `ends_at_ms`; those under way count as well."""

    tries: int
    ends_at_ms: int


def counters_of(address: IPv4Address | IPv6Address | None, device: int) -> tuple[str, str, str]:
    """The names of the counters of one try, in the order of `LIMITS`."""
    return f"address:{_block(address)}", f"device:{device:X}", "all"


def _block(address: IPv4Address | IPv6Address | None) -> str:
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, _IPV6_BLOCK_BITS), strict=False))
    return str(address or "unknown")


def is_listened_to(before: Sequence[Count]) -> bool:
    """Whether a try is judged at all; `before` counts the wrong tries made before it."""
    address, *shared = before
    if address.tries >= ADDRESS_LIMIT.tries:
        return False
    reserve = 2 if address.tries == 0 else 1
    return all(count.tries < limit.tries * reserve for count, limit in zip(shared, LIMITS[1:], strict=True))


def wait_until_ms(before: Sequence[Count]) -> int | None:
    """When whoever made a wrong try may make the next; None when there is no limit in the way."""
    ends = [
        count.ends_at_ms for count, limit in zip(before, LIMITS, strict=True) if count.tries >= limit.tries
    ]
    return max(ends, default=None)
