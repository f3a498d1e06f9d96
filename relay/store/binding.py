"""What the form changes: a device's first endpoint."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from relay.domain.delivery import DeliveryState
from relay.domain.endpoint import Endpoint, EndpointState
from relay.domain.endpoint_options import PLAIN, EndpointOptions
from relay.store.driver import Do, Row, Steps
from relay.store.notices import endpoint_changed
from relay.store.records import Binding
from relay.store.sealed import ENDPOINT_OPTIONS, ENDPOINT_SECRET, ENDPOINT_URL, PREVIOUS_SECRET
from relay.store.vault import Vault

UNCLAIMED_KEPT_SECONDS = 7 * 24 * 3600
MOST_CLAIMED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an owner asks for; `fresh_secret` is used where the endpoint needs a new one."""

    device: int
    url: str
    host: str
    email: str
    language: str
    fresh_secret: str


def open_endpoint(row: Row, vault: Vault) -> Endpoint:
    """Read an endpoint's row with its secrets in clear."""
    return Endpoint(
        id=row["id"],
        device=row["device"],
        url=vault.open(row["url_sealed"], ENDPOINT_URL.of_row(row["id"])),
        secret=vault.open(row["secret_sealed"], ENDPOINT_SECRET.of_row(row["id"])),
        previous_secret=open_previous_secret(row["id"], row["previous_secret_sealed"], vault),
        previous_secret_until_ms=row["previous_secret_until_ms"] or 0,
        revision=row["revision"],
        state=EndpointState(row["state"]),
        options=open_options(row["id"], row["options_sealed"], vault),
    )


def open_previous_secret(endpoint_id: int, sealed: bytes | None, vault: Vault) -> str | None:
    """The secret that an endpoint had before its last rotation, if it is still kept."""
    return vault.open(sealed, PREVIOUS_SECRET.of_row(endpoint_id)) if sealed is not None else None


def open_options(endpoint_id: int, sealed: bytes | None, vault: Vault) -> EndpointOptions:
    """How an endpoint wants its messages; plainly, when nothing is stored."""
    if sealed is None:
        return PLAIN
    return EndpointOptions.from_json(vault.open(sealed, ENDPOINT_OPTIONS.of_row(endpoint_id)))


def bind_endpoint(
    wanted: Wanted, vault: Vault, now_ms: int, new_webhook_id: Callable[[], str]
) -> Steps[Binding]:
    """Make the device's first endpoint, or point it elsewhere. The same again changes nothing."""
    yield Do("change_ways")
    if wanted.email:
        yield Do("set_contact", [_contact(wanted)])
    rows = yield Do("first_endpoint_of_device", [{"device": wanted.device}])
    if not rows:
        return (yield from _create(wanted, vault, now_ms, new_webhook_id))
    return (yield from _change(open_endpoint(rows[0], vault), rows[0]["host"], wanted, vault, now_ms))


def _contact(wanted: Wanted) -> dict[str, object]:
    return {"number": wanted.device, "contact_email": wanted.email, "language": wanted.language}


def _sealed(endpoint: Endpoint, vault: Vault) -> dict[str, object]:
    return {
        "id": endpoint.id,
        "url_sealed": vault.seal(endpoint.url, ENDPOINT_URL.of_row(endpoint.id)),
        "secret_sealed": vault.seal(endpoint.secret, ENDPOINT_SECRET.of_row(endpoint.id)),
        "options_sealed": seal_options(endpoint.id, endpoint.options, vault),
    }


def seal_options(endpoint_id: int, options: EndpointOptions, vault: Vault) -> bytes | None:
    """What `open_options` reads."""
    return None if options == PLAIN else vault.seal(options.to_json(), ENDPOINT_OPTIONS.of_row(endpoint_id))


def insert_endpoint(endpoint: Endpoint, host: str, position: int, vault: Vault, now_ms: int) -> Do:
    """An endpoint at its place among those of its device."""
    row = {
        **_sealed(endpoint, vault),
        "device": endpoint.device,
        "position": position,
        "host": host,
        "now_ms": now_ms,
    }
    return Do("insert_endpoint", [row])


