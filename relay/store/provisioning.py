"""How operators put devices into the store."""

import enum
import secrets
from collections.abc import Callable, Generator, Sequence
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
    found = yield Do("read_device", [{"number": device.number} for device in wanted])
    existing = {row["number"]: row for row in found}
    done = []
    for device in wanted:
        done.append((yield from _provision_one(device, existing.get(device.number), maker)))
    return done


def _provision_one(
    wanted: WantedDevice, existing: Row | None, maker: Maker
) -> Generator[Do, Sequence[Row], Provisioned]:
    token = wanted.token or ("" if existing else secrets.token_urlsafe(TOKEN_BYTES))
    digest = (
        maker.vault.token_digest(wanted.number, token) if token else existing and existing["token_digest"]
    )
    row = {
        "number": wanted.number,
        "label": wanted.label,
        "token_digest": digest,
        "order_email": wanted.order_email,
        "language": maker.language,
        "created_at_ms": maker.now_ms,
    }
    change = _change(wanted, existing, maker.vault)
    if change is not Change.SAME:
        yield Do("put_device", [row])
    if (yield from _bind(wanted, maker)) and change is Change.SAME:
        change = Change.CHANGED
    return Provisioned(label=wanted.label, change=change, made_token="" if wanted.token else token)


def _change(wanted: WantedDevice, existing: Row | None, vault: Vault) -> Change:
    if existing is None:
        return Change.ADDED
    same_token = not wanted.token or vault.token_matches(
        wanted.number, wanted.token, existing["token_digest"]
    )
    same = same_token and (existing["label"], existing["order_email"]) == (wanted.label, wanted.order_email)
    return Change.SAME if same else Change.CHANGED


def _bind(wanted: WantedDevice, maker: Maker) -> Generator[Do, Sequence[Row], bool]:
    if not wanted.webhook_url:
        return False
    binding = yield from bind_endpoint(
        Wanted(
            device=wanted.number,
            url=wanted.webhook_url,
            host=wanted.webhook_host,
            email=wanted.order_email,
            language=maker.language,
            fresh_secret=make_secret(secrets.token_bytes(SECRET_BYTES)),
        ),
        maker.vault,
        maker.now_ms,
        maker.new_webhook_id,
    )
    return binding.changed
