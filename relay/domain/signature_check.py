"""Whether headers and body of a webhook are what the relay signed, and if not, why.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import enum
import hmac
import re
from collections.abc import Callable, Mapping, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from relay.domain.signing import PUBLIC_KEY_PREFIX, secret_key_bytes, signed_content

TOLERANCE_SECONDS = 300

_Verify = Callable[[bytes, bytes], bool]
_SIGNED_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


class SignatureCheck(enum.StrEnum):
    """What a check came to; only `right` and `too_old` mean that the relay sent it."""

    RIGHT = "right"
    TOO_OLD = "too_old"  # signed as it should be, but receivers refuse what is older than five minutes
    NO_HEADER = "no_header"
    BAD_KEY = "bad_key"
    BAD_TIMESTAMP = "bad_timestamp"
    NO_SIGNATURE = "no_signature"  # none of the scheme that the key is for
    DIFFERENT = "different"  # another secret, or a body that is not byte for byte the one that was sent


def check_signature(key: str, headers: Mapping[str, str], body: bytes, now: float) -> SignatureCheck:
    """Judge a request as a receiver should; `headers` have lower-case names.

    `key` is the endpoint's secret (`whsec_...`) or the installation's public key (`whpk_...`).
    """
    if missing_headers(headers):
        return SignatureCheck.NO_HEADER
    timestamp = headers["webhook-timestamp"]
    if not re.fullmatch(r"[0-9]{1,12}", timestamp, re.ASCII):
        return SignatureCheck.BAD_TIMESTAMP
    content = signed_content(headers["webhook-id"], int(timestamp), body)
    found = _judge(key.strip(), headers["webhook-signature"].split(), content)
    late = abs(now - int(timestamp)) > TOLERANCE_SECONDS
    return SignatureCheck.TOO_OLD if found is SignatureCheck.RIGHT and late else found


def missing_headers(headers: Mapping[str, str]) -> Sequence[str]:
    """Those without which nothing can be judged."""
    return [name for name in _SIGNED_HEADERS if not headers.get(name)]


def is_key(text: str) -> bool:
    """Whether it can be a secret or a public key at all."""
    try:
        _verifier(text.strip())
    except ValueError:
        return False
    return True


def _judge(key: str, signatures: list[str], content: bytes) -> SignatureCheck:
    is_public = key.startswith(PUBLIC_KEY_PREFIX)
    prefix = "v1a," if is_public else "v1,"
    candidates = [text.removeprefix(prefix) for text in signatures if text.startswith(prefix)]
    if not candidates:
        return SignatureCheck.NO_SIGNATURE
    try:
        verifies = _verifier(key)
    except ValueError:
        return SignatureCheck.BAD_KEY
    right = any(verifies(_decoded(text), content) for text in candidates)
    return SignatureCheck.RIGHT if right else SignatureCheck.DIFFERENT


def _verifier(key: str) -> _Verify:
    return _with_public_key(key) if key.startswith(PUBLIC_KEY_PREFIX) else _with_secret(key)


def _with_secret(secret: str) -> _Verify:
    key = secret_key_bytes(secret)
    return lambda signature, content: hmac.compare_digest(signature, hmac.digest(key, content, "sha256"))


def _with_public_key(text: str) -> _Verify:
    key = Ed25519PublicKey.from_public_bytes(_decoded(text.removeprefix(PUBLIC_KEY_PREFIX)))

    def verify(signature: bytes, content: bytes) -> bool:
        try:
            key.verify(signature, content)
        except InvalidSignature:
            return False
        return True

    return verify


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
