"""The door for Sigfox over HTTP: who comes in, what is kept, what is answered."""

import asyncio
import base64
import json
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio

from relay import __version__
from relay.domain.uplink import OWN_KINDS, Kind
from tests.backend_ingest.door import DEVICE, SECOND_SECRET, SECRET, Door, open_door
from tests.wire import request_bytes

pytestmark = pytest.mark.asyncio(loop_scope="module")

SIGFOX = ["185.110.96.0/22"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    async with open_door(tmp_path_factory.mktemp("door")) as door:
        yield door


def basic(user_and_password: str) -> str:
    return "Basic " + base64.b64encode(user_and_password.encode()).decode()


# --- the secret


@pytest.mark.parametrize(
    "authorization",
    [
        f"Bearer {SECRET}",
        f"bearer {SECRET}",
        f"Bearer {SECOND_SECRET}",
        basic(f"sigfox:{SECRET}"),
        basic(f":{SECRET}"),
        basic(f"anybody:{SECOND_SECRET}"),
    ],
)
async def test_a_secret_in_the_header_lets_in(door: Door, authorization: str) -> None:
    knock = await door.knock(authorization=authorization)
    assert (knock.status, knock.kept) == (204, 1)


@pytest.mark.parametrize("secret", [SECRET, SECOND_SECRET])
async def test_a_secret_in_the_path_lets_in(door: Door, secret: str) -> None:
    knock = await door.knock(path=f"/sigfox/data/{secret}", authorization=None)
    assert (knock.status, knock.kept) == (204, 1)


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        SECRET,
        f"Digest {SECRET}",
        f"Bearer {SECRET[:-1]}",
        f"Bearer {SECRET}x",
        f"Bearer {SECRET.swapcase()}",
        f"Bearer {SECRET} {SECRET}",
        "Bearer \udcff\udcfe",
        basic(SECRET),
        basic(f"{SECRET}:"),
        basic("sigfox:wrong"),
        "Basic %%%",
        "Basic é",
    ],
)
async def test_without_one_there_is_one_answer(door: Door, authorization: str | None) -> None:
    knock = await door.knock(authorization=authorization)
    assert (knock.status, knock.body, knock.kept) == (401, b"the secret is missing or wrong\n", 0)
    assert "www-authenticate: basic" in knock.head.lower()


@pytest.mark.parametrize(
    ("second", "status"), [("Bearer wrong", 401), (basic("sigfox:"), 401), (f"Bearer {SECRET}", 204)]
)
@pytest.mark.parametrize("name", ["authorization", "AUTHORIZATION"])
async def test_each_of_two_headers_must_hold_a_secret(
    door: Door, name: str, second: str, status: int
) -> None:
    knocks = [
        await door.knock(authorization=first, headers={name: last})
        for first, last in ((f"Bearer {SECRET}", second), (second, f"Bearer {SECRET}"))
    ]
    assert [knock.status for knock in knocks] == [status, status]


@pytest.mark.parametrize("path", ["/sigfox/data/wrong", f"/sigfox/data/{SECRET[:-1]}", "/sigfox/data/%FF"])
async def test_a_wrong_secret_in_the_path_stays_outside(door: Door, path: str) -> None:
    knock = await door.knock(path=path, authorization=None)
    assert (knock.status, knock.kept) == (401, 0)


async def test_who_has_no_secret_does_not_learn_which_kinds_there_are(door: Door) -> None:
    knocks = [await door.knock(path=f"/sigfox/{kind}", authorization=None) for kind in ("data", "nothing")]
    assert knocks[0] == knocks[1]


async def test_the_secret_is_looked_at_before_the_body(door: Door) -> None:
    knock = await door.knock("POST", body=b"{", authorization="Bearer wrong")
    assert (knock.status, knock.kept) == (401, 0)


async def test_the_size_is_looked_at_before_the_secret(door: Door) -> None:
    knock = await door.knock("POST", body=b"x" * (64 * 1024 + 1), authorization="Bearer wrong")
    assert (knock.status, knock.kept) == (413, 0)


@pytest.mark.parametrize("target", [f"/sigfox/{SECRET}", f"/sigfox/{SECRET}/data", f"/sigfox/data/x{SECRET}"])
async def test_a_secret_in_the_wrong_place_of_the_path_is_not_logged(
    door: Door, caplog: pytest.LogCaptureFixture, target: str
) -> None:
    caplog.set_level(logging.INFO)
    assert (await door.knock(path=target, authorization=None)).status == 401
    assert "callback.refused" in caplog.messages
    assert SECRET[:12] not in "".join(str(record.__dict__) for record in caplog.records)


