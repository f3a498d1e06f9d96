"""How a session with PostgreSQL is set up, and what its errors mean."""

import logging
import ssl
import time
from typing import TYPE_CHECKING

import asyncpg

from relay.errors import StoreRefused, StoreUnavailable

if TYPE_CHECKING:
    from asyncpg.connection import Connection

_log = logging.getLogger(__name__)

SETTINGS = {
    "application_name": "sigfox-relay",
    "default_transaction_isolation": "read committed",
    "idle_in_transaction_session_timeout": "10s",
    "lock_timeout": "5s",
    "statement_timeout": "10s",
    "synchronous_commit": "on",
    "timezone": "UTC",
}
TROUBLE = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""What asyncpg raises; a time-out and a refused connection are OSErrors."""

_OUR_DATA = ("22", "23", "42", "54")
"""Classes of SQLSTATE: value, constraint, statement, and a value too large for its index."""
_FOR_A_WHILE = ("08", "53", "57")
"""Classes of SQLSTATE that a server gives while it starts, stops or is full."""

_FACTS = """
SELECT current_setting('synchronous_commit') AS synchronous_commit, current_setting('fsync') AS fsync,
    current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS standby,
    extract(epoch FROM clock_timestamp())::double precision AS now
"""


async def check_session(connection: "Connection") -> float:
    """Check that commits will be durable; returns by how many seconds the database's clock is ahead of ours.

    Raises:
        StoreRefused: They would not be, or text could not be kept as it is.
        StoreUnavailable: It is a standby now.
    """
    asked_at = time.time()
    facts = await connection.fetchrow(_FACTS)
    answered_at = time.time()
    if facts is None or facts["synchronous_commit"] != "on":
        raise StoreRefused("the database does not let the relay set synchronous_commit to on")
    if facts["encoding"] != "UTF8":
        raise StoreRefused(f"the database's encoding is {facts['encoding']}; the relay needs UTF8")
    if facts["standby"]:
        raise StoreUnavailable("the database is a standby, which takes no writes")
    if facts["fsync"] != "on":
        _log.warning("database.fsync_off")
    ahead: float = facts["now"] - (asked_at + answered_at) / 2
    return ahead


def is_unavailable(error: BaseException) -> bool:
    """Whether the database is at fault rather than what it was given."""
    if isinstance(error, asyncpg.PostgresError):
        return not str(error.sqlstate).startswith(_OUR_DATA)
    return isinstance(error, TROUBLE)


def may_be_reached_later(error: BaseException) -> bool:
    """Whether waiting may help a program that cannot connect."""
    if isinstance(error, asyncpg.PostgresError):
        return str(error.sqlstate).startswith(_FOR_A_WHILE)
    transient = (OSError, StoreUnavailable, asyncpg.TargetServerAttributeNotMatched)
    return isinstance(error, transient) and not isinstance(error, ssl.SSLError)


def reason(error: BaseException) -> str:
    """The error in one line, without the details that may hold values."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(error).strip().split("\n", 1)[0] or type(error).__name__
