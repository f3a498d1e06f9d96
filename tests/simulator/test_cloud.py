import asyncio
import base64
import json
import socket
from typing import Any

import pytest
from aiohttp import web

from relay.simulator.cloud import Cloud, Pace
from relay.simulator.fleet import Traffic, Transmission, make_device_ids, make_fleet, transmissions
from relay.simulator.ingest import Ingest, SecretIn, try_connection
from relay.simulator.report import Attempt, Report
from relay.simulator.shapes import Style
from tests.simulator.stand_in import Call, Slept, StandIn, make_transmission

SECRET = "s" * 31 + "/"


async def play(stand_in: StandIn, slept: Slept, *sent: Transmission, **options: Any) -> Report:
    options = {"pace": Pace(speed=60), "sleep": slept} | options
    ingest = Ingest(url=stand_in.url, secret=SECRET, secret_in=options.pop("secret_in", SecretIn.BEARER))
    async with Cloud(ingest, **options) as cloud:
        return await cloud.run(sent)


def refuse_first(count: int, status: int = 503) -> Any:
    return lambda call: web.Response(status=status if call.number <= count else 204)


def downlink(device: str, data: str = "0102030405060708") -> web.Response:
    return web.json_response({device: {"downlinkData": data}})


async def test_an_accepted_callback_is_sent_once(stand_in: StandIn, slept: Slept) -> None:
    report = await play(stand_in, slept, make_transmission())
    assert (report.sent, report.attempts, report.accepted, report.repeated) == (1, 1, 1, 0)
    assert report.good
    assert len(report.latencies_ms) == 1
    assert slept.seconds == []


async def test_a_503_is_repeated_until_accepted(stand_in: StandIn, slept: Slept) -> None:
    stand_in.answering = refuse_first(2)
    report = await play(stand_in, slept, make_transmission())
    assert (report.attempts, report.accepted, report.repeated) == (3, 1, 2)
    assert report.refused == {503: 2}
    assert report.good
    assert slept.seconds == [1, 2]


@pytest.mark.parametrize(("speed", "pauses"), [(1, [60, 120, 240]), (60, [1, 2, 4]), (600, [0.1, 0.2, 0.4])])
async def test_it_gives_up_after_the_fourth_attempt(
    stand_in: StandIn, slept: Slept, speed: float, pauses: list[float]
) -> None:
    stand_in.answering = refuse_first(100)
    report = await play(stand_in, slept, make_transmission(), pace=Pace(speed=speed))
    assert slept.seconds == pytest.approx(pauses)
    assert len(stand_in.calls) == 4
    assert report.never_accepted == ("data of 1CB3",)
    assert not report.good


@pytest.mark.parametrize("status", [301, 400, 401, 500])
async def test_any_other_status_than_2xx_is_repeated(stand_in: StandIn, slept: Slept, status: int) -> None:
    stand_in.answering = refuse_first(1, status)
    report = await play(stand_in, slept, make_transmission())
    assert report.refused == {status: 1}
    assert report.accepted == 1


async def test_repeats_are_equal_byte_for_byte(stand_in: StandIn, slept: Slept) -> None:
    stand_in.answering = refuse_first(3)
    await play(stand_in, slept, make_transmission(style=Style.FORM_AND_QUERY))
    assert len({(call.method, call.path, call.query, call.body) for call in stand_in.calls}) == 1


async def test_a_late_answer_counts_as_none(stand_in: StandIn, slept: Slept) -> None:
    never = asyncio.Event()

    async def hang(call: Call) -> web.Response:
        if call.number == 1:
            await never.wait()
        return web.Response(status=204)

    stand_in.answering = hang
    report = await play(stand_in, slept, make_transmission(), pace=Pace(speed=1e6, least_timeout_seconds=0.1))
    never.set()
    assert report.unanswered == {"no answer in time": 1}
    assert report.accepted == 1


def test_the_allowed_time_is_ten_seconds_scaled_but_never_absurd() -> None:
    assert Pace().timeout_seconds == 10
    assert Pace(speed=2).timeout_seconds == 5
    assert Pace(speed=1000).timeout_seconds == 2


async def test_a_refused_connection_is_a_cause_and_not_an_exception(stand_in: StandIn, slept: Slept) -> None:
    stand_in.url = f"http://127.0.0.1:{closed_port()}/sigfox"
    report = await play(stand_in, slept, make_transmission())
    assert report.unanswered == {"connection refused": 4}
    assert report.latency_ms(0.5) is None
    assert not report.good


@pytest.mark.parametrize("twice", [False, True])
async def test_a_downlink_is_counted(stand_in: StandIn, slept: Slept, twice: bool) -> None:
    stand_in.answering = lambda call: downlink("1CB3")
    report = await play(stand_in, slept, make_transmission(ack=True, twice=twice))
    assert report.downlinks == 1 + twice
    assert report.malformed == ()


async def test_an_answer_to_a_device_that_does_not_listen_is_not_read(
    stand_in: StandIn, slept: Slept
) -> None:
    stand_in.answering = lambda call: web.Response(text="ok")
    report = await play(stand_in, slept, make_transmission(ack=False))
    assert (report.downlinks, report.malformed) == (0, ())


