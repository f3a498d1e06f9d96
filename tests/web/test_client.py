"""Who is asking, behind proxies or not."""

from ipaddress import ip_address, ip_network

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from relay.web.client import client_address, comes_through_proxy

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def asked_from(peer: str, *forwarded: str) -> str:
    headers = CIMultiDict([("X-Forwarded-For", value) for value in forwarded])
    request = make_mocked_request("GET", "/", headers=headers).clone(remote=peer)
    return str(client_address(request, PROXIES))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("198.51.100.7", (), "198.51.100.7"),
        ("198.51.100.7", ("203.0.113.9",), "198.51.100.7"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", ("203.0.113.9",), "203.0.113.9"),
        ("10.0.0.1", ("6.6.6.6, 203.0.113.9",), "203.0.113.9"),
        ("10.0.0.1", ("6.6.6.6, 203.0.113.9 , 10.0.0.2",), "203.0.113.9"),
        ("10.0.0.1", ("6.6.6.6", "203.0.113.9"), "203.0.113.9"),
        ("10.0.0.1", ("10.0.0.3, 10.0.0.2",), "10.0.0.3"),
        ("10.0.0.1", ("6.6.6.6, junk",), "10.0.0.1"),
        ("10.0.0.1", ("6.6.6.6, junk, 10.0.0.2",), "10.0.0.2"),
        ("10.0.0.1", ("",), "10.0.0.1"),
        ("::ffff:10.0.0.1", ("2001:db8::9",), "2001:db8::9"),
        ("fd00::1", ("203.0.113.9",), "203.0.113.9"),
    ],
)
def test_believes_only_what_trusted_proxies_wrote(peer: str, forwarded: tuple[str, ...], client: str) -> None:
    assert ip_address(asked_from(peer, *forwarded)) == ip_address(client)


def test_a_peer_without_address_is_nobody() -> None:
    request = make_mocked_request("GET", "/").clone(remote="")
    assert client_address(request, PROXIES) is None
    assert not comes_through_proxy(request, PROXIES)
