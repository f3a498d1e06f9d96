"""One attempt against receivers that are well, broken or hostile; all on real sockets."""

import asyncio
import contextlib
import gzip
import ipaddress
import socket
import ssl
import tracemalloc
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from relay.domain.delivery import MAX_ANSWER_CHARACTERS, Cause, Outcome
from relay.domain.target import Reason, TargetPolicy, parse_target
from relay.errors import TargetRefused
from relay.forwarder.client import MOST_READ_BYTES, WebhookClient
from relay.forwarder.guard import guarded_client
from relay.forwarder.prepare import WebhookRequest
from relay.forwarder.resolver import GuardedResolver
from relay.forwarder.send import cause_of_error, send
from tests.forwarder.canary import canaries
from tests.forwarder.certificates import DAY, NOW, USUAL_TLS, Issued, issue
from tests.forwarder.receivers import (
    OK,
    Answer,
    hangs,
    receiver,
    repeats,
    resets,
    says_and_closes,
    status,
)

LOOPBACK = TargetPolicy(allow_networks=(ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")))
CLOSED = TargetPolicy()
AT = 1_800_000_000.25
BODY = b'{"data":"00"}'
PATIENT_SECONDS = 30.0
IMPATIENT_SECONDS = 0.3


def to_loopback(_: str) -> list[str]:
    return ["127.0.0.1"]


def session(
    *,
    policy: TargetPolicy = LOOPBACK,
    look_up: Callable[[str], Sequence[str]] = to_loopback,
    tls: ssl.SSLContext = USUAL_TLS,
    total_seconds: float = PATIENT_SECONDS,
) -> WebhookClient:
    resolver = GuardedResolver(policy, look_up=look_up)
    return guarded_client(policy, resolver, tls=tls, total_seconds=total_seconds)


async def attempt(client: WebhookClient, url: str | URL) -> Outcome:
    headers = {"Content-Type": "application/json", "User-Agent": "sigfox-relay/test"}
    request = WebhookRequest(url=URL(url, encoded=True), headers=headers, body=BODY)
    return await send(client, request, AT)


async def attempt_at(answer: Answer | bytes, *, total_seconds: float = PATIENT_SECONDS) -> Outcome:
    async with receiver(answer) as at, session(total_seconds=total_seconds) as client:
        return await attempt(client, at.url())


# --- what a status means


async def test_a_taken_message_is_an_outcome_with_status_answer_and_time() -> None:
    outcome = await attempt_at(status(200, b"thanks"))
    assert (outcome.status, outcome.cause, outcome.answer, outcome.detail) == (200, None, "thanks", "")
    assert outcome.at_ms == 1_800_000_000_250
    assert outcome.duration_ms >= 0


async def test_the_receiver_gets_the_body_and_headers_as_they_are() -> None:
    async with receiver() as at, session() as client:
        await attempt(client, at.url())
    (got,) = at.requests
    assert got.head.startswith(b"POST /hook HTTP/1.1\r\n")
    assert got.body == BODY
    assert got.headers == {
        "host": f"127.0.0.1:{at.port}",
        "content-type": "application/json",
        "user-agent": "sigfox-relay/test",
        "content-length": str(len(BODY)),
        "accept": "*/*",
        "accept-encoding": "identity",
    }


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (200, None),
        (201, None),
        (204, None),
        (299, None),
        (300, Cause.REDIRECT),
        (304, Cause.REDIRECT),
        (400, Cause.CLIENT_ERROR),
        (401, Cause.CLIENT_ERROR),
        (404, Cause.CLIENT_ERROR),
        (410, Cause.GONE),
        (429, Cause.RATE_LIMITED),
        (500, Cause.SERVER_ERROR),
        (503, Cause.SERVER_ERROR),
        (600, Cause.BAD_RESPONSE),
        (999, Cause.BAD_RESPONSE),
    ],
)
async def test_a_status_decides(code: int, cause: Cause | None) -> None:
    outcome = await attempt_at(status(code))
    assert (outcome.status, outcome.cause) == (code, cause)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_redirects_are_failures_and_never_followed(code: int) -> None:
    async with receiver() as elsewhere:
        answer = status(code, headers=f"Location: {elsewhere.url()}\r\n")
        outcome = await attempt_at(answer)
    assert (outcome.status, outcome.cause) == (code, Cause.REDIRECT)
    assert elsewhere.connections == 0