def _create(wanted: Wanted, vault: Vault, now_ms: int, new_webhook_id: Callable[[], str]) -> Steps[Binding]:
    endpoint_id = (yield Do("take_ids", [{"count": 1}]))[0]["first_id"]
    endpoint = Endpoint(id=endpoint_id, device=wanted.device, url=wanted.url, secret=wanted.fresh_secret)
    yield insert_endpoint(endpoint, wanted.host, 1, vault, now_ms)
    yield endpoint_changed(wanted.device, endpoint_id, work=True)
    waiting = yield from claim_uplinks(wanted.device, endpoint_id, now_ms, new_webhook_id)
    return Binding(
        endpoint=endpoint, created=True, changed=True, new_secret=True, previous_host=None, waiting=waiting
    )


def _change(old: Endpoint, old_host: str, wanted: Wanted, vault: Vault, now_ms: int) -> Steps[Binding]:
    if old.url == wanted.url:
        return Binding(
            endpoint=old, created=False, changed=False, new_secret=False, previous_host=old_host, waiting=0
        )
    moved = Moved(url=wanted.url, host=wanted.host, fresh_secret=wanted.fresh_secret)
    endpoint = yield from change_url(old, old_host, moved, vault, now_ms)
    return Binding(
        endpoint=endpoint,
        created=False,
        changed=True,
        new_secret=endpoint.secret != old.secret,
        previous_host=old_host,
        waiting=0,
        headers_left=endpoint.options.headers != old.options.headers,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Where an endpoint is to send from now on; `fresh_secret` is used if that is another host."""

    url: str
    host: str
    fresh_secret: str


def change_url(old: Endpoint, old_host: str, moved: Moved, vault: Vault, now_ms: int) -> Steps[Endpoint]:
    """A new host gets a new secret and none of the headers: the old one's operator knows both."""
    new = replace(old, url=moved.url)
    if old_host != moved.host:
        options = old.options.at_another_host(old.options)
        new = replace(new, secret=moved.fresh_secret, previous_secret=None, options=options)
    return (yield from point(new, moved.host, vault, now_ms))


def point(endpoint: Endpoint, host: str, vault: Vault, now_ms: int) -> Steps[Endpoint]:
    """Make an endpoint send where it says, as it says, and what waits for it at once."""
    rows = yield Do("change_endpoint", [{**_sealed(endpoint, vault), "host": host, "now_ms": now_ms}])
    yield Do("endpoint_waiting_now", [{"endpoint_id": endpoint.id, "now_ms": now_ms}])
    yield endpoint_changed(endpoint.device, endpoint.id, work=True)
    return replace(endpoint, revision=rows[0]["revision"])


def claim_uplinks(
    device: int, endpoint_id: int, now_ms: int, new_webhook_id: Callable[[], str]
) -> Steps[int]:
    """Messages that came before there was an endpoint are delivered now."""
    since_ms = now_ms - UNCLAIMED_KEPT_SECONDS * 1000
    uplinks = yield Do("unclaimed_uplinks", [{"device": device, "since_ms": since_ms, "limit": MOST_CLAIMED}])
    if not uplinks:
        return 0
    first_id = (yield Do("take_ids", [{"count": len(uplinks)}]))[0]["first_id"]
    yield Do("claim_uplink", [{"id": row["id"]} for row in uplinks])
    yield Do(
        "insert_delivery",
        [
            {
                "id": first_id + position,
                "uplink_id": row["id"],
                "endpoint_id": endpoint_id,
                "webhook_id": new_webhook_id(),
                "state": DeliveryState.WAITING,
                "attempts": 0,
                "due_at_ms": now_ms,
                "leased_by": None,
                "created_at_ms": now_ms,
            }
            for position, row in enumerate(uplinks)
        ],
    )
    return len(uplinks)
