"""Who may come in: size first, then the secret, then the body."""

import asyncio
import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import hdrs, web
from msgspec import Struct
from yarl import URL

from relay.config import Config
from relay.domain.uplink import OWN_KINDS, Kind
from relay.web.client import client_address

MAX_BODY_BYTES = 64 * 1024
BODY_WITHIN_SECONDS = 5.0
OWN_AGENT_PREFIX = "sigfox-relay/"
"""The relay's own User-Agent: a webhook that comes back here would go round for ever."""

_KINDS: Mapping[str, Kind] = {kind.value: kind for kind in Kind if kind not in OWN_KINDS}


class Entrance(Struct, frozen=True, kw_only=True):
    """Where a callback came in: `/sigfox/<kind>` or `/sigfox/<kind>/<secret>`.

    `kind` is None when there is no such kind; what else stands there may be a secret in the wrong place.
    """

    kind: Kind | None
    secret: str | None


def entrance_of(url: URL) -> Entrance | None:
    """None when callbacks cannot come in there."""
    match url.parts:
        case ("/", _, str() as kind) if kind:
            return Entrance(kind=_KINDS.get(kind), secret=None)
        case ("/", _, str() as kind, str() as secret) if kind and secret:
            return Entrance(kind=_KINDS.get(kind), secret=secret)
        case _:
            return None


def presented_secret(authorization: str | None, path_secret: str | None) -> bytes | None:
    """The secret in a request: `Bearer S`, the password of `Basic`, or the last part of the path."""
    if authorization is None:
        return path_secret.encode() if path_secret else None
    scheme, _, value = authorization.partition(" ")
    match scheme.lower():
        case "bearer":
            return value.strip().encode("utf-8", "surrogateescape")
        case "basic":
            return _password(value.strip())
        case _:
            return None


def _password(encoded: str) -> bytes | None:
    try:
        return base64.b64decode(encoded, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return None


def is_secret(presented: bytes | None, secrets: Sequence[bytes]) -> bool:
    """Whether it is one of the valid secrets; compares with all of them, in constant time."""
    given = presented if presented is not None else b""
    matches = [hmac.compare_digest(given, secret) for secret in secrets]
    return any(matches)


class Refused(Exception):
    """The callback is not taken; `status` and `reason` are what the sender is told."""

    def __init__(self, status: int, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = headers


def _too_large() -> Refused:
    return Refused(413, "the body is larger than 64 KiB")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Judges a request before its body is looked at; any of the `secrets` opens."""

    secrets: Sequence[bytes]
    config: Config

    def admit(self, request: web.BaseRequest, entrance: Entrance) -> Kind:
        """The kind of callback that may come in.

        Raises:
            Refused: It may not.
        """
        if (request.content_length or 0) > MAX_BODY_BYTES:
            raise _too_large()
        if not self.knows(request, entrance):
            raise Refused(401, "the secret is missing or wrong", {"WWW-Authenticate": 'Basic realm="sigfox"'})
        self._admit_source(request)
        if request.headers.get(hdrs.USER_AGENT, "").startswith(OWN_AGENT_PREFIX):
            raise Refused(403, "the relay does not take its own webhooks")
        if hdrs.CONTENT_ENCODING in request.headers:
            raise Refused(415, "an encoded body is not taken")
        if entrance.kind is None:
            raise Refused(404, "no such kind of callback")
        return entrance.kind

    def knows(self, request: web.BaseRequest, entrance: Entrance) -> bool:
        """Whether the request brings one of the secrets, and in no other header a wrong one."""
        headers: Sequence[str | None] = request.headers.getall(hdrs.AUTHORIZATION, (None,))
        return all(is_secret(presented_secret(header, entrance.secret), self.secrets) for header in headers)

    def address(self, request: web.BaseRequest) -> str:
        """Whom the request comes from; empty when that cannot be told."""
        return str(client_address(request, self.config.trusted_proxies) or "")

    def _admit_source(self, request: web.BaseRequest) -> None:
        networks = self.config.sigfox.allow_networks
        if not networks:
            return
        address = client_address(request, self.config.trusted_proxies)
        if address is None or not any(address in network for network in networks):
            raise Refused(403, "this address may not send callbacks")


async def read_body(request: web.BaseRequest) -> bytes:
    """What the callback brings, once all of it came.

    Raises:
        Refused: It is too large, encoded, cut short, or does not come in time.
    """
    if not request.body_exists:
        return b""
    if request.content_length is None and not _is_only_chunked(request):
        raise Refused(415, "an encoded body is not taken")
    try:
        if request.content.is_eof():  # all of it came with the headers: nothing to wait for
            body = request.content.read_nowait()
        else:
            async with asyncio.timeout(BODY_WITHIN_SECONDS):
                body = await request.read()
    except TimeoutError:
        raise Refused(408, "the body did not come in time", {"Connection": "close"}) from None
    except web.HTTPRequestEntityTooLarge:
        raise _too_large() from None
    except (ConnectionError, web.PayloadAccessError):
        raise Refused(400, "the body was cut short") from None
    if len(body) > MAX_BODY_BYTES:
        raise _too_large()
    return body


def _is_only_chunked(request: web.BaseRequest) -> bool:
    return request.headers.get(hdrs.TRANSFER_ENCODING, "").strip().lower() == "chunked"
