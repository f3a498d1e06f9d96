"""How operators put devices into the store."""

import enum
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from relay.domain.device import Device, parse_device_id
from relay.domain.signing import SECRET_BYTES, make_secret
from relay.store.binding import Wanted, bind_endpoint
from relay.store.driver import Do, Row, Steps
from relay.store.vault import Vault

TOKEN_BYTES = 12


class Change(enum.StrEnum):
    """What provisioning did to a device."""

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedDevice:
    """A device to provision. Empty token: keep the one it has, or make one. Empty URL: bind nothing."""

    label: str
    token: str
    order_email: str
    webhook_url: str
    webhook_host: str

    @property
    def number(self) -> int:
        """The device's identity."""
        return parse_device_id(self.label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioned:
    """`made_token` is set when a token was made: it is readable only now."""

    label: str
    change: Change
    made_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """What provisioning makes things with."""

    vault: Vault
    new_webhook_id: Callable[[], str]
    language: str
    now_ms: int


def read_device(row: Row) -> Device:
    """A device from its row."""
    return Device(
        number=row["number"],
        label=row["label"],
        order_email=row["order_email"],
        contact_email=row["contact_email"],
        language=row["language"],
        downlink_template=row["downlink_template"],
        grammar=row["grammar"],
        created_at_ms=row["created_at_ms"],
    )


def provision(wanted: Sequence[WantedDevice], maker: Maker) -> Steps[list[Provisioned]]:
    """Add devices, or bring those that exist to what is wanted; the same again changes nothing."""
    yield Do("change_ways")  # first of all: two imports at once would lock the same devices in another order
    done = []
    for device in wanted:
        done.append((yield from _provision_one(device, maker)))
    return done


def _provision_one(wanted: WantedDevice, maker: Maker) -> Steps[Provisioned]:
    found = yield Do("read_device", [{"number": wanted.number}])
    existing = found[0] if found else None
    made_token = "" if existing or wanted.token else secrets.token_urlsafe(TOKEN_BYTES)
    change = _change(wanted, existing, maker.vault)
    if change is not Change.SAME:
        digest = _digest(wanted.number, wanted.token or made_token, existing, maker.vault)
        yield Do("put_device", [_row(wanted, digest, maker)])
    if (yield from _bind(wanted, existing, maker)) and change is Change.SAME:
        change = Change.CHANGED
    return Provisioned(label=wanted.label, change=change, made_token=made_token)


def _row(wanted: WantedDevice, token_digest: bytes, maker: Maker) -> dict[str, object]:
    return {
        "number": wanted.number,
        "label": wanted.label,
        "token_digest": token_digest,
        "order_email": wanted.order_email,
        "language": maker.language,
        "created_at_ms": maker.now_ms,
    }


def _digest(number: int, token: str, existing: Row | None, vault: Vault) -> bytes:
    """Without a token the device keeps the one it has."""
    kept: bytes | None = existing["token_digest"] if existing and not token else None
    return kept or vault.token_digest(number, token)


def _change(wanted: WantedDevice, existing: Row | None, vault: Vault) -> Change:
    if existing is None:
        return Change.ADDED
    same_token = not wanted.token or vault.token_matches(
        wanted.number, wanted.token, existing["token_digest"]
    )
    same = same_token and (existing["label"], existing["order_email"]) == (wanted.label, wanted.order_email)
    return Change.SAME if same else Change.CHANGED


def _bind(wanted: WantedDevice, existing: Row | None, maker: Maker) -> Steps[bool]:
    """Point the device at its webhook; an owner who is known already keeps address and language."""
    if not wanted.webhook_url:
        return False
    known = existing is not None and existing["contact_email"] != ""
    binding = yield from bind_endpoint(
        Wanted(
            device=wanted.number,
            url=wanted.webhook_url,
            host=wanted.webhook_host,
            email="" if known else wanted.order_email,
            language=maker.language,
            fresh_secret=make_secret(secrets.token_bytes(SECRET_BYTES)),
        ),
        maker.vault,
        maker.now_ms,
        maker.new_webhook_id,
    )
    return binding.changed