# --- the source


async def test_only_named_networks_come_in(tmp_path: Path) -> None:
    async with open_door(tmp_path, sigfox={"allow_networks": SIGFOX}) as door:
        knocks = [await door.knock(), await door.knock(headers={"X-Forwarded-For": "185.110.97.1"})]
        assert [(knock.status, knock.kept) for knock in knocks] == [(403, 0), (403, 0)]


async def test_behind_proxies_the_address_is_what_they_wrote(tmp_path: Path) -> None:
    expected = {
        "185.110.97.1": 204,
        "10.9.9.9, 185.110.97.1": 204,
        "185.110.97.1, 10.0.0.1": 204,
        "185.110.97.1, 203.0.113.7": 403,
        "185.110.97.1, 203.0.113.7, 10.0.0.1": 403,
        "185.110.97.1, junk": 403,
        "203.0.113.7": 403,
        "": 403,
    }
    proxies = ["127.0.0.1/32", "10.0.0.0/24"]
    async with open_door(tmp_path, sigfox={"allow_networks": SIGFOX}, trusted_proxies=proxies) as door:
        answered = {text: (await door.knock(headers={"X-Forwarded-For": text})).status for text in expected}
    assert answered == expected


async def test_the_relay_does_not_take_its_own_webhooks(door: Door) -> None:
    knock = await door.knock(headers={"User-Agent": f"sigfox-relay/{__version__}"})
    assert (knock.status, knock.kept) == (403, 0)


# --- methods and paths


@pytest.mark.parametrize("method", ["HEAD", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
async def test_other_methods_are_refused(door: Door, method: str) -> None:
    knock = await door.knock(method)
    assert (knock.status, knock.kept) == (405, 0)
    assert "allow: get,post,put" in knock.head.lower().replace(", ", ",")
    assert knock.body == (b"" if method == "HEAD" else b"callbacks come by GET, POST or PUT\n")


async def test_who_waits_to_be_asked_for_the_body_is_asked(door: Door) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    body = door.message().encode()
    head = f"Authorization: Bearer {SECRET}\r\nExpect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(f"POST /sigfox/data HTTP/1.1\r\nHost: x\r\n{head}".encode())
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(body)
    assert (await reader.readline()).startswith(b"HTTP/1.1 204 ")
    writer.close()
    await writer.wait_closed()


async def test_what_else_a_sender_expects_it_is_told_cannot_be_had(door: Door) -> None:
    knock = await door.knock("POST", headers={"Expect": "200-ok"})
    assert (knock.status, knock.kept) == (417, 0)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "rot13"])
async def test_an_encoded_body_is_not_taken_and_only_who_has_the_secret_is_told(
    door: Door, coding: str
) -> None:
    headers = {"Content-Encoding": coding}
    knock = await door.knock("POST", headers=headers, body=b"x", authorization="Bearer wrong")
    assert (knock.status, knock.kept) == (401, 0)
    knock = await door.knock("POST", headers=headers, body=b"x")
    assert (knock.status, knock.body, knock.kept) == (415, b"an encoded body is not taken\n", 0)


async def test_a_transfer_coding_other_than_chunked_is_not_taken(door: Door) -> None:
    headers = {"Authorization": f"Bearer {SECRET}", "Transfer-Encoding": "gzip, chunked"}
    knock = await door.send(
        request_bytes("POST", f"/sigfox/data?{door.message()}", headers, b"") + b"0\r\n\r\n"
    )
    assert (knock.status, knock.body, knock.kept) == (415, b"an encoded body is not taken\n", 0)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
async def test_a_message_may_stand_in_the_query_alone(door: Door, method: str) -> None:
    knock = await door.knock(method)
    assert (knock.status, knock.kept) == (204, 1)


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded", "text/plain"]
)
async def test_a_message_may_stand_in_the_body(door: Door, method: str, content_type: str) -> None:
    message = door.message()
    fields = dict(part.split("=") for part in message.split("&"))
    body = json.dumps(fields) if content_type == "application/json" else message
    knock = await door.knock(method, query="", headers={"Content-Type": content_type}, body=body.encode())
    assert (knock.status, knock.kept) == (204, 1)


@pytest.mark.parametrize("kind", [*sorted(OWN_KINDS), "nothing", "DATA", "data%2F", "%FF", "service"])
async def test_an_unknown_kind_is_not_found(door: Door, kind: str) -> None:
    knock = await door.knock(path=f"/sigfox/{kind}")
    assert (knock.status, knock.kept) == (404, 0)


