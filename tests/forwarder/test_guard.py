"""Connects of a real aiohttp session, counted where they arrive."""

import contextlib
import gzip
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer
from yarl import URL

from relay.domain.target import Reason, TargetPolicy, parse_target
from relay.errors import TargetRefused
from relay.forwarder import guard
from relay.forwarder.client import Exchange, WebhookClient
from relay.forwarder.guard import _is_of_this_machine, guarded_client, guarded_connector, socket_factory
from relay.forwarder.prepare import WebhookRequest
from relay.forwarder.refusal import ConnectRefused, refusal_of
from relay.forwarder.resolver import GuardedResolver
from tests.forwarder.canary import Canaries, canaries
from tests.forwarder.certificates import USUAL_TLS
from tests.ssrf import StubbedDns, corpus, formulated_anew

CLOSED = TargetPolicy()
LOOPBACK_OPENED = TargetPolicy(allow_networks=(ipaddress.ip_network("127.0.0.0/8"),))
HOSTILE = [["127.0.0.1"]]


@pytest.fixture
async def watched() -> AsyncIterator[Canaries]:
    async with canaries() as listening:
        yield listening


class NaiveResolver(AbstractResolver):
    """Believes what DNS says."""

    def __init__(self, look_up: StubbedDns) -> None:
        self.look_up = look_up

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=0, proto=0, flags=0)
            for address in self.look_up(host)
        ]

    async def close(self) -> None: ...


async def attempt(session: WebhookClient, url: Any) -> int | BaseException:
    """The status, or the error. Some addresses of the corpus raise `UnicodeError` and others in aiohttp."""
    exchange = Exchange()
    try:
        await session.carry_out(WebhookRequest(url=URL(url), headers={}, body=b"{}"), exchange)
    except Exception as error:
        return error
    assert exchange.message is not None
    return exchange.message.code


def session_with(policy: TargetPolicy, dns: StubbedDns, watched: Canaries) -> WebhookClient:
    resolver = GuardedResolver(policy, look_up=dns)
    return guarded_client(policy, resolver, tls=USUAL_TLS, new_socket=watched.new_socket)


def not_public(addresses: Sequence[str]) -> list[str]:
    return [address for address in addresses if formulated_anew(ipaddress.ip_address(address))]


# --- the whole, on the corpus


async def test_all_layers_together_let_only_the_allowed_targets_be_reached(watched: Canaries) -> None:
    for case in corpus():
        before = watched.arrivals
        async with session_with(case.closed_policy, StubbedDns([*case.answers]), watched) as session:
            for _ in case.answers or [[]]:
                with contextlib.suppress(TargetRefused):
                    await attempt(session, parse_target(case.url, case.closed_policy))
        reached = watched.arrivals > before
        assert reached == (case.verdict == "allow") or len(case.answers) > 1, case
    assert not not_public(watched.sent_to)


async def test_bare_aiohttp_would_reach_private_addresses(watched: Canaries) -> None:
    """Shows that the canaries would sing."""
    for case in corpus(lambda case: case.verdict != "allow"):
        connector = aiohttp.TCPConnector(
            resolver=NaiveResolver(StubbedDns(case.answers or HOSTILE)),
            socket_factory=lambda info: watched.new_socket(*info[:3]),
        )
        async with WebhookClient(connector, total_seconds=30, connect_seconds=5) as session:
            await attempt(session, case.url)
    assert len(not_public(watched.sent_to)) > 60


async def test_without_the_parse_layer_no_private_address_is_reached(watched: Canaries) -> None:
    for case in corpus(lambda case: case.verdict != "allow"):
        async with session_with(CLOSED, StubbedDns(case.answers or HOSTILE), watched) as session:
            await attempt(session, case.url)
    assert not not_public(watched.sent_to)


async def test_the_socket_layer_alone_reaches_no_private_address(watched: Canaries) -> None:
    for case in corpus(lambda case: case.verdict != "allow"):
        naive = NaiveResolver(StubbedDns(case.answers or HOSTILE))
        async with guarded_client(CLOSED, naive, tls=USUAL_TLS, new_socket=watched.new_socket) as session:
            await attempt(session, case.url)
    assert not not_public(watched.sent_to)


async def test_the_resolver_layer_alone_lets_no_name_lead_to_a_private_address(watched: Canaries) -> None:
    for case in corpus(lambda case: case.verdict != "allow" and bool(case.answers)):
        connector = aiohttp.TCPConnector(
            resolver=GuardedResolver(CLOSED, look_up=StubbedDns([*case.answers])),
            socket_factory=lambda info: watched.new_socket(*info[:3]),
        )
        async with WebhookClient(connector, total_seconds=30, connect_seconds=5) as session:
            await attempt(session, case.url)
    assert not not_public(watched.sent_to)


