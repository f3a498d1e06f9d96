"""Puts a past into a relay's SQLite database, as rows: devices, old messages, a backlog."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

_FIRST_ID = 10_000_000  # below what the relay hands out after `_leave_ids`
_FIRST_FILLER = 0x4000_0000
_OLD_MS = 20 * 86_400_000
"""Within what is kept by default, so that nothing of it is forgotten during a run."""

_NUMBERS = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """`waiting` messages are due to the devices whose number is at least `backlog_from`."""

    devices: int = 0
    old_messages: int = 0
    waiting: int = 0
    backlog_from: int = 0

    @property
    def empty(self) -> bool:
        return not (self.devices or self.old_messages or self.waiting)


NO_PAST = Past()


def fill(database: Path, past: Past, now_ms: int) -> None:
    """Add the past to a database that no relay uses just now."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -1000000")
        connection.execute("BEGIN")
        _leave_ids(connection, past)
        _add_devices(connection, past.devices, now_ms)
        _add_messages(connection, past.old_messages, 0, "delivered", now_ms - _OLD_MS)
        _add_messages(connection, past.waiting, past.backlog_from, "waiting", now_ms - 3_600_000)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _leave_ids(connection: sqlite3.Connection, past: Past) -> None:
    used = _FIRST_ID + 2 * (past.old_messages + past.waiting)
    connection.execute("UPDATE id_blocks SET next_id = max(next_id, ?) WHERE name = 'id'", (used + 1,))


def _add_devices(connection: sqlite3.Connection, count: int, now_ms: int) -> None:
    """Devices that nobody has registered yet."""
    connection.execute(
        f"""INSERT INTO devices (number, label, token_digest, order_email, contact_email, language,
            downlink_template, grammar, created_at_ms)
        {_NUMBERS} SELECT :first + i, printf('%X', :first + i), x'00', '', '', 'en', '', '', :now_ms FROM n
        WHERE :count > 0""",
        {"count": count, "first": _FIRST_FILLER, "now_ms": now_ms},
    )


def _add_messages(
    connection: sqlite3.Connection, count: int, devices_from: int, state: str, since_ms: int
) -> None:
    """One message and one delivery each, spread over the endpoints of devices from this number on."""
    if not count:
        return
    connection.execute("CREATE TEMP TABLE spread (position INTEGER PRIMARY KEY, endpoint INT, device INT)")
    connection.execute(
        """INSERT INTO spread SELECT row_number() OVER (ORDER BY id) - 1, id, device FROM endpoints
        WHERE device >= ?""",
        (devices_from,),
    )
    given = {
        "count": count,
        "first": connection.execute("SELECT coalesce(max(id), ?) + 1 FROM uplinks", (_FIRST_ID,)).fetchone()[
            0
        ],
        "spread": connection.execute("SELECT count(*) FROM spread").fetchone()[0],
        "state": state,
        "since_ms": since_ms,
        "settled": None if state == "waiting" else since_ms,
        "attempts": int(state != "waiting"),
    }
    for target, values in (_UPLINKS, _CALLBACKS, _DELIVERIES, *([_ATTEMPTS] if given["attempts"] else [])):
        connection.execute(f"INSERT INTO {target} {_NUMBERS} SELECT {values}", given)
    connection.execute("DROP TABLE spread")


_BY_TURNS = "FROM n JOIN spread AS s ON s.position = i % :spread"
_UPLINKS = (
    """uplinks (id, callback_id, kind, device, device_text, time, time_given, seq_number, data, ack, more,
        received_at_ms, unclaimed, repeats, downlink, tallied)""",
    f""":first + i, :first + i, 'data', s.device, printf('%X', s.device), :since_ms / 1000 + i / :spread, 1,
        i / :spread % 4096, printf('%024x', i), 0, '', :since_ms, 0, 0, '', 1 {_BY_TURNS}""",
)
_CALLBACKS = (
    "callbacks (id, received_at_ms, kind, method, query, content_type, body)",
    """:first + i, :since_ms, 'data', 'POST', '', 'application/json',
        printf('{"device":"B0000","time":1700000000,"data":"%024x","seqNumber":1}', i) FROM n""",
)
_DELIVERIES = (
    """deliveries (id, uplink_id, endpoint_id, webhook_id, state, attempts, tries, due_at_ms, created_at_ms,
        settled_at_ms)""",
    f""":first + i, :first + i, s.endpoint, printf('msg_%024x', :first + i), :state, :attempts, :attempts,
        :since_ms, :since_ms, :settled {_BY_TURNS}""",
)
_ATTEMPTS = (
    "attempts (delivery_id, number, at_ms, duration_ms, status, detail, answer)",
    ":first + i, 1, :since_ms, 80, 200, '', 'ok' FROM n",
)
