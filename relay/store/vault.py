"""Secrets at rest: what must be read again is sealed, what must only be recognised is digested."""

import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from relay.errors import RelayError

_NONCE_BYTES = 12
_KEY_NAME_BYTES = 4


class CannotOpen(RelayError):
    """A sealed value belongs to another row, or none of the secret keys opens it."""


def _derive(secret_key: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=b"sigfox-relay", info=purpose.encode()).derive(
        secret_key.encode()
    )


def _key_name(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:_KEY_NAME_BYTES]


class Vault:
    """Seals, opens and digests with keys derived from the configured `secret_key`s.

    The first key seals and digests; all of them open and recognise. A sealed value is bound to its `place`,
    such as `endpoints.url:17`: moved to another row it does not open.
    """

    def __init__(self, secret_keys: Sequence[str], retained_peppers: Sequence[bytes] = ()) -> None:
        """`retained_peppers` are those of secret keys that are gone: old digests are known by them."""
        self._secret_keys = tuple(secret_keys)
        sealing = [_derive(key, "seal") for key in secret_keys]
        peppers = [_derive(key, "token pepper") for key in secret_keys]
        self._ciphers = {_key_name(key): AESGCM(key) for key in sealing}
        self._peppers = {_key_name(pepper): pepper for pepper in [*peppers, *retained_peppers]}
        self._first_seal = _key_name(sealing[0])
        self._first_pepper = _key_name(peppers[0])

    def with_peppers(self, retained: Sequence[bytes]) -> "Vault":
        """A vault that knows more digests."""
        return Vault(self._secret_keys, retained) if retained else self

    @property
    def first_key_name(self) -> str:
        """A name of the key that seals, worth nothing to whoever wants the key."""
        return self._first_seal.hex()

    @property
    def other_keys(self) -> int:
        """How many keys open but do not seal."""
        return len(self._ciphers) - 1

    @property
    def older_peppers(self) -> Mapping[bytes, bytes]:
        """The peppers with which nothing is digested any more, by their names."""
        return {name: pepper for name, pepper in self._peppers.items() if name != self._first_pepper}

    def is_sealed_by_first(self, sealed: bytes) -> bool:
        """Whether a value was sealed by the key that seals now."""
        return sealed[:_KEY_NAME_BYTES] == self._first_seal

    def is_first_pepper(self, name: bytes) -> bool:
        """Whether this begins what is digested now."""
        return name[:_KEY_NAME_BYTES] == self._first_pepper

    def seal(self, text: str, place: str) -> bytes:
        """Encrypt `text` for one place (AES-256-GCM)."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._first_seal].encrypt(nonce, text.encode(), place.encode())
        return self._first_seal + nonce + sealed

    def open(self, sealed: bytes, place: str) -> str:
        """Decrypt what `seal` made for the same place.

        Raises:
            CannotOpen: No configured key opens it here.
        """
        name, rest = sealed[:_KEY_NAME_BYTES], sealed[_KEY_NAME_BYTES:]
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise CannotOpen(f"secret_key: no key of the list opens {place}; put back the one that sealed it")
        try:
            return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise CannotOpen(f"{place} does not hold what was sealed for it") from error

    def token_digest(self, device: int, token: str) -> bytes:
        """What is stored of a device's token: HMAC-SHA256 with a pepper, bound to the device."""
        return self._first_pepper + self._digest(self._first_pepper, device, token)

    def token_matches(self, device: int, token: str, digest: bytes | None) -> bool:
        """Whether `digest` was made from this token; as slow for an unknown device (None) as for any."""
        known = digest if digest is not None and digest[:_KEY_NAME_BYTES] in self._peppers else None
        name = known[:_KEY_NAME_BYTES] if known else self._first_pepper
        expected = known[_KEY_NAME_BYTES:] if known else bytes(32)
        return hmac.compare_digest(self._digest(name, device, token), expected) and known is not None

    def _digest(self, name: bytes, device: int, token: str) -> bytes:
        return hmac.digest(self._peppers[name], b"%08x:%s" % (device, token.encode()), hashlib.sha256)
