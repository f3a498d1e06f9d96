"""The real `relay` from outside: its command line, its port, its log and its signals."""

import asyncio
import json
import os
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml
from click.testing import CliRunner

from relay.cli import main
from relay.commands.session import command_session
from relay.config import load_config
from tests.journeys.starting import Program, environment

PUBLIC_URL = "http://relay.example.org"
ENDS_WITHIN_SECONDS = 25
COMMAND_ENDS_WITHIN_SECONDS = 60
LOGGED_WITHIN_SECONDS = 30
POLL_SECONDS = 0.02
SHORT_SCHEDULE = ("0s", *["200ms"] * 20)

LogLine = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a command ended."""

    exit_code: int
    out: str
    err: str


async def run_relay(
    *arguments: str, stdin: str = "", folder: Path | None = None, warm: bool = False
) -> Finished:
    """Run one `relay` command to its end, from scratch unless `warm`."""
    program = await Program.start(
        _command(*arguments), folder, stdin=stdin.encode(), errors_apart=True, warm=warm
    )
    try:
        out, err = await asyncio.wait_for(program.read_to_end(), COMMAND_ENDS_WITHIN_SECONDS)
    except TimeoutError:
        program.send_signal(signal.SIGKILL)
        await program.wait()
        raise
    return Finished(exit_code=await program.wait(), out=out.decode(), err=err.decode())


def _run_here(*arguments: str) -> Finished:
    """Run one `relay` command in this process, which spares the time that starting another one takes."""
    kept = environment()
    other: dict[str, str | None] = {name: None for name in os.environ if name not in kept}
    result = CliRunner(env={**other, "COLUMNS": "80"}).invoke(main, arguments, catch_exceptions=False)
    return Finished(exit_code=result.exit_code, out=result.stdout, err=result.stderr)


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "relay", *arguments]


class RelayProgram:
    """`relay serve` with a folder, a configuration and a database of its own.

    It listens on a free port at its first start and on the same port ever after.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any] | None = None) -> None:
        self.folder = folder
        self.secret = secrets.token_urlsafe(32)
        self.secret_key = secrets.token_urlsafe(32)
        self.config_file = folder / "config.yaml"
        self.database = folder / "relay.db"
        self.url = ""
        self.log: list[LogLine] = []
        self._settings = self._defaults() | dict(settings or {})
        self._write_config()

    def _defaults(self) -> dict[str, Any]:
        return {
            "public_url": PUBLIC_URL,
            "listen": "127.0.0.1:0",
            "database": f"sqlite:///{self.database}",
            "secret_key": self.secret_key,
            "sigfox": {"secrets": [self.secret]},
            "forwarder": {"allow_networks": ["127.0.0.0/8"], "schedule": list(SHORT_SCHEDULE)},
            "ui": {"default_language": "en"},
            "log": {"level": "debug"},
        }

    def _write_config(self) -> None:
        self.config_file.touch(mode=0o600)
        self.config_file.write_text(yaml.safe_dump(self._settings))

    @property
    def port(self) -> int:
        """Where it listens on loopback."""
        return int(self.url.rpartition(":")[2])

    # --- its life

    def serve_command(self) -> list[str]:
        """What starts it."""
        return _command("serve", "--config", str(self.config_file))

    @property
    def pid(self) -> int:
        """Its process."""
        return self._program.pid

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Start it, and see to it that it has ended afterwards."""
        try:
            await self.start()
            yield self
        finally:
            if self._program.exit_code is None:
                await self.stop()

    async def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        self._start_of_log = len(self.log)
        self._grown = asyncio.Condition()
        self._ended = False
        self._program = await Program.start(self.serve_command(), self.folder)
        self._reading = asyncio.create_task(self._read_log())
        self.url = str((await self.logged("relay.ready"))["listen"])
        self._settings["listen"] = f"127.0.0.1:{self.port}"
        self._write_config()

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal and go on."""
        self._program.send_signal(number)

    async def exit_code(self) -> int:
        """Wait until it ends by itself; negative when a signal killed it."""
        code = await asyncio.wait_for(self._program.wait(), ENDS_WITHIN_SECONDS)
        await self._reading
        return code

    async def stop(self) -> int:
        """End it as a supervisor does."""
        self.send_signal(signal.SIGTERM)
        try:
            return await self.exit_code()
        except TimeoutError:
            await self.kill()
            raise

    async def kill(self) -> None:
        """End it without any warning."""
        self.send_signal(signal.SIGKILL)
        await self.exit_code()

    # --- its log

    async def logged(self, event: str, **facts: object) -> LogLine:
        """The first line since its start with this event and these facts, as soon as there is one."""
        async with asyncio.timeout(LOGGED_WITHIN_SECONDS), self._grown:
            await self._grown.wait_for(lambda: self._ended or self._find(event, facts))
        line = self._find(event, facts)
        assert line is not None, f"no {event} with {facts} in the log: {self.log[-5:]}"
        return line

    @property
    def faults(self) -> list[LogLine]:
        """Lines that somebody must act on, and what is no log line at all."""
        return [line for line in self.log if line["level"] not in ("debug", "info", "warning")]

    def has_logged(self, *texts: str) -> list[str]:
        """Which of these texts stand anywhere in the log."""
        whole = json.dumps(self.log, ensure_ascii=False)
        return [text for text in texts if text in whole]

    def _find(self, event: str, facts: Mapping[str, object]) -> LogLine | None:
        wanted = {"event": event, **facts}.items()
        return next((line for line in self.log[self._start_of_log :] if wanted <= _hashable(line)), None)

    async def _read_log(self) -> None:
        async for line in self._program.output:
            self.log.append(_parse_line(line))
            await self._tell()
        self._ended = True
        await self._tell()

    async def _tell(self) -> None:
        async with self._grown:
            self._grown.notify_all()

    # --- its command line

    async def cli(self, *arguments: str, stdin: str = "") -> Finished:
        """Run a command with the configuration of this relay."""
        return await run_relay(
            *arguments, "--config", str(self.config_file), stdin=stdin, folder=self.folder, warm=True
        )

    async def typed(self, *arguments: str) -> Finished:
        """What `cli` does, where it does not matter that it is another process."""
        return await asyncio.to_thread(_run_here, *arguments, "--config", str(self.config_file))

    async def ask(self, command: str, **arguments: object) -> dict[str, Any]:
        """What the command line does, without the time that starting another program takes."""
        async with command_session(load_config(self.config_file, {}).config, time.time) as run:
            return await run(command, arguments)

    async def provision(
        self, device: str, *, token: str = "", email: str = "", webhook_url: str = ""
    ) -> None:
        """Add a device as an operator does."""
        row = {"label": device, "token": token, "email": email, "webhook_url": webhook_url}
        await self.ask("devices.provision", rows=[row])

    async def messages(self, device: str) -> list[dict[str, Any]]:
        """The messages of a device, newest first, with their deliveries."""
        found = await self.ask("devices.show", device=device, limit=1000)
        return list(found["messages"])

    async def delivered(self, device: str) -> list[dict[str, Any]]:
        """Its messages, as soon as all are written down as delivered; outcomes may lag their log line."""
        async with asyncio.timeout(LOGGED_WITHIN_SECONDS):
            while not _all_delivered(messages := await self.messages(device)):  # noqa: ASYNC110 - another process
                await asyncio.sleep(POLL_SECONDS)
        return messages


def _all_delivered(messages: list[dict[str, Any]]) -> bool:
    states = [delivery["state"] for message in messages for delivery in message["deliveries"]]
    return bool(states) and set(states) == {"delivered"}


def _parse_line(line: bytes) -> LogLine:
    try:
        parsed: LogLine = json.loads(line)
    except json.JSONDecodeError:
        return {"level": "no log line", "event": "", "text": line.decode(errors="replace")}
    return parsed


def _hashable(line: LogLine) -> set[tuple[str, object]]:
    return {(name, value) for name, value in line.items() if isinstance(value, str | int | float)}