async def test_retry_after_is_handed_on_as_received() -> None:
    outcome = await attempt_at(status(429, headers="Retry-After:  120 \r\n"))
    assert (outcome.cause, outcome.retry_after) == (Cause.RATE_LIMITED, "120")
    assert (await attempt_at(status(429))).retry_after is None


async def test_an_upgrade_is_no_success() -> None:
    upgrade = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
    outcome = await attempt_at(says_and_closes(upgrade))
    assert (outcome.status, outcome.cause) == (101, Cause.BAD_RESPONSE)


async def test_early_hints_are_passed_over() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    assert (await attempt_at(hints + OK)).status == 200


async def test_endless_early_hints_end_with_the_time_out() -> None:
    outcome = await attempt_at(
        repeats(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", 0.01), total_seconds=IMPATIENT_SECONDS
    )
    assert (outcome.status, outcome.cause) == (None, Cause.READ_TIMEOUT)


# --- who does not answer


async def test_nothing_listens() -> None:
    async with receiver() as at:
        pass
    async with session() as client:
        outcome = await attempt(client, at.url())
    assert (outcome.status, outcome.cause, outcome.detail) == (None, Cause.REFUSED, "")


async def test_nothing_listens_at_any_of_several_addresses() -> None:
    async with receiver() as at:
        pass
    async with session(look_up=lambda _: ["127.0.0.1", "127.0.0.2", "::1"]) as client:
        outcome = await attempt(client, at.url(host="hooks.example.com"))
    assert outcome.cause is Cause.REFUSED


async def test_the_next_address_is_tried_when_nothing_listens_at_the_first() -> None:
    both = session(look_up=lambda _: ["127.0.0.1", "127.0.0.2"])
    async with receiver(host="127.0.0.2") as at, both as client:
        outcome = await attempt(client, at.url(host="hooks.example.com"))
    assert outcome.status == 200


async def test_a_connect_that_is_not_answered_times_out() -> None:
    with contextlib.ExitStack() as stack:
        port = _full_listener(stack)
        async with session(total_seconds=5) as client:
            timeout = aiohttp.ClientTimeout(total=5, sock_connect=0.2)
            client._timeout = timeout
            outcome = await attempt(client, f"http://127.0.0.1:{port}/")
    assert (outcome.status, outcome.cause) == (None, Cause.CONNECT_TIMEOUT)


def _full_listener(stack: contextlib.ExitStack) -> int:
    """A listener whose queue is full: the system drops further connects."""
    listener = stack.enter_context(socket.socket())
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    port: int = listener.getsockname()[1]
    for _ in range(4):
        waiting = stack.enter_context(socket.socket())
        waiting.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            waiting.connect(("127.0.0.1", port))
    return port


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 20", b"HTTP/1.1 200 OK\r\nContent-"])
async def test_silence_before_the_end_of_the_headers_times_out(said: bytes) -> None:
    outcome = await attempt_at(hangs(said), total_seconds=IMPATIENT_SECONDS)
    assert (outcome.status, outcome.cause) == (None, Cause.READ_TIMEOUT)


async def test_dripping_headers_time_out() -> None:
    outcome = await attempt_at(
        repeats(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", 0.05), total_seconds=IMPATIENT_SECONDS
    )
    assert (outcome.status, outcome.cause) == (None, Cause.READ_TIMEOUT)


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-"])
async def test_a_connection_closed_before_the_answer(said: bytes) -> None:
    for answer in (says_and_closes(said), resets(said)):
        outcome = await attempt_at(answer)
        assert (outcome.status, outcome.cause) == (None, Cause.RESET)


# --- who answers rubbish


@pytest.mark.parametrize(
    "said",
    [
        b"garbage\r\n\r\n",
        b"\x00\xff\xfe\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nBad Header: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
    ],
    ids=range(11),
)
async def test_what_is_no_http_is_a_bad_response(said: bytes) -> None:
    outcome = await attempt_at(says_and_closes(said))
    assert (outcome.status, outcome.cause) == (None, Cause.BAD_RESPONSE)
    assert outcome.detail == ""


@given(said=st.binary(max_size=200) | st.binary(max_size=100).map(b"HTTP/1.1 200 OK\r\n".__add__))
async def test_no_answer_raises(said: bytes) -> None:
    outcome = await attempt_at(says_and_closes(said), total_seconds=2)
    assert (outcome.cause is None) == (outcome.status is not None and 200 <= outcome.status <= 299)


# --- bodies


async def test_only_the_beginning_of_an_endless_body_is_read_and_its_connection_closed() -> None:
    endless = repeats(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n", b"x" * 65536)
    async with receiver(endless) as at, session() as client:
        tracemalloc.start()
        outcome = await attempt(client, at.url())
        await at.until(lambda seen: seen.closed == 1)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert outcome.cause is None
    assert outcome.answer == "x" * MAX_ANSWER_CHARACTERS
    assert most < 4 * 1024 * 1024


@pytest.mark.parametrize("size", [0, 1, 4096, 4097, MOST_READ_BYTES - 1, MOST_READ_BYTES])
async def test_the_answer_is_kept_up_to_its_limit(size: int) -> None:
    outcome = await attempt_at(status(200, b"x" * size))
    assert outcome.answer == "x" * min(size, MAX_ANSWER_CHARACTERS)


async def test_letters_of_four_bytes_fill_the_limit_and_are_not_cut() -> None:
    outcome = await attempt_at(status(500, b"x" + "😀".encode() * 10_000))
    assert outcome.answer == "x" + "😀" * (MAX_ANSWER_CHARACTERS - 1)


async def test_the_answer_is_safe_text() -> None:
    outcome = await attempt_at(status(500, b"a\x00b\xff\xc3(\xed\xa0\x80\xf0\x9f"))
    assert "\0" not in outcome.answer
    assert outcome.answer.startswith("a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}")
    assert outcome.answer.encode()


async def test_compressed_answers_stay_compressed() -> None:
    bomb = gzip.compress(b"x" * 10_000_000)
    outcome = await attempt_at(status(200, bomb, "Content-Encoding: gzip\r\n"))
    assert outcome.cause is None
    assert "xxx" not in outcome.answer
    assert (await attempt_at(status(200, b"no gzip", "Content-Encoding: gzip\r\n"))).answer == "no gzip"


@pytest.mark.parametrize(("code", "cause"), [(200, None), (500, Cause.SERVER_ERROR)])
async def test_the_status_stands_whatever_happens_to_the_body(code: int, cause: Cause | None) -> None:
    started = f"HTTP/1.1 {code} X\r\nContent-Length: 99\r\n\r\npart".encode()
    chunked = f"HTTP/1.1 {code} X\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n".encode()
    for said in (started, chunked):
        for answer in (says_and_closes(said), resets(said), hangs(said)):
            outcome = await attempt_at(answer, total_seconds=IMPATIENT_SECONDS)
            assert (outcome.status, outcome.cause) == (code, cause)
            assert outcome.answer in {"", "part"}


async def test_a_dripping_body_is_cut_and_what_came_is_kept() -> None:
    dripping = repeats(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nfirst ", b"x", 0.02)
    async with receiver(dripping) as at, session(total_seconds=IMPATIENT_SECONDS) as client:
        outcome = await attempt(client, at.url())
        await at.until(lambda seen: seen.closed == 1)
    assert (outcome.status, outcome.cause) == (200, None)
    assert outcome.answer.startswith("first ")


# --- connections


async def test_a_connection_is_used_again() -> None:
    async with receiver() as at, session() as client:
        for _ in range(5):
            assert (await attempt(client, at.url())).status == 200
    assert (at.connections, len(at.requests)) == (1, 5)


async def test_a_connection_with_more_to_read_is_not_used_again() -> None:
    async with receiver(status(200, b"x" * 100_000)) as at, session() as client:
        for _ in range(2):
            assert (await attempt(client, at.url())).status == 200
    assert at.connections == 2


async def test_a_connection_that_was_closed_while_idle_is_replaced() -> None:
    async with receiver(says_and_closes(OK)) as at, session() as client:
        for number in (1, 2, 3):
            assert (await attempt(client, at.url())).status == 200
            await _until_noticed(client)
            assert at.connections == number


async def _until_noticed(client: WebhookClient) -> None:
    """Until the client knows that its idle connections were closed."""
    connector = client._connector
    async with asyncio.timeout(30):
        while any(kept.is_connected() for pool in connector._conns.values() for kept, _ in pool):  # noqa: ASYNC110 - aiohttp tells nobody
            await asyncio.sleep(0)


async def test_one_receivers_cookies_are_not_sent_with_anothers_messages() -> None:
    async with receiver(status(200, headers="Set-Cookie: a=b; Path=/\r\n")) as at, session() as client:
        for _ in range(2):
            await attempt(client, at.url())
    assert all("cookie" not in request.headers for request in at.requests)


async def test_a_cancelled_attempt_is_cancelled() -> None:
    async with receiver(hangs()) as at, session() as client:
        running = asyncio.create_task(attempt(client, at.url()))
        await at.until(lambda seen: len(seen.requests) == 1)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


# --- names and addresses


async def test_a_name_that_does_not_exist() -> None:
    def nowhere(_: str) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async with session(look_up=nowhere) as client:
        outcome = await attempt(client, "http://hooks.example.com/?token=marker")
    assert (outcome.status, outcome.cause, outcome.detail) == (None, Cause.DNS, "")


@pytest.mark.parametrize(
    ("host", "answer", "reason"),
    [
        ("hooks.example.com", "10.0.0.1", Reason.PRIVATE),
        ("hooks.example.com", "169.254.169.254", Reason.RESERVED),
        ("127.0.0.1", "", Reason.PRIVATE),
        ("[::1]", "", Reason.PRIVATE),
    ],
)
async def test_a_blocked_address_is_said_without_the_address(host: str, answer: str, reason: Reason) -> None:
    async with session(policy=CLOSED, look_up=lambda _: [answer]) as client:
        outcome = await attempt(client, f"http://{host}:8080/")
    assert (outcome.cause, outcome.detail) == (Cause.BLOCKED_ADDRESS, reason.value)


@pytest.mark.parametrize(
    "rest",
    [
        "/?foo=bar&b=%C5%BE",
        "?foo=bar",
        "/a%2Fb/%41%7e/../c//d/.",
        "/a+b?c+d=e%20f%2B&x=%2b",
        "/x?a[]=1;b='2'&c=@:!$*(),~&&=&?/",
        "/100%?x=%zz%",
        "/?",
        "/žluť?ž=€&😀",
        '/"<>{}|^`',
    ],
)
async def test_the_query_goes_over_the_wire_as_it_was_written(rest: str) -> None:
    async with receiver() as at, session() as client:
        url = parse_target(at.url(rest), LOOPBACK)
        assert (await attempt(client, url)).status == 200
    (got,) = at.requests
    assert got.target == url.raw_path_qs
    if rest.isascii() and not set(rest) & set('"<>{}|^`') and rest != "/?":
        assert got.target == ("" if rest.startswith("/") else "/") + rest


POISON = [
    "http://example..com/",
    "http://.example/",
    f"http://{'x' * 64}.example/",
    "http://xn--a.example/",
    "//host/",
    "host",
    "",
    "/path",
    "http:///path",
    "ftp://host.example/",
    "http://127.1/",
    "http://0x7f.1/",
    "http://[::1%25lo]/",
    "http://①②⑦.⓪.⓪.①/",
    "http://a b/",
    "http://user:pw@hooks.example.com/",
    "http://hooks.example.com:99999/",
]


@pytest.mark.parametrize("url", POISON)
@pytest.mark.parametrize("encoded", [True, False])
async def test_poisonous_urls_are_outcomes(url: str, encoded: bool) -> None:
    def real_parse(host: str) -> list[str]:
        host.encode("idna")  # what getaddrinfo does
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    try:
        poison = URL(url, encoded=encoded)
    except ValueError:
        return
    async with session(policy=CLOSED, look_up=real_parse) as client:
        outcome = await send(client, WebhookRequest(url=poison, headers={}, body=BODY), AT)
    assert outcome.status is None
    assert outcome.cause in {Cause.BAD_URL, Cause.DNS, Cause.BLOCKED_ADDRESS, Cause.INTERNAL, Cause.REFUSED}
    assert url not in outcome.detail or not url


@given(
    text=st.one_of(
        st.text(max_size=30).map("http://hooks.example.com/".__add__),
        st.text(max_size=20).map("http://{}/".format),
        st.from_regex(
            r"https?://[a-z0-9.ž_-]{1,20}(:[0-9]{1,5})?(/[!-~]{0,20})?(\?[!-~]{0,20})?", fullmatch=True
        ),
    )
)
@settings(suppress_health_check=[HealthCheck.filter_too_much])
async def test_no_storable_url_raises(text: str) -> None:
    try:
        url = parse_target(text, CLOSED)
    except TargetRefused:
        return
    async with canaries() as watched:
        resolver = GuardedResolver(CLOSED, look_up=lambda _: ["93.184.216.34"])
        async with guarded_client(
            CLOSED, resolver, tls=USUAL_TLS, total_seconds=5, new_socket=watched.new_socket
        ) as client:
            outcome = await attempt(client, url)
    assert outcome.status == 204 or outcome.cause is not None
    assert (outcome.cause is None) == (outcome.status == 204)


# --- TLS


@pytest.fixture(scope="module")
def authority() -> Issued:
    return issue("Test authority", authority=True)


@pytest.fixture
async def client(authority: Issued) -> AsyncIterator[aiohttp.ClientSession]:
    async with session(tls=authority.trusted_by_client()) as made:
        yield made


async def attempt_over_tls(client: WebhookClient, issued: Issued, folder: Path, host: str) -> Outcome:
    async with receiver(tls=issued.server_context(folder)) as at:
        return await attempt(client, at.url("/?token=marker", host, "https"))


async def test_a_good_certificate_is_accepted(
    client: WebhookClient, authority: Issued, tmp_path: Path
) -> None:
    issued = issue("hooks.example.com", authority)
    assert (await attempt_over_tls(client, issued, tmp_path, "hooks.example.com")).status == 200


async def test_an_expired_certificate(client: WebhookClient, authority: Issued, tmp_path: Path) -> None:
    issued = issue("hooks.example.com", authority, ends=NOW - DAY)
    outcome = await attempt_over_tls(client, issued, tmp_path, "hooks.example.com")
    assert (outcome.status, outcome.cause) == (None, Cause.TLS_EXPIRED)


async def test_a_certificate_for_another_name(
    client: WebhookClient, authority: Issued, tmp_path: Path
) -> None:
    issued = issue("other.example.com", authority)
    for host in ("hooks.example.com", "127.0.0.1"):
        outcome = await attempt_over_tls(client, issued, tmp_path, host)
        assert (outcome.status, outcome.cause) == (None, Cause.TLS_NAME)
        assert "marker" not in outcome.detail


async def test_a_certificate_signed_by_itself(client: WebhookClient, tmp_path: Path) -> None:
    outcome = await attempt_over_tls(client, issue("hooks.example.com"), tmp_path, "hooks.example.com")
    assert (outcome.status, outcome.cause) == (None, Cause.TLS_SELF_SIGNED)


async def test_a_certificate_of_an_unknown_authority(client: WebhookClient, tmp_path: Path) -> None:
    issued = issue("hooks.example.com", issue("Unknown authority", authority=True))
    outcome = await attempt_over_tls(client, issued, tmp_path, "hooks.example.com")
    assert (outcome.status, outcome.cause) == (None, Cause.TLS_OTHER)
    assert outcome.detail


async def test_a_certificate_that_is_not_valid_yet(
    client: WebhookClient, authority: Issued, tmp_path: Path
) -> None:
    issued = issue("hooks.example.com", authority, begins=NOW + DAY, ends=NOW + 2 * DAY)
    outcome = await attempt_over_tls(client, issued, tmp_path, "hooks.example.com")
    assert (outcome.status, outcome.cause) == (None, Cause.TLS_OTHER)


async def test_plain_text_on_a_tls_port(client: WebhookClient) -> None:
    async with receiver(says_and_closes(status(400))) as at:
        server = await asyncio.start_server(_talks_first, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            outcome = await attempt(client, f"https://127.0.0.1:{port}/")
    assert (outcome.status, outcome.cause) == (None, Cause.TLS_OTHER)
    assert at.connections == 0


async def _talks_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def test_plain_http_to_a_tls_port(authority: Issued, tmp_path: Path) -> None:
    tls = issue("hooks.example.com", authority).server_context(tmp_path)
    async with receiver(tls=tls) as at, session() as plain:
        outcome = await attempt(plain, at.url(host="hooks.example.com"))
    assert outcome.status is None
    assert outcome.cause in {Cause.RESET, Cause.BAD_RESPONSE}


async def test_a_server_that_asks_for_a_client_certificate(
    client: WebhookClient, authority: Issued, tmp_path: Path
) -> None:
    tls = issue("hooks.example.com", authority).server_context(tmp_path)
    tls.verify_mode = ssl.CERT_REQUIRED
    async with receiver(tls=tls) as at:
        outcome = await attempt(client, at.url(host="hooks.example.com", scheme="https"))
    assert outcome.status is None
    assert outcome.cause in {Cause.TLS_OTHER, Cause.RESET}


async def test_a_connection_closed_during_the_handshake(client: WebhookClient) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.transport.abort()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        outcome = await attempt(client, f"https://127.0.0.1:{port}/")
    assert (outcome.status, outcome.cause) == (None, Cause.RESET)


async def test_a_status_that_has_no_body_counts_although_one_follows() -> None:
    async with receiver(b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok") as at, session() as client:
        for connections in (1, 2):
            outcome = await attempt(client, at.url())
            assert (outcome.status, outcome.cause, outcome.answer) == (204, None, "")
            assert at.connections == connections


# --- how it went


async def test_an_attempt_tells_how_it_went(authority: Issued, tmp_path: Path) -> None:
    tls = issue("hooks.example.com", authority).server_context(tmp_path)
    answer = status(200, b"ok", headers="X-Who: ž\r\n")
    async with (
        receiver(answer, tls=tls) as at,
        session(tls=authority.trusted_by_client()) as client,
    ):
        first = await attempt(client, at.url(host="hooks.example.com", scheme="https"))
        second = await attempt(client, at.url(host="hooks.example.com", scheme="https"))
    course = first.course
    assert (course.address, course.headers.splitlines()[0].lower()) == ("127.0.0.1", "x-who: ž")
    assert course.looked_up_ms is not None
    assert course.reached_ms is not None
    assert course.connected_ms is not None
    assert course.answered_ms is not None
    in_order = [course.looked_up_ms, course.reached_ms, course.connected_ms, course.answered_ms]
    assert [0, *in_order, first.duration_ms] == sorted([0, *in_order, first.duration_ms])
    kept = second.course
    assert (kept.looked_up_ms, kept.reached_ms, kept.connected_ms) == (None, None, None)
    assert second.course.address == "127.0.0.1"


async def test_an_attempt_tells_how_far_it_came() -> None:
    async with receiver(hangs()) as at, session(total_seconds=IMPATIENT_SECONDS) as client:
        course = (await attempt(client, at.url())).course
    assert (course.address, course.answered_ms, course.headers) == ("127.0.0.1", None, "")
    assert course.connected_ms is not None
    assert course.reached_ms is None  # there was no TLS


# --- what stands behind an exception


def test_an_exception_nobody_thought_of_is_named_but_not_quoted() -> None:
    assert cause_of_error(KeyError("https://hooks.example.com/?token=marker")) == (Cause.INTERNAL, "KeyError")


def test_the_text_of_an_exception_is_never_passed_on() -> None:
    for error in (
        aiohttp.InvalidURL("http://x/?marker"),
        aiohttp.ClientPayloadError("marker"),
        OSError("marker"),
    ):
        assert "marker" not in cause_of_error(error)[1]
