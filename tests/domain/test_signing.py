"""The signatures, judged by the library that receivers use."""

import base64
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from relay.domain.signing import SECRET_BYTES, make_secret, secret_key_bytes, sign, signer_of

SECRET = make_secret(bytes(range(SECRET_BYTES)))
BODY = b'{"snr":14.99,"device":"1A2B3C","rssi":-136.0,"time":1400000000,"data":"aabbcc"}'


def now() -> datetime:
    """The library takes what is at most five minutes old, and looks at the clock itself."""
    return datetime.now(UTC)


def headers(secret: str = SECRET, at: datetime | None = None, body: bytes = BODY) -> dict[str, str]:
    timestamp = int((at or now()).timestamp())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, "msg_1", timestamp, body),
    }


def test_receivers_library_accepts_what_we_sign() -> None:
    assert Webhook(SECRET).verify(BODY, headers())["device"] == "1A2B3C"


@given(
    key=st.binary(min_size=1, max_size=64),
    body=st.text(max_size=50),
    webhook_id=st.text("abcXYZ019_", min_size=1),
)
def test_receivers_library_accepts_any_key_body_and_id(key: bytes, body: str, webhook_id: str) -> None:
    timestamp = int(now().timestamp())
    signed = {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(make_secret(key), webhook_id, timestamp, body.encode()),
    }
    Webhook(make_secret(key)).verify(body.encode(), signed, json_parse=False)


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        (BODY, lambda: {"webhook-id": "msg_2"}),
        (BODY, lambda: {"webhook-timestamp": str(int(now().timestamp()) + 1)}),
        (BODY, lambda: headers(secret=make_secret(b"x" * SECRET_BYTES))),
        (BODY.replace(b"aabbcc", b"aabbcd"), dict),
        (BODY + b" ", dict),
    ],
    ids=["id", "time", "secret", "body", "longer body"],
)
def test_receivers_library_refuses_what_was_changed(
    body: bytes, changed: Callable[[], dict[str, str]]
) -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body, {**headers(), **changed()})


def test_receivers_library_refuses_an_old_request() -> None:
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(SECRET).verify(BODY, headers(at=now() - timedelta(minutes=6)))


def test_the_signature_is_that_of_the_specification() -> None:
    """Computed with `openssl dgst -sha256 -mac HMAC` from the text of the specification's scheme."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_is_prefix_and_base64_of_its_key() -> None:
    assert "whsec_" + base64.b64encode(bytes(range(32))).decode() == SECRET
    assert secret_key_bytes(SECRET) == bytes(range(32))


@pytest.mark.parametrize(
    "secret",
    ["", "whsec", "whsec_", "WHSEC_AAAA", "AAAA", "whsec_A", "whsec_AA A=", "whsec_žluť", "whsec_AA\n=="],
)
def test_what_is_no_secret_is_refused(secret: str) -> None:
    with pytest.raises(ValueError):
        secret_key_bytes(secret)


@pytest.mark.parametrize("has_pynacl", [True, False])
def test_a_key_signs_the_same_whatever_is_installed(
    has_pynacl: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 8032, 7.1, test 3."""
    if not has_pynacl:
        monkeypatch.setitem(sys.modules, "nacl.bindings", None)
    key = Ed25519PrivateKey.from_private_bytes(
        bytes.fromhex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")
    )
    assert signer_of(key)(b"\xaf\x82").hex() == (
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    )