async def test_a_downlink_under_another_spelling_is_reported(stand_in: StandIn, slept: Slept) -> None:
    stand_in.answering = lambda call: downlink("00001CB3")
    report = await play(stand_in, slept, make_transmission(ack=True))
    assert report.malformed == ("data of 1CB3: the answer has no object under 1CB3",)
    assert report.accepted == 1
    assert not report.good


async def test_a_refusal_is_not_a_malformed_answer(stand_in: StandIn, slept: Slept) -> None:
    stand_in.answering = refuse_first(1)
    report = await play(stand_in, slept, make_transmission(ack=True))
    assert report.malformed == ()


async def test_a_duplicate_must_get_the_same_downlink(stand_in: StandIn, slept: Slept) -> None:
    stand_in.answering = lambda call: downlink("1CB3", f"{call.number:016x}")
    report = await play(stand_in, slept, make_transmission(ack=True, twice=True))
    assert (report.sent, report.duplicated) == (2, 1)
    assert report.malformed == ("data of 1CB3: the duplicate got another downlink than the first call",)


async def test_data_advanced_comes_25_seconds_later(stand_in: StandIn, slept: Slept) -> None:
    report = await play(stand_in, slept, make_transmission(), advanced=True, pace=Pace(speed=10))
    assert slept.seconds == [2.5]
    assert sorted(call.path for call in stand_in.calls) == ["/sigfox/data", "/sigfox/data-advanced"]
    assert report.sent == 2


async def test_an_acknowledge_follows_a_downlink(stand_in: StandIn, slept: Slept) -> None:
    stand_in.answering = lambda call: downlink("1CB3") if call.number == 1 else web.Response(status=204)
    await play(stand_in, slept, make_transmission(ack=True), acknowledge=True)
    assert [call.path for call in stand_in.calls] == ["/sigfox/data", "/sigfox/acknowledge"]
    assert json.loads(stand_in.calls[1].body)["infoMessage"] == "Acked"


async def test_without_a_downlink_nothing_is_acknowledged(stand_in: StandIn, slept: Slept) -> None:
    await play(stand_in, slept, make_transmission(ack=True), acknowledge=True)
    assert len(stand_in.calls) == 1


@pytest.mark.parametrize(
    ("secret_in", "authorization", "path"),
    [
        (SecretIn.BEARER, f"Bearer {SECRET}", "/sigfox/data"),
        (SecretIn.BASIC, f"Basic {base64.b64encode(f'sigfox:{SECRET}'.encode()).decode()}", "/sigfox/data"),
        (SecretIn.PATH, None, f"/sigfox/data/{SECRET[:-1]}%2F"),
    ],
)
async def test_the_secret_stands_where_it_should(
    stand_in: StandIn, slept: Slept, secret_in: SecretIn, authorization: str | None, path: str
) -> None:
    await play(stand_in, slept, make_transmission(), secret_in=secret_in)
    assert stand_in.calls[0].headers.get("Authorization") == authorization
    assert stand_in.calls[0].path == path


async def test_an_empty_json_body_says_its_length(stand_in: StandIn, slept: Slept) -> None:
    await play(stand_in, slept, make_transmission(style=Style.EMPTY_JSON))
    call = stand_in.calls[0]
    assert (call.headers["Content-Type"], call.headers["Content-Length"]) == ("application/json", "0")
    assert call.headers.getall("User-Agent") == ["SIGFOX"]
    assert call.query.startswith("device=1CB3&time=1700000000&data=0a1e24&")


async def test_a_get_has_no_content_type(stand_in: StandIn, slept: Slept) -> None:
    await play(stand_in, slept, make_transmission(style=Style.QUERY))
    assert stand_in.calls[0].method == "GET"
    assert "Content-Type" not in stand_in.calls[0].headers


async def test_the_rate_paces_by_the_clock(stand_in: StandIn) -> None:
    now = 100.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    ingest = Ingest(url=stand_in.url, secret=SECRET)
    async with Cloud(ingest, sleep=sleep, clock=lambda: now) as cloud:
        await cloud.run([make_transmission(seq_number=n) for n in range(5)], rate_per_second=4)
    assert now == 101.0


async def test_each_attempt_is_told(stand_in: StandIn, slept: Slept) -> None:
    told: list[Attempt] = []
    stand_in.answering = refuse_first(1)
    await play(stand_in, slept, make_transmission(), on_attempt=told.append)
    assert [(attempt.number, attempt.status) for attempt in told] == [(1, 503), (2, 204)]


async def test_a_whole_fleet_arrives(stand_in: StandIn, slept: Slept) -> None:
    fleet = make_fleet(make_device_ids(15, 1), 1)
    traffic = Traffic(messages=60, start_seconds=1_700_000_000, downlink_share=0.2, duplicate_share=0.1)
    sent = list(transmissions(fleet, traffic, 1))
    report = await play(stand_in, slept, *sent, advanced=True)
    assert report.good
    assert report.sent == report.accepted == 120 + sum(one.twice for one in sent)


async def test_a_connection_can_be_tried_before(stand_in: StandIn) -> None:
    await try_connection(stand_in.url, 5)
    with pytest.raises(ConnectionRefusedError):
        await try_connection(f"http://127.0.0.1:{closed_port()}/sigfox", 5)


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
