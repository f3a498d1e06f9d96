"""Who is asking."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp import web

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def client_address(request: web.BaseRequest, trusted_proxies: Sequence[Network]) -> Address | None:
    """The address of the client; None when the peer has none.

    `X-Forwarded-For` is read from the right, and only as far as trusted proxies have written it: whatever a
    client puts there itself stands further left. An entry that is no address ends the reading.
    """
    address = _address(request.remote or "")
    hops = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    while hops and _within(address, trusted_proxies):
        nearer = _address(hops.pop())
        if nearer is None:
            break
        address = nearer
    return address


def comes_through_proxy(request: web.BaseRequest, trusted_proxies: Sequence[Network]) -> bool:
    """Whether the peer itself is a trusted proxy, so that its headers may be believed."""
    return _within(_address(request.remote or ""), trusted_proxies)


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _within(address: Address | None, networks: Sequence[Network]) -> bool:
    return address is not None and any(address in network for network in networks)
