"""Who may come in: size first, then the secret, then the body."""

import base64
import binascii
import hmac
from collections.abc import Sequence

MAX_BODY_BYTES = 64 * 1024
OWN_AGENT_PREFIX = "sigfox-relay/"
"""The relay's own User-Agent: a webhook that comes back here would go round for ever."""


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