@pytest.mark.parametrize(
    "path", ["//sigfox/data", "/sigfox/data/", "/sigfox//data", "/sigfox", "/Sigfox/data"]
)
async def test_only_the_exact_path_is_the_door(door: Door, path: str) -> None:
    knock = await door.knock(path=path)
    assert (knock.status, knock.kept) == (404, 0)


# --- what is kept


@pytest.mark.parametrize("kind", sorted(set(Kind) - OWN_KINDS - {Kind.DATA, Kind.DATA_ADVANCED, Kind.BATCH}))
async def test_every_other_kind_is_kept(door: Door, kind: Kind) -> None:
    knock = await door.knock(path=f"/sigfox/{kind}")
    assert (knock.status, knock.kept) == (204, 1)
    newest, *_ = (await door.ask("devices.show", device=DEVICE, limit=1))["messages"]
    assert (newest["kind"], newest["unclaimed"]) == (kind, False)


async def test_data_advanced_is_kept_with_its_message(door: Door) -> None:
    query = f"device={DEVICE}&time=1700000000&data=a1b2c3&lqi=Good"
    assert (await door.knock(path="/sigfox/data-advanced", query=query)).status == 204
    message, *_ = (await door.ask("devices.show", device=DEVICE, limit=1))["messages"]
    assert (message["kind"], message["data"], message["unclaimed"]) == ("data", "a1b2c3", True)


async def test_an_event_without_a_device_is_kept(door: Door) -> None:
    knock = await door.knock(path="/sigfox/event", query="time=1700000000&severity=ERROR")
    assert (knock.status, knock.kept) == (204, 1)


async def test_a_batch_is_kept_message_by_message(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    lines = b"1A2B;1700000000;01\nnot-hex;1700000000;02\n3C4D;1700000000;03"
    text = {"Content-Type": "text/plain"}
    knock = await door.knock("POST", "/sigfox/batch", query="", headers=text, body=lines)
    assert (knock.status, knock.kept) == (204, 2)
    (refused,) = [record for record in caplog.records if record.message == "callback.line_refused"]
    assert refused.__dict__["position"] == 2


async def test_a_batch_without_a_good_line_is_refused(door: Door) -> None:
    text = {"Content-Type": "text/plain"}
    knock = await door.knock("POST", "/sigfox/batch", query="", headers=text, body=b"x;y;z")
    assert (knock.status, knock.kept) == (400, 0)


async def test_a_refused_callback_leaves_nothing_but_a_line_in_the_log(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    raw_before = door.rows("callbacks")
    knock = await door.knock(query="device=1A2B3C4D&time=yesterday")
    reason = "time: not a Unix time in whole seconds"
    assert (knock.status, knock.body, knock.kept) == (400, f"{reason}\n".encode(), 0)
    assert door.rows("callbacks") == raw_before
    (refused,) = [record.__dict__ for record in caplog.records if record.message == "callback.refused"]
    assert (refused["status"], refused["kind"], refused["reason"]) == (400, "data", reason)


async def test_a_body_that_is_cut_short_is_refused(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"}
    whole = request_bytes("POST", "/sigfox/data", headers, b'{"device":"1A2B3C4D"}')
    knock = await door.send(whole[:-5], half_close=True)
    assert knock.kept == 0
    assert [record.levelname for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_what_cannot_be_made_durable_is_not_acknowledged(tmp_path: Path) -> None:
    async with open_door(tmp_path, sigfox={"answer_within": "200ms"}) as door:
        with closing(sqlite3.connect(door.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            refused = await door.knock()
            other.execute("ROLLBACK")
        assert refused.status == 503
        assert "retry-after: 60" in refused.head.lower()
        assert (await door.knock()).status == 204


# --- what is answered


async def test_the_answer_repeats_the_device_as_it_was_spelled(door: Door) -> None:
    await door.provision("1A2B")
    await door.ask("devices.set", device="1A2B", settings={"downlink_template": "{time}0000{rssi}"})
    knock = await door.knock(query="id=001a2B&time=1440578526&data=01&rssi=-93&ack=true")
    assert (knock.status, json.loads(knock.body)) == (200, {"001a2B": {"downlinkData": "55dd7bde0000ffa3"}})
    assert "content-type: application/json" in knock.head.lower()


async def test_a_device_without_a_downlink_and_an_unknown_one_get_one_answer(door: Door) -> None:
    await door.provision("1A2C")
    known = await door.knock(query="device=1A2C&time=1700000000&data=01&ack=true")
    unknown = await door.knock(query="device=1A2D&time=1700000000&data=01&ack=true")
    assert (known.status, known.body) == (unknown.status, unknown.body) == (204, b"")
