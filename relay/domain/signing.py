"""Signatures of the Standard Webhooks specification: `v1` (HMAC-SHA256) and `v1a` (Ed25519).

A receiver checks `v1` with the secret of its endpoint, or `v1a` with the public key of the installation.
"""

import base64
import binascii
import hmac
from collections.abc import Callable
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PUBLIC_KEY_PREFIX = "whpk_"
SECRET_PREFIX = "whsec_"  # noqa: S105 - no secret, but how all of them begin
SECRET_BYTES = 32

Signer = Callable[[bytes], bytes]
"""Makes the Ed25519 signature of what is given to it."""


def make_secret(random_bytes: bytes) -> str:
    """Write a signing secret as receivers' libraries expect it: `whsec_` and base64."""
    return SECRET_PREFIX + base64.b64encode(random_bytes).decode()


def secret_key_bytes(secret: str) -> bytes:
    """The HMAC key in a `whsec_...` secret.

    Raises:
        ValueError: The text is no such secret.
    """
    if not secret.startswith(SECRET_PREFIX) or secret == SECRET_PREFIX:
        raise ValueError("a signing secret starts with whsec_ and goes on")
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("after whsec_ stands base64") from error


@lru_cache(4096)
def _keyed(secret: str) -> hmac.HMAC:
    """To be copied: OpenSSL takes longer to begin an HMAC than to make one."""
    return hmac.new(secret_key_bytes(secret), digestmod="sha256")


def sign(secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """The `v1` signature of one request; `timestamp` is in Unix seconds."""
    keyed = _keyed(secret).copy()
    keyed.update(signed_content(webhook_id, timestamp, body))
    return "v1," + base64.b64encode(keyed.digest()).decode()


def signer_of(key: Ed25519PrivateKey) -> Signer:
    """What signs with a key; where PyNaCl is installed that is libsodium, which is faster than OpenSSL."""
    try:
        from nacl.bindings import crypto_sign, crypto_sign_BYTES
    except ImportError:
        return key.sign
    both_halves = key.private_bytes_raw() + key.public_key().public_bytes_raw()
    return lambda content: crypto_sign(content, both_halves)[:crypto_sign_BYTES]


def sign_publicly(signer: Signer, webhook_id: str, timestamp: int, body: bytes) -> str:
    """The `v1a` signature of one request; `timestamp` is in Unix seconds."""
    return "v1a," + base64.b64encode(signer(signed_content(webhook_id, timestamp, body))).decode()


def public_key_text(key: Ed25519PrivateKey) -> str:
    """The public half of a key as receivers' libraries expect it: `whpk_` and base64."""
    return PUBLIC_KEY_PREFIX + base64.b64encode(key.public_key().public_bytes_raw()).decode()


def signed_content(webhook_id: str, timestamp: int, body: bytes) -> bytes:
    """What both kinds of signatures are made of; `timestamp` is in Unix seconds."""
    return b"%s.%d.%s" % (webhook_id.encode(), timestamp, body)
