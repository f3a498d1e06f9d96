"""The session through which all webhooks go: every connect is judged at its socket.

The resolver alone is no guard: aiohttp does not ask it for literal addresses.
"""

import socket
import ssl
from collections.abc import Callable
from contextlib import closing

import aiohttp
from aiohappyeyeballs import AddrInfoType
from aiohttp.abc import AbstractResolver

from relay.domain.target import Reason, TargetPolicy, judge_place
from relay.forwarder.refusal import ConnectRefused
from relay.forwarder.whole_request import WholeRequest

NewSocket = Callable[[int, int, int], socket.socket]

_KEEPALIVE_SECONDS = 65.0
_CONNECT_SECONDS = 5.0
_READ_BUFFER_BYTES = 16 * 1024


def socket_factory(
    policy: TargetPolicy, new_socket: NewSocket = socket.socket
) -> Callable[[AddrInfoType], socket.socket]:
    """What makes a socket for one connect.

    The function made raises `ConnectRefused` instead when the policy forbids the address.
    """

    def judged_socket(info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, place = info
        if reason := _judge(str(place[0]), int(place[1]), policy):
            raise ConnectRefused(reason)
        return new_socket(family, kind, protocol)

    return judged_socket


def guarded_connector(
    policy: TargetPolicy,
    resolver: AbstractResolver,
    *,
    tls: ssl.SSLContext | None = None,
    new_socket: NewSocket = socket.socket,
) -> aiohttp.TCPConnector:
    """A connector that connects nowhere but where the policy allows.

    Limits are the dispatcher's. A connection that is kept alive stays on the address that was judged.
    """
    return aiohttp.TCPConnector(
        resolver=resolver,
        use_dns_cache=False,
        limit=0,
        limit_per_host=0,
        keepalive_timeout=_KEEPALIVE_SECONDS,
        ssl=tls or ssl.create_default_context(),
        socket_factory=socket_factory(policy, new_socket),
    )


def guarded_session(
    policy: TargetPolicy,
    resolver: AbstractResolver,
    *,
    tls: ssl.SSLContext | None = None,
    total_seconds: float = 15.0,
    new_socket: NewSocket = socket.socket,
) -> aiohttp.ClientSession:
    """The session of the forwarder; its requests must say `allow_redirects=False`.

    No proxy from the environment, no cookies, no netrc, no decompression: what a receiver answers changes
    nothing for other receivers and cannot grow in memory.
    """
    return aiohttp.ClientSession(
        connector=guarded_connector(policy, resolver, tls=tls, new_socket=new_socket),
        request_class=WholeRequest,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
        timeout=aiohttp.ClientTimeout(total=total_seconds, sock_connect=_CONNECT_SECONDS),
        read_bufsize=_READ_BUFFER_BYTES,
    )


def _judge(address: str, port: int, policy: TargetPolicy) -> Reason | None:
    if reason := judge_place(address, port, policy):
        return reason
    if policy.listens_everywhere(port) and _is_of_this_machine(address):
        return Reason.OWN
    return None


def _is_of_this_machine(address: str) -> bool:
    """Only addresses of this machine can be bound."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_DGRAM)) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
