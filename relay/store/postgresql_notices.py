"""Notices between the nodes on one PostgreSQL database: LISTEN on a connection of its own.

It has to be a session of ours alone: through a pooler that lends its connections for a transaction, nothing
is heard. So whether notices arrive is tried again and again; where they do not, everybody looks at intervals.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relay.errors import StoreRefused, StoreUnavailable
from relay.store.notices import ANYTHING, NOTHING, PERHAPS, Notice, Notices, pack, unpack
from relay.store.postgresql_session import TROUBLE, reason

if TYPE_CHECKING:
    from asyncpg.connection import Connection

_log = logging.getLogger(__name__)

CHANNEL = "sigfox_relay"
LOOK_EVERY_SECONDS = 2.0
"""How often everybody looks while nothing can be heard; then the connection is tried again, too."""
ECHO_EVERY_SECONDS = 10.0
ECHO_WITHIN_SECONDS = 5.0


@dataclass(slots=True, kw_only=True)
class Ear:
    """Hears the other nodes. `connect` gives a connection of its own, `say` uses any other."""

    notices: Notices
    connect: "Callable[[], Awaitable[Connection]]"
    say: Callable[[str], Awaitable[None]]
    sender: str = field(default_factory=lambda: secrets.token_hex(4))
    _is_deaf: bool = True
    _told: bool = False
    _echo: asyncio.Event = field(default_factory=asyncio.Event)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    def statement(self, notice: Notice) -> str:
        """What tells the other nodes, once the transaction is committed."""
        return f"NOTIFY {CHANNEL}, '{pack(notice, self.sender)}'"

    async def listen(self) -> None:
        """Hear until cancelled."""
        while True:
            try:
                await self._listen()
            except (*TROUBLE, StoreUnavailable, StoreRefused) as error:
                self._lose(error)
            self.notices.publish(PERHAPS)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _listen(self) -> None:
        connection = await self.connect()
        try:
            self._ended.clear()
            connection.add_termination_listener(lambda _: self._ended.set())
            await connection.add_listener(CHANNEL, self._hear)
            while not self._ended.is_set():
                await self._hear_own_voice()
                await _passed(self._ended, ECHO_EVERY_SECONDS)
            raise StoreUnavailable("the connection was lost")
        finally:
            connection.terminate()

    async def _hear_own_voice(self) -> None:
        self._echo.clear()
        await self.say(self.statement(NOTHING))
        if not await _passed(self._echo, ECHO_WITHIN_SECONDS):
            raise StoreUnavailable("notices do not arrive; is there a pooler that shares sessions?")
        if self._is_deaf:
            self._is_deaf = self._told = False
            _log.info("notices.heard")
            self.notices.publish(ANYTHING)  # whatever was said before was not heard

    def _hear(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        notice, sender = unpack(str(payload))
        if sender == self.sender:  # published already
            self._echo.set()
        else:
            self.notices.publish(notice)

    def _lose(self, error: BaseException) -> None:
        self._is_deaf = True
        if not self._told:
            self._told = True
            _log.warning("notices.lost", extra={"error": reason(error)})


async def _passed(event: asyncio.Event, within_seconds: float) -> bool:
    """Whether it happened in time."""
    try:
        async with asyncio.timeout(within_seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
