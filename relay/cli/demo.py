"""`relay demo`: the relay, a simulated Sigfox cloud and three receivers in one process, on loopback."""

import asyncio
import json
import secrets
import socket
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import click
from pydantic import SecretStr

from relay.app import Listening
from relay.app import serve as serve_until
from relay.cli.options import private_files
from relay.cli.serve import run_on_fastest_loop, stop_on_signals
from relay.commands.session import command_session
from relay.config import Config, ForwarderSettings, ListenAddress, SigfoxSettings, parse_database
from relay.domain.uplink import Kind
from relay.logs import set_up_logging
from relay.simulator.cloud import Cloud, Pace
from relay.simulator.fleet import Traffic, make_device_ids, make_fleet, transmissions
from relay.simulator.ingest import Ingest
from relay.simulator.receivers import Arrival, Behaviour, Receiver

ENDLESS = 1_000_000_000
TOKEN = "demo-token"  # noqa: S105 - printed on the screen for the visitor
SEED = 7
SLOW_SECONDS = 1.0
ALL_ARRIVE_WITHIN_SECONDS = 120.0
LOOPBACK = "127.0.0.0/8"


@dataclass(slots=True)
class Scoreboard:
    """What has arrived: webhook ids that a receiver took."""

    wanted: int
    all_arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _taken: set[str] = field(default_factory=set)

    @property
    def count(self) -> int:
        """Messages taken by their receivers so far."""
        return len(self._taken)

    def note(self, arrival: Arrival) -> None:
        """Print one webhook request as a line."""
        message = json.loads(arrival.body)
        took = 200 <= arrival.status < 300
        if took:
            self._taken.add(arrival.headers["webhook-id"])
        moment = time.strftime("%H:%M:%S", time.localtime(arrival.time))
        what = "took it" if took else f"answered {arrival.status}, it will be sent again"
        data = message["data"] or "(empty)"
        click.echo(f"  {moment}  {message['device']:>8}  {data:<24}  {arrival.receiver:<5} {what}")
        if self.count >= self.wanted:
            self.all_arrived.set()


@click.command()
@click.option(
    "--messages", type=click.IntRange(1, 100_000), help="End after so many; exit 0 when all arrived."
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0: any free one."
)
@click.option(
    "--speed", type=click.FloatRange(0.1, 1000), default=10.0, show_default=True, help="Shortens all waits."
)
def demo(messages: int | None, port: int, speed: float) -> None:
    """Show the relay at work: temporary data, loopback only, no configuration."""
    private_files()
    set_up_logging("error", "text")
    board = Scoreboard(messages or ENDLESS)
    with tempfile.TemporaryDirectory(prefix="relay-demo-") as folder:
        run_on_fastest_loop(_demo(_config(Path(folder), port, speed), board, messages, speed))
    if messages:
        click.echo(f"{board.count} of {messages} messages arrived.")
        sys.exit(0 if board.count >= messages else 1)


def _config(folder: Path, port: int, speed: float) -> Config:
    port, schedule = port or free_port(), ForwarderSettings().schedule
    return Config(
        public_url=f"http://127.0.0.1:{port}",
        listen=ListenAddress(host="127.0.0.1", port=port),
        database=parse_database(f"sqlite:///{folder / 'relay.db'}"),
        secret_key=(SecretStr(secrets.token_urlsafe(32)),),
        sigfox=SigfoxSettings(secrets=(SecretStr(secrets.token_urlsafe(32)),)),
        forwarder=ForwarderSettings.model_validate(
            {"allow_networks": [LOOPBACK], "schedule": [seconds / speed for seconds in schedule]}
        ),
    )


def free_port() -> int:
    """A port that nobody listens on just now; the relay's own address has to name it before it starts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _demo(config: Config, board: Scoreboard, messages: int | None, speed: float) -> None:
    stop, listening = asyncio.Event(), asyncio.get_running_loop().create_future()
    stop_on_signals(stop)
    async with asyncio.TaskGroup() as tasks:
        relay = tasks.create_task(serve_until(config, stop, listening.set_result))
        relay.add_done_callback(lambda _: listening.cancel())
        try:
            here: Listening = await listening
        except asyncio.CancelledError:
            return  # the relay could not start, and its error ends the group
        playing = tasks.create_task(_play(config, here, board, messages, speed))
        playing.add_done_callback(lambda _: stop.set())
        await stop.wait()
        playing.cancel()


async def _play(
    config: Config, here: Listening, board: Scoreboard, messages: int | None, speed: float
) -> None:
    async with AsyncExitStack() as stack:
        receivers = [
            await stack.enter_async_context(
                Receiver(behaviour.value, behaviour, slow_seconds=SLOW_SECONDS, on_request=board.note)
            )
            for behaviour in Behaviour
        ]
        free_device, *numbers = make_device_ids(1 + len(receivers), SEED)
        await _provision(config, numbers, receivers, free_device)
        _introduce(here, receivers, numbers, free_device)
        ingest = Ingest(url=f"{here.base_url}/sigfox", secret=config.sigfox.secrets[0].get_secret_value())
        rate = 10.0 if messages else 0.5
        traffic = Traffic(
            messages=messages or ENDLESS,
            start_seconds=int(time.time()),
            rate_per_second=rate,
            duplicate_share=0.05,
        )
        kinds = (Kind.DATA_ADVANCED, Kind.STATUS)
        async with Cloud(ingest, pace=Pace(speed=max(speed, 60.0)), kinds=kinds) as cloud:
            await cloud.run(transmissions(make_fleet(numbers, SEED), traffic, SEED), rate_per_second=rate)
        await _wait_for_all(board)


async def _wait_for_all(board: Scoreboard) -> None:
    try:
        await asyncio.wait_for(board.all_arrived.wait(), ALL_ARRIVE_WITHIN_SECONDS)
    except TimeoutError:
        click.echo(f"Not all arrived within {ALL_ARRIVE_WITHIN_SECONDS:g} s.", err=True)


async def _provision(config: Config, numbers: list[int], receivers: list[Receiver], free_device: int) -> None:
    rows = [
        {"label": f"{number:X}", "token": TOKEN, "email": "", "webhook_url": receiver.url}
        for number, receiver in zip(numbers, receivers, strict=True)
    ]
    rows.append({"label": f"{free_device:X}", "token": TOKEN, "email": "", "webhook_url": ""})
    async with command_session(config, time.time) as run:
        await run("devices.provision", {"rows": rows})


def _introduce(here: Listening, receivers: list[Receiver], numbers: list[int], free_device: int) -> None:
    click.echo(f"The relay runs at {here.base_url} with a simulated Sigfox cloud; all data is temporary.\n")
    for receiver, number in zip(receivers, numbers, strict=True):
        click.echo(f"  device {number:X} sends to {receiver.url}")
    click.echo(
        f"\nTry the form: {here.base_url}/form\n"
        f"  Device ID {free_device:X}, token {TOKEN}, any e-mail, webhook {receivers[0].url}\n"
        f"See what an owner sees: {here.base_url}/signin\n"
        f"  Device ID {numbers[0]:X}, token {TOKEN}\n\n"
        "Ctrl-C ends it. Messages:"
    )
