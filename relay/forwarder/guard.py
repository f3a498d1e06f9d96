"""The client through which all webhooks go: every connect is judged at its socket.

The resolver alone is no guard: aiohttp does not ask it for literal addresses.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import closing
from functools import partial

import aiohttp
from aiohappyeyeballs import AddrInfoType
from aiohttp.abc import AbstractResolver

from relay.domain.target import Reason, TargetPolicy, judge_place
from relay.forwarder.answers import AnswerHandler
from relay.forwarder.client import WebhookClient
from relay.forwarder.refusal import ConnectRefused

NewSocket = Callable[[int, int, int], socket.socket]

_KEEPALIVE_SECONDS = 65.0
_CONNECT_SECONDS = 5.0


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
    connector = aiohttp.TCPConnector(
        resolver=resolver,
        use_dns_cache=False,
        limit=0,
        limit_per_host=0,
        keepalive_timeout=_KEEPALIVE_SECONDS,
        ssl=tls or ssl.create_default_context(),
        socket_factory=socket_factory(policy, new_socket),
    )
    # Private, for there is no other way; `partial` does not know that the one class is the other.
    connector._factory = partial(AnswerHandler, loop=asyncio.get_running_loop())  # type: ignore[assignment]  # noqa: SLF001
    return connector


def guarded_client(
    policy: TargetPolicy,
    resolver: AbstractResolver,
    *,
    tls: ssl.SSLContext | None = None,
    total_seconds: float = 15.0,
    new_socket: NewSocket = socket.socket,
) -> WebhookClient:
    """The forwarder's way to the net."""
    connector = guarded_connector(policy, resolver, tls=tls, new_socket=new_socket)
    return WebhookClient(connector, total_seconds=total_seconds, connect_seconds=_CONNECT_SECONDS)


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
