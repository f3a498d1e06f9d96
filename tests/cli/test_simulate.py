"""`relay simulate` as a person meets it, against a real server on loopback in a thread of its own."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from click.testing import CliRunner, Result

from relay.cli.simulate import simulate

SECRET = "k" * 32


class Door:
    def __init__(self) -> None:
        self.status = 204
        self.authorizations: list[str | None] = []

    async def receive(self, request: web.Request) -> web.Response:
        self.authorizations.append(request.headers.get("Authorization"))
        await request.read()
        return web.Response(status=self.status)


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def url(door: Door) -> Iterator[str]:
    loop = asyncio.new_event_loop()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", door.receive)
    runner = web.AppRunner(app, access_log=None)
    loop.run_until_complete(runner.setup())
    loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", 0).start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/sigfox"
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.run_until_complete(runner.cleanup())
    loop.close()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(simulate, [*arguments, "--rate", "1000", "--speed", "100000"])


def test_everything_accepted_exits_0(url: str, door: Door) -> None:
    result = run(url, "--secret", SECRET, "--messages", "12", "--duplicates", "0")
    assert result.exit_code == 0, result.output
    assert "Everything was accepted." in result.output
    assert door.authorizations == [f"Bearer {SECRET}"] * 12


def test_the_secret_can_come_from_a_file(url: str, door: Door, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    assert run(url, "--secret-file", str(file), "--messages", "1").exit_code == 0
    assert set(door.authorizations) == {f"Bearer {SECRET}"}


def test_the_report_comes_as_json(url: str) -> None:
    result = run(url, "--secret", SECRET, "--messages", "4", "--duplicates", "1", "--advanced", "--json")
    report = json.loads(result.stdout)
    assert (report["sent"], report["accepted"], report["duplicated"]) == (12, 12, 4)
    assert report["good"] is True
    assert len(report["devices"]) == 5


def test_refusals_exit_1_and_are_told(url: str, door: Door) -> None:
    door.status = 401
    result = run(url, "--secret", SECRET, "--messages", "1", "--device", "00a0", "--duplicates", "0")
    assert result.exit_code == 1
    assert "data of A0, attempt 4: status 401" in result.stderr
    assert "Never accepted: data of A0" in result.stdout
    assert SECRET not in result.output


def test_named_devices_send(url: str) -> None:
    result = run(url, "--secret", SECRET, "--device", "ABC", "--device", "0abc", "--device", "1F", "--json")
    assert json.loads(result.stdout)["devices"] == ["ABC", "1F"]


def test_nobody_listening_is_a_sentence_and_no_wait() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    result = run(f"http://127.0.0.1:{port}/sigfox", "--secret", SECRET)
    assert result.exit_code == 1
    assert "connection refused. Is the relay running" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("127.0.0.1:8080/sigfox", "--secret", SECRET),
        ("ftp://host/sigfox", "--secret", SECRET),
        ("http://host/sigfox?x=1", "--secret", SECRET),
        ("http://host:99999/sigfox", "--secret", SECRET),
        ("http://host/sigfox",),
        ("http://host/sigfox", "--secret", SECRET, "--device", "XYZ"),
        ("http://host/sigfox", "--secret", SECRET, "--duplicates", "2"),
        ("http://host/sigfox", "--secret", SECRET, "--speed", "0"),
        ("http://host/sigfox", "--secret", SECRET, "--kinds", "acknowledge"),
    ],
)
def test_wrong_use_exits_2(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(simulate, arguments).exit_code == 2
