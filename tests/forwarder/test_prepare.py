"""The request that carries a message."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook
from yarl import URL

from relay import __version__
from relay.domain.endpoint import Endpoint
from relay.domain.signing import make_secret, public_key_text, signer_of
from relay.forwarder.prepare import Destination, WebhookRequest, prepare
from relay.forwarder.sample import sample_delivery

SECRET = make_secret(b"s" * 32)
DESTINATION = Destination(
    endpoint_id=7, revision=1, url=URL("https://hooks.example.com/a?b=c"), secret=SECRET
)
ENDPOINT = Endpoint(id=7, device=0x1A2B3C, url="https://hooks.example.com/a?b=c", secret=SECRET)
DELIVERY = sample_delivery(ENDPOINT, "1A2B3C", "msg_1", 1400000000)


def test_the_request_carries_the_message_and_its_headers() -> None:
    request = prepare(DELIVERY, DESTINATION, 1_800_000_000.9)
    assert request.url is DESTINATION.url
    assert json.loads(request.body) == {
        "snr": 14.99,
        "device": "1A2B3C",
        "rssi": -136.0,
        "time": 1400000000,
        "data": "aabbccddeeff",
    }
    signature = request.headers.pop("webhook-signature")
    assert signature.startswith("v1,")
    assert request.headers == {
        "Content-Type": "application/json",
        "User-Agent": f"sigfox-relay/{__version__}",
        "webhook-id": "msg_1",
        "webhook-timestamp": "1800000000",
    }


def test_a_later_attempt_has_the_same_body_and_id_and_a_fresh_signature() -> None:
    first, second = (prepare(DELIVERY, DESTINATION, now) for now in (1_800_000_000, 1_800_000_005))
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


@given(now=st.floats(0, 4e9))
def test_every_request_is_accepted_by_the_receivers_library(now: float) -> None:
    request = prepare(DELIVERY, DESTINATION, now)
    assert (
        Webhook(SECRET).sign(
            msg_id="msg_1", timestamp=datetime.fromtimestamp(int(now), UTC), data=request.body.decode()
        )
        == request.headers["webhook-signature"]
    )


def test_both_secrets_sign_until_the_old_ones_time_is_over() -> None:
    old = make_secret(b"o" * 32)
    destination = replace(DESTINATION, previous_secret=old, previous_secret_until_ms=1_800_000_000_000)
    during, after = (prepare(DELIVERY, destination, now) for now in (1_799_999_999, 1_800_000_000))
    assert [sorted(schemes(during)), sorted(schemes(after))] == [["v1", "v1"], ["v1"]]
    assert [signs(secret, during) for secret in (SECRET, old)] == [True, True]
    assert [signs(secret, after) for secret in (SECRET, old)] == [True, False]


def test_the_installation_signs_beside_the_secret() -> None:
    key = Ed25519PrivateKey.generate()
    request = prepare(DELIVERY, replace(DESTINATION, public_signers=[signer_of(key)]), 1_800_000_000)
    assert schemes(request) == ["v1", "v1a"]
    assert signs(SECRET, request)
    signature = base64.b64decode(request.headers["webhook-signature"].rpartition("v1a,")[2])
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key_text(key).removeprefix("whpk_")))
    public.verify(signature, b"msg_1.1800000000." + request.body)
    with pytest.raises(InvalidSignature):
        public.verify(signature, b"msg_1.1800000001." + request.body)


def schemes(request: WebhookRequest) -> list[str]:
    return [one.partition(",")[0] for one in request.headers["webhook-signature"].split(" ")]


def signs(secret: str, request: WebhookRequest) -> bool:
    """Whether the receivers' library takes the request, whenever it was made."""
    moment = datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)
    expected = Webhook(secret).sign(msg_id="msg_1", timestamp=moment, data=request.body.decode())
    return expected in request.headers["webhook-signature"].split(" ")


def test_a_sample_looks_like_a_message() -> None:
    sample = sample_delivery(ENDPOINT, "1A2B3C", "msg_test", 1_800_000_000.5)
    body = prepare(sample, DESTINATION, 1_800_000_000.5).body
    assert body == b'{"snr":14.99,"device":"1A2B3C","rssi":-136.0,"time":1800000000,"data":"aabbccddeeff"}'
