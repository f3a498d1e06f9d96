"""A new signing secret for an endpoint; for a while the old one signs as well."""

from dataclasses import replace

from relay.domain.endpoint import Endpoint
from relay.store.binding import open_endpoint
from relay.store.driver import Do, Row, Steps
from relay.store.notices import endpoint_changed
from relay.store.sealed import ENDPOINT_SECRET
from relay.store.vault import Vault

BOTH_SIGN_SECONDS = 24 * 3600


def rotate_secret(endpoint_id: int, fresh_secret: str, vault: Vault, now_ms: int) -> Steps[Endpoint | None]:
    """Give an endpoint another secret; None when it is gone.

    Of two rotations within a day, only the last one's old secret goes on signing.
    """
    rows = yield Do("read_endpoint", [{"id": endpoint_id}])
    return (yield from _rotate(rows[0], fresh_secret, vault, now_ms)) if rows else None


def _rotate(row: Row, fresh_secret: str, vault: Vault, now_ms: int) -> Steps[Endpoint]:
    old = open_endpoint(row, vault)
    until_ms = now_ms + BOTH_SIGN_SECONDS * 1000
    sealed = vault.seal(fresh_secret, ENDPOINT_SECRET.of_row(old.id))
    changed = yield Do(
        "rotate_endpoint_secret",
        [{"id": old.id, "secret_sealed": sealed, "until_ms": until_ms, "now_ms": now_ms}],
    )
    yield endpoint_changed(old.device, old.id)
    return replace(
        old,
        secret=fresh_secret,
        previous_secret=old.secret,
        previous_secret_until_ms=until_ms,
        revision=changed[0]["revision"],
    )
