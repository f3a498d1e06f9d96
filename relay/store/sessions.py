"""Who is signed in to which devices. The database holds digests only, which open nothing."""

import hashlib
import secrets
from dataclasses import dataclass

from relay.domain.activity import Deed
from relay.store.activity import always, noted
from relay.store.driver import Do, Driver, Row, Steps, rows_of

TOKEN_BYTES = 32
_DAY_MS = 24 * 3600 * 1000
IDLE_MS = 14 * _DAY_MS
"""A session ends when it was not used for so long."""
LONGEST_MS = 90 * _DAY_MS
"""A session ends so long after the sign-in, however much it is used."""
RENEW_AFTER_MS = 3600 * 1000
"""How old the last renewal is before the next: not every look at a page is a write."""
MOST_FORGOTTEN = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDevice:
    """A device that somebody is signed in to."""

    number: int
    label: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser that is signed in to some devices; at least one."""

    digest: bytes
    expires_at_ms: int
    renewed: bool
    devices: tuple[SessionDevice, ...]


@dataclass(frozen=True, slots=True)
class Sessions:
    """All sessions. Every method may raise `StoreUnavailable`."""

    driver: Driver

    async def sign_in(self, device: int, now_ms: int, old_token: str = "", deed: Deed | None = None) -> str:
        """A new session with this device and those of the old one, which ends; the answer is its token.

        Nobody who knew the old token is signed in to the new device.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        steps = _sign_in(digest_of(token), digest_of(old_token), device, now_ms)
        await self.driver.transact(noted(steps, deed, always))
        return token

    async def find(self, token: str, now_ms: int) -> Session | None:
        """The session of a token, renewed if that is due; None when there is none or it is over."""
        return await self.driver.transact(_find(digest_of(token), now_ms))

    async def sign_out(self, token: str) -> None:
        """End one session."""
        await self.driver.transact(rows_of("drop_session", digest=digest_of(token)))

    async def sign_out_everywhere(self, device: int, deed: Deed | None = None) -> None:
        """End all sessions that hold a device."""
        await self.driver.transact(noted(rows_of("drop_sessions_of_device", device=device), deed, always))


def digest_of(token: str) -> bytes:
    """What is stored of a token, or of whatever bytes a cookie held; 32 random bytes need no pepper."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def forget_sessions(now_ms: int) -> Steps[None]:
    """Remove sessions that are over; some at a time."""
    yield Do("forget_sessions", [{"now_ms": now_ms, "limit": MOST_FORGOTTEN}])


def _sign_in(digest: bytes, old_digest: bytes, device: int, now_ms: int) -> Steps[None]:
    yield Do("insert_session", [{"digest": digest, "now_ms": now_ms, "expires_at_ms": now_ms + IDLE_MS}])
    yield Do("carry_session_devices", [{"digest": digest, "old_digest": old_digest, "now_ms": now_ms}])
    yield Do("add_session_device", [{"digest": digest, "device": device, "now_ms": now_ms}])
    yield Do("drop_session", [{"digest": old_digest}])


def _find(digest: bytes, now_ms: int) -> Steps[Session | None]:
    rows = yield Do("read_session", [{"digest": digest, "now_ms": now_ms}])
    if not rows:
        return None
    expires_at_ms = min(now_ms + IDLE_MS, rows[0]["created_at_ms"] + LONGEST_MS)
    is_due = now_ms - rows[0]["seen_at_ms"] >= RENEW_AFTER_MS
    if is_due:
        yield Do("renew_session", [{"digest": digest, "now_ms": now_ms, "expires_at_ms": expires_at_ms}])
    return Session(
        digest=digest,
        expires_at_ms=expires_at_ms if is_due else rows[0]["expires_at_ms"],
        renewed=is_due,
        devices=tuple(map(_device, rows)),
    )


def _device(row: Row) -> SessionDevice:
    return SessionDevice(number=row["number"], label=row["label"], name=row["name"])
