"""How operators put devices into the store."""

import enum
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields

from relay.domain.activity import Action, Actor, Deed, Doer
from relay.domain.device import Device, parse_device_id
from relay.domain.device_type import DEFAULT_TYPE_ID, Display
from relay.domain.signing import SECRET_BYTES, make_secret
from relay.store.activity import write_activity
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
    """A device to provision. Empty token: keep the one it has, or make one. Empty URL: bind nothing.

    Without a type it keeps its own, or gets the default one.
    """

    label: str
    token: str
    order_email: str
    webhook_url: str
    webhook_host: str
    type_id: int | None = None

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
    values = {field.name: row[field.name] for field in fields(Device)}
    return Device(**{**values, "display": Display(row["display"]) if row["display"] else None})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedDevice:
    """A device before and after its settings were changed."""

    before: Device
    after: Device

    @property
    def names(self) -> Sequence[str]:
        """Of the settings that are others now."""
        every = (field.name for field in fields(Device))
        return [name for name in every if getattr(self.before, name) != getattr(self.after, name)]


def when_changed(changed: ChangedDevice | None) -> Mapping[str, str] | None:
    """For `noted`: which settings were changed, if any."""
    return {"names": ", ".join(changed.names)} if changed and changed.names else None


def change_device(number: int, change: Callable[[Device], Device]) -> Steps[ChangedDevice | None]:
    """Give a device other settings; None when there is no such device."""
    yield Do("change_ways")  # nobody else is changing it
    found = yield Do("read_device", [{"number": number}])
    if not found:
        return None
    before = read_device(found[0])
    after = change(before)
    yield Do("put_device_settings", [{**_settings(after), "display": after.display or ""}])
    return ChangedDevice(before=before, after=after)


def _settings(device: Device) -> dict[str, object]:
    """What an owner or an operator may set of a device that exists."""
    kept = {"label", "order_email", "contact_email", "language", "created_at_ms"}
    return {field.name: getattr(device, field.name) for field in fields(Device) if field.name not in kept}


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
        yield Do("put_device", [_row(wanted, digest, _type_id(wanted, existing), maker)])
        if existing and digest != existing["token_digest"]:  # who knew the old token is signed out
            yield Do("drop_sessions_of_device", [{"device": wanted.number}])
            yield Do("void_email_asks", [{"device": wanted.number, "now_ms": maker.now_ms}])
    if (yield from _bind(wanted, existing, maker)) and change is Change.SAME:
        change = Change.CHANGED
    if change is Change.CHANGED:
        yield from write_activity(
            Deed(
                device=wanted.number,
                doer=Doer(actor=Actor.OPERATOR),
                action=Action.PROVISIONED,
                at_ms=maker.now_ms,
            )
        )
    return Provisioned(label=wanted.label, change=change, made_token=made_token)


def _type_id(wanted: WantedDevice, existing: Row | None) -> int:
    if wanted.type_id is not None:
        return wanted.type_id
    kept: int = existing["type_id"] if existing else DEFAULT_TYPE_ID
    return kept


def _row(wanted: WantedDevice, token_digest: bytes, type_id: int, maker: Maker) -> dict[str, object]:
    return {
        "number": wanted.number,
        "label": wanted.label,
        "token_digest": token_digest,
        "order_email": wanted.order_email,
        "language": maker.language,
        "created_at_ms": maker.now_ms,
        "type_id": type_id,
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
    before = (existing["label"], existing["order_email"], existing["type_id"])
    same = same_token and before == (wanted.label, wanted.order_email, _type_id(wanted, existing))
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
