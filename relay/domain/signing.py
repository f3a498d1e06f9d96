"""Signatures of the Standard Webhooks specification, scheme `v1` (HMAC-SHA256)."""

import base64
import binascii
import hmac

SECRET_PREFIX = "whsec_"  # noqa: S105 - no secret, but how all of them begin
SECRET_BYTES = 32


def make_secret(random_bytes: bytes) -> str:
    """Write a signing secret as receivers' libraries expect it: `whsec_` and base64."""
    return SECRET_PREFIX + base64.b64encode(random_bytes).decode()


def secret_key_bytes(secret: str) -> bytes:
    """The HMAC key in a `whsec_...` secret.

    Raises:
        ValueError: The text is no such secret.
    """
    if not secret.startswith(SECRET_PREFIX):
        raise ValueError("a signing secret starts with whsec_")
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("after whsec_ stands base64") from error


def sign(secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature` for one request; `timestamp` is in Unix seconds."""
    signed = b"%s.%d.%s" % (webhook_id.encode(), timestamp, body)
    digest = hmac.digest(secret_key_bytes(secret), signed, "sha256")
    return "v1," + base64.b64encode(digest).decode()
