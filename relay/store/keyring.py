"""Keys that the relay keeps in its database, sealed: its own to sign with, and peppers of old secret keys."""

import base64
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay.store.driver import Do, Steps
from relay.store.sealed import KEYRING
from relay.store.vault import Vault

INSTALLATION_KEY = "installation"
_PEPPER = "pepper:"


def installation_key(vault: Vault, fresh: Ed25519PrivateKey) -> Steps[Ed25519PrivateKey]:
    """The key that signs for this installation; `fresh` becomes it when there is none yet.

    Raises:
        CannotOpen: None of the secret keys opens it.
    """
    row = {"name": INSTALLATION_KEY, "key_sealed": _seal(INSTALLATION_KEY, fresh.private_bytes_raw(), vault)}
    yield Do("add_key", [row])
    keys = yield from read_keyring(vault)
    return Ed25519PrivateKey.from_private_bytes(keys[INSTALLATION_KEY])


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
    yield Do("add_key", [_pepper_row(name, peppers[name], vault) for name in peppers if name in devices])
    yield Do("drop_key", [{"name": _PEPPER + name.hex()} for name in peppers if name not in devices])
    return sum(count for name, count in devices.items() if name in peppers)


def _pepper_row(name: bytes, pepper: bytes, vault: Vault) -> dict[str, object]:
    row_key = _PEPPER + name.hex()
    return {"name": row_key, "key_sealed": _seal(row_key, pepper, vault)}


def _seal(name: str, key: bytes, vault: Vault) -> bytes:
    return vault.seal(base64.b64encode(key).decode(), KEYRING.of_row(name))
