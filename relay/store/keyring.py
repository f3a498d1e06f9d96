"""Keys that the relay keeps in its database, sealed: its own to sign with, and peppers of old secret keys."""

import base64
from collections.abc import Mapping, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay.store.driver import Do, Steps
from relay.store.sealed import KEYRING
from relay.store.vault import Vault

INSTALLATION_KEY = "installation"
BOTH_SIGN_SECONDS = 7 * 24 * 3600
"""Receivers have the public key in their code: it takes days to change it everywhere."""
_UNTIL = "installation until:"
_PEPPER = "pepper:"


def installation_keys(
    vault: Vault, fresh: Ed25519PrivateKey, now_ms: int
) -> Steps[Sequence[Ed25519PrivateKey]]:
    """The keys that sign for this installation, the present one first; `fresh` becomes it when there is none.

    Raises:
        CannotOpen: None of the secret keys opens one.
    """
    yield Do("add_key", [_row(INSTALLATION_KEY, fresh.private_bytes_raw(), vault)])
    keys = yield from read_keyring(vault)
    replaced = [name for name in keys if name.startswith(_UNTIL)]
    ended = [name for name in replaced if int(name.removeprefix(_UNTIL)) <= now_ms]
    yield Do("drop_key", [{"name": name} for name in ended])
    names = [INSTALLATION_KEY, *(name for name in replaced if name not in ended)]
    return [Ed25519PrivateKey.from_private_bytes(keys[name]) for name in names]


def rotate_installation_key(vault: Vault, fresh: Ed25519PrivateKey, now_ms: int) -> Steps[int]:
    """Put `fresh` in the place of the present key, which signs beside it for a while.

    The answer is until when (Unix milliseconds). Running nodes learn of it when they start again.
    """
    keys = yield from read_keyring(vault)
    until_ms = now_ms + BOTH_SIGN_SECONDS * 1000
    present = keys.get(INSTALLATION_KEY)
    yield Do("drop_key", [{"name": INSTALLATION_KEY}])
    rows = [_row(INSTALLATION_KEY, fresh.private_bytes_raw(), vault)]
    if present is not None:
        rows.append(_row(f"{_UNTIL}{until_ms}", present, vault))
    yield Do("add_key", rows)
    return until_ms


def read_keyring(vault: Vault) -> Steps[Mapping[str, bytes]]:
    """All keys by name.

    Raises:
        CannotOpen: None of the secret keys opens one of them.
    """
    rows = yield Do("read_keyring")
    return {
        row["name"]: base64.b64decode(vault.open(row["key_sealed"], KEYRING.of_row(row["name"])))
        for row in rows
    }


def with_retained_peppers(vault: Vault) -> Steps[Vault]:
    """The vault, knowing as well what was digested with secret keys that are gone."""
    keys = yield from read_keyring(vault)
    return vault.with_peppers([key for name, key in keys.items() if name.startswith(_PEPPER)])


def retain_peppers(vault: Vault) -> Steps[int]:
    """Keep the peppers that some device's token is still known by; the answer is for how many devices.

    A digest cannot be made anew without the token. So that its secret key may go all the same, the pepper
    stays; it goes when no device needs it any more.
    """
    rows = yield Do("digests_by_pepper")
    devices = {bytes(row["pepper"]): row["devices"] for row in rows}
    peppers = vault.older_peppers
    known = [name for name in peppers if name in devices]
    yield Do("add_key", [_row(_PEPPER + name.hex(), peppers[name], vault) for name in known])
    yield Do("drop_key", [{"name": _PEPPER + name.hex()} for name in peppers if name not in devices])
    return sum(count for name, count in devices.items() if name in peppers)


def _row(name: str, key: bytes, vault: Vault) -> dict[str, object]:
    sealed = vault.seal(base64.b64encode(key).decode(), KEYRING.of_row(name))
    return {"name": name, "key_sealed": sealed}