# --- each layer where the others do not help


async def test_parse_layer_keeps_credentials_and_ports_from_public_hosts(watched: Canaries) -> None:
    for url in ("http://user:secret@hooks.example.com/", "http://hooks.example.com:25/"):
        with pytest.raises(TargetRefused):
            parse_target(url, CLOSED)
        async with session_with(CLOSED, StubbedDns([["93.184.216.34"]]), watched) as session:
            assert await attempt(session, url) == 204


async def test_resolver_layer_refuses_a_whole_answer_for_one_unsafe_address(watched: Canaries) -> None:
    dns = StubbedDns([["93.184.216.34", "127.0.0.1"]])
    async with session_with(CLOSED, dns, watched) as session:
        error = await attempt(session, "http://mixed.example.net/")
    assert isinstance(error, aiohttp.ClientConnectorDNSError)
    assert refusal_of(error) is Reason.PRIVATE
    assert watched.sent_to == []


@pytest.mark.parametrize(
    ("literal", "reason"),
    [
        ("127.0.0.1", Reason.PRIVATE),
        ("[::1]", Reason.PRIVATE),
        ("[::ffff:127.0.0.1]", Reason.RESERVED),
        ("169.254.169.254", Reason.RESERVED),
    ],
)
async def test_socket_layer_judges_literals_that_no_resolver_is_asked_for(
    watched: Canaries, literal: str, reason: Reason
) -> None:
    dns = StubbedDns([["93.184.216.34"]])
    async with session_with(CLOSED, dns, watched) as session:
        error = await attempt(session, f"http://{literal}:8080/")
    assert isinstance(error, aiohttp.ClientConnectorError)
    assert refusal_of(error) is reason
    assert (dns.asked, watched.sent_to) == ([], [])


async def test_socket_layer_refuses_both_addresses_of_a_name_with_one_error(watched: Canaries) -> None:
    naive = NaiveResolver(StubbedDns([["127.0.0.1", "::1"]]))
    async with guarded_client(CLOSED, naive, tls=USUAL_TLS, new_socket=watched.new_socket) as session:
        error = await attempt(session, "http://both.example.net/")
    assert isinstance(error, aiohttp.ClientConnectorError)
    assert refusal_of(error) is Reason.PRIVATE
    assert watched.sent_to == []


async def test_rebinding_between_two_attempts_is_noticed(watched: Canaries) -> None:
    dns = StubbedDns([["93.184.216.34"], ["127.0.0.1"]])
    async with session_with(CLOSED, dns, watched) as session:
        url = parse_target("http://rebind.example.net/", CLOSED)
        assert await attempt(session, url) == 204
        error = await attempt(session, url)
    assert isinstance(error, OSError)
    assert refusal_of(error) is Reason.PRIVATE
    assert watched.sent_to == ["93.184.216.34"]
    assert len(dns.asked) == 2


async def test_an_opened_network_is_reached(watched: Canaries) -> None:
    host, port = watched.places[socket.AF_INET]
    async with session_with(LOOPBACK_OPENED, StubbedDns([[host]]), watched) as session:
        for name in (host, "receiver.example.net"):
            assert await attempt(session, parse_target(f"http://{name}:{port}/", LOOPBACK_OPENED)) == 204
    assert watched.sent_to == [host, host]


# --- the relay itself


async def test_own_listen_address_is_refused_at_the_socket_in_an_opened_network(watched: Canaries) -> None:
    host, port = watched.places[socket.AF_INET]
    policy = TargetPolicy(allow_networks=LOOPBACK_OPENED.allow_networks, own_hosts=frozenset({(host, port)}))
    async with session_with(policy, StubbedDns([[host]]), watched) as session:
        error = await attempt(session, f"http://alias.example.net:{port}/")
    assert isinstance(error, OSError)
    assert refusal_of(error) is Reason.OWN
    assert watched.arrivals == 0


def test_a_relay_that_listens_everywhere_knows_the_addresses_of_this_machine() -> None:
    assert _is_of_this_machine("127.0.0.1")
    assert _is_of_this_machine("::1")
    assert not _is_of_this_machine("93.184.216.34")
    assert not _is_of_this_machine("2606:4700::1111")


def test_a_relay_that_listens_everywhere_does_not_connect_to_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guard, "_is_of_this_machine", {"93.184.216.34"}.__contains__)
    make = socket_factory(TargetPolicy(own_hosts=frozenset({("::", 8080)})))
    with pytest.raises(ConnectRefused) as refused:
        make((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("93.184.216.34", 8080)))
    assert refused.value.reason is Reason.OWN
    make((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("93.184.216.34", 8081))).close()


