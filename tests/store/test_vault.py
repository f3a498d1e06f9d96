"""Secrets at rest."""

import pytest
from hypothesis import given, strategies

from relay.store.vault import CannotOpen, Vault
from tests.store.given import KEY, OTHER_KEY, VAULT

PLACE = "endpoints.url:17"
TEXT = strategies.text(strategies.characters(exclude_categories=["Cs"]))


@given(text=TEXT, place=TEXT)
def test_what_was_sealed_opens_at_its_place(text: str, place: str) -> None:
    assert VAULT.open(VAULT.seal(text, place), place) == text


def test_sealing_twice_shows_no_sameness() -> None:
    assert VAULT.seal("secret", PLACE) != VAULT.seal("secret", PLACE)


def test_what_was_sealed_does_not_open_elsewhere() -> None:
    with pytest.raises(CannotOpen, match=r"endpoints\.url:18 does not hold"):
        VAULT.open(VAULT.seal("secret", PLACE), "endpoints.url:18")


@pytest.mark.parametrize("position", range(4 + 12 + 6 + 16))
def test_a_changed_byte_does_not_open(position: int) -> None:
    sealed = bytearray(VAULT.seal("secret", PLACE))
    sealed[position] ^= 1
    with pytest.raises(CannotOpen):
        VAULT.open(bytes(sealed), PLACE)


@pytest.mark.parametrize("length", range(4 + 12 + 6 + 16))
def test_a_value_that_was_cut_does_not_open(length: int) -> None:
    with pytest.raises(CannotOpen):
        VAULT.open(VAULT.seal("secret", PLACE)[:length], PLACE)


def test_another_key_does_not_open() -> None:
    with pytest.raises(CannotOpen, match="no key of the list opens"):
        Vault([OTHER_KEY]).open(VAULT.seal("secret", PLACE), PLACE)


def test_the_first_key_seals_and_all_open() -> None:
    both = Vault([OTHER_KEY, KEY])
    assert both.open(VAULT.seal("secret", PLACE), PLACE) == "secret"
    assert Vault([OTHER_KEY]).open(both.seal("secret", PLACE), PLACE) == "secret"


def test_a_token_is_recognised_for_its_device_alone() -> None:
    digest = VAULT.token_digest(1, "token")
    assert VAULT.token_matches(1, "token", digest)
    assert not VAULT.token_matches(2, "token", digest)
    assert not VAULT.token_matches(1, "Token", digest)
    assert not VAULT.token_matches(1, "", digest)


@pytest.mark.parametrize("token", ["", "žluťoučký", "\U0001f511", "x" * 10_000])
def test_a_token_may_be_any_text(token: str) -> None:
    assert VAULT.token_matches(1, token, VAULT.token_digest(1, token))


def test_an_older_keys_digest_is_recognised_while_the_key_is_configured() -> None:
    digest = VAULT.token_digest(1, "token")
    assert Vault([OTHER_KEY, KEY]).token_matches(1, "token", digest)
    assert not Vault([OTHER_KEY]).token_matches(1, "token", digest)


@pytest.mark.parametrize("digest", [None, b"", b"abc", bytes(36)])
def test_nothing_matches_an_unknown_device_or_a_strange_digest(digest: bytes | None) -> None:
    assert not VAULT.token_matches(1, "token", digest)


def test_a_digest_does_not_match_with_its_end_cut() -> None:
    assert not VAULT.token_matches(1, "token", VAULT.token_digest(1, "token")[:20])
