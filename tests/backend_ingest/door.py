"""The door for Sigfox in this process: a whole relay on loopback, with a real store behind it."""

import asyncio
import itertools
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from relay.app import Listening, serve
from relay.commands.session import command_session
from relay.config import Config
from tests.wire import exchange, request_bytes

SECRET = "s1gF0x_UqLrTnZpXvB9mKjHgWdEyCaOi"
SECOND_SECRET = "n3xT-0ne_GhJkLqWeRtYuIoPaSdFbVc7"
SECRET_KEY = "kTz8-jfGm0QpWl5xRcV7uYbN3sEaHdIo"
DEVICE = "1A2B3C4D"


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """One request: what was answered, and how many rows it left."""

    status: int | None
    head: str
    body: bytes
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where to knock, and what lies behind."""

    port: int
    config: Config
    database: Path
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def message(self) -> str:
        """The parameters of a message that was not sent before."""
        return f"device={DEVICE}&time=1700000000&data=0102&seqNumber={next(self.numbers)}"

    async def knock(
        self,
        method: str = "GET",
        path: str = "/sigfox/data",
        *,
        query: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        authorization: str | None = f"Bearer {SECRET}",
    ) -> Knock:
        """Make one request; it brings a good message and a secret, unless told otherwise."""
        given = {"Authorization": authorization} if authorization else {}
        target = f"{path}?{self.message() if query is None else query}"
        return await self.send(request_bytes(method, target, {**given, **(headers or {})}, body))

    async def send(self, request: bytes, *, half_close: bool = False) -> Knock:
        """Send what may be no HTTP at all."""
        before = self.rows()
        reply = await exchange(self.port, request, half_close=half_close)
        return Knock(status=reply.status, head=reply.head, body=reply.body, kept=self.rows() - before)

    async def ask(self, command: str, **arguments: object) -> dict[str, Any]:
        """Run an operator's command."""
        async with command_session(self.config, time.time) as run:
            return await run(command, arguments)

    async def provision(self, device: str) -> None:
        """Add a device."""
        row = {"label": device, "token": "", "email": "", "webhook_url": ""}
        await self.ask("devices.provision", rows=[row])

    def rows(self, table: str = "uplinks") -> int:
        """How many rows a table holds."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@asynccontextmanager
async def open_door(
    folder: Path,
    now: Callable[[], float] = time.time,
    sigfox: Mapping[str, Any] | None = None,
    **settings: Any,
) -> AsyncIterator[Door]:
    """A relay until the end of the block."""
    given = {
        "listen": "127.0.0.1:0",
        "database": f"sqlite:///{folder / 'relay.db'}",
        "secret_key": SECRET_KEY,
        "sigfox": {"secrets": [SECRET, SECOND_SECRET], **(sigfox or {})},
        **settings,
    }
    config = Config.model_validate(given)
    stop, ready = asyncio.Event(), asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(serve(config, stop, ready.set_result, now))
        listening: Listening = await ready
        try:
            yield Door(port=listening.port, config=config, database=folder / "relay.db")
        finally:
            stop.set()