def test_a_relay_that_listens_everywhere_still_reaches_others_on_its_port() -> None:
    make = socket_factory(TargetPolicy(own_hosts=frozenset({("0.0.0.0", 8080)})))
    info = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("93.184.216.34", 8080))
    make(info).close()
    with pytest.raises(ConnectRefused) as refused:
        make((*info[:4], ("127.0.0.2", 8080)))
    assert refused.value.reason is Reason.OWN


# --- what else the session must not do


async def test_a_refusal_names_no_address() -> None:
    with pytest.raises(ConnectRefused) as refused:
        socket_factory(CLOSED)((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("10.1.2.3", 80)))
    assert "10.1.2.3" not in str(refused.value)


async def test_proxies_of_the_environment_are_not_used(
    watched: Canaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = "http://{}:{}".format(*watched.places[socket.AF_INET6])
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy)
    async with session_with(CLOSED, StubbedDns([["93.184.216.34"]]), watched) as session:
        assert await attempt(session, parse_target("http://hooks.example.com/", CLOSED)) == 204
    assert watched.sent_to == ["93.184.216.34"]


async def receiver(handler: Any) -> TestServer:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    return server


def open_session() -> WebhookClient:
    resolver = GuardedResolver(LOOPBACK_OPENED, look_up=StubbedDns([["127.0.0.1"]]))
    return guarded_client(LOOPBACK_OPENED, resolver, tls=USUAL_TLS)


async def test_a_redirect_is_an_answer_and_its_target_would_be_judged(watched: Canaries) -> None:
    place = "http://[{}]:{}/".format(*watched.places[socket.AF_INET6])

    async def redirect(request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect(place)

    server = await receiver(redirect)
    async with server, open_session() as session:
        assert await attempt(session, server.make_url("/")) == 307
        refused = await attempt(session, place)
    assert isinstance(refused, aiohttp.ClientConnectorError)
    assert refusal_of(refused) is Reason.PRIVATE
    assert watched.arrivals == 0


async def test_answers_leave_no_cookies_and_are_not_unpacked() -> None:
    seen: list[Any] = []
    packed = gzip.compress(b"x" * 1000)

    async def answer(request: web.Request) -> web.Response:
        seen.append((request.headers.get("Cookie"), request.headers["Accept-Encoding"]))
        response = web.Response(body=packed, headers={"Content-Encoding": "gzip"})
        response.set_cookie("owner", "a")
        return response

    server = await receiver(answer)
    async with server, open_session() as session:
        for _ in range(2):  # by name: no cookie jar keeps cookies of IP addresses
            url = f"http://receiver.example.net:{server.port}/"
            exchange = Exchange()
            await session.carry_out(WebhookRequest(url=URL(url), headers={}, body=b""), exchange)
            assert exchange.body == packed
    assert seen == [(None, "identity")] * 2


REQUESTS = [
    ("http://HOOKS.example.com?foo=bar&b=%C5%BE", b"POST /?foo=bar&b=%C5%BE HTTP/1.1", b"hooks.example.com"),
    (
        "http://příklad.example.com:8080/ž?ž#x",
        b"POST /%C5%BE?%C5%BE HTTP/1.1",
        b"xn--pklad-zsa96e.example.com:8080",
    ),
    ("http://8.8.8.8/%ED%A0%80/%41/../+?a+b=%2b", b"POST /%ED%A0%80/%41/../+?a+b=%2b HTTP/1.1", b"8.8.8.8"),
    ('http://h.example/"><script>?{|}', b"POST /%22%3E%3Cscript%3E?{|} HTTP/1.1", b"h.example"),
    ("http://[2606:4700::ABCD]:80/a[]?b[]=100%", b"POST /a[]?b[]=100% HTTP/1.1", b"[2606:4700::abcd]"),
]


@pytest.mark.parametrize(("url", "request_line", "host"), REQUESTS)
async def test_the_request_line_carries_what_the_owner_typed(
    watched: Canaries, url: str, request_line: bytes, host: bytes
) -> None:
    async with session_with(CLOSED, StubbedDns([["93.184.216.34"]]), watched) as session:
        assert await attempt(session, parse_target(url, CLOSED)) == 204
    lines = watched.heads[0].split(b"\r\n")
    assert lines[0] == request_line
    assert b"Host: " + host in lines


async def test_certificates_are_verified() -> None:
    async with guarded_connector(CLOSED, GuardedResolver(CLOSED), tls=USUAL_TLS) as connector:
        context = connector._ssl
    assert isinstance(context, ssl.SSLContext)
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)


async def test_the_connector_limits_nothing_itself(watched: Canaries) -> None:
    resolver = GuardedResolver(CLOSED, look_up=StubbedDns([]))
    async with guarded_connector(CLOSED, resolver, tls=USUAL_TLS, new_socket=watched.new_socket) as connector:
        assert (connector.limit, connector.limit_per_host) == (0, 0)
