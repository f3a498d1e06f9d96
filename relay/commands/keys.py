"""Commands about keys: the secret keys that seal, and the signing secrets of endpoints."""

import logging
import secrets

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay.commands.asked import Answer, Arguments
from relay.commands.context import CommandContext
from relay.commands.endpoints import chosen_endpoints
from relay.domain.activity import Action
from relay.domain.signing import SECRET_BYTES, make_secret, public_key_text
from relay.errors import RelayError
from relay.store.activity import noted
from relay.store.keyring import retain_peppers, rotate_installation_key
from relay.store.resealing import START, Cursor, count_stale, reseal_batch
from relay.store.rotating import rotate_secret
from relay.store.vault import Vault

_log = logging.getLogger(__name__)

BATCH = 200


async def reseal(context: CommandContext, arguments: Arguments) -> Answer:
    """Seal a batch of values anew with the first key; `cursor` of one answer goes into the next call."""
    store = context.store
    _check_first_key(store.vault, arguments)
    cursor = Cursor(**arguments["cursor"]) if arguments["cursor"] else START
    done = await store.driver.transact(reseal_batch(cursor, BATCH, store.vault))
    if done.damaged:
        _log.error("keys.cannot_open", extra={"places": ", ".join(done.damaged)})
    following = {"place": done.next.place, "after": done.next.after} if done.next else None
    return {"count": done.count, "damaged": list(done.damaged), "cursor": following}


async def retain(context: CommandContext, arguments: Arguments) -> Answer:
    """Keep what must outlive the old keys, and tell what still needs them."""
    store = context.store
    _check_first_key(store.vault, arguments)
    devices = await store.driver.transact(retain_peppers(store.vault))
    stale = await store.driver.transact(count_stale(store.vault))
    return {"stale": stale, "devices": devices, "other_keys": store.vault.other_keys}


def _check_first_key(vault: Vault, arguments: Arguments) -> None:
    if arguments["first_key"] != vault.first_key_name:
        raise RelayError(
            "the running service has another first secret_key than the configuration: restart it first"
        )


async def rotate_endpoint_secret(context: CommandContext, arguments: Arguments) -> Answer:
    """Give an endpoint a new signing secret, readable only in this answer."""
    chosen = await chosen_endpoints(context, arguments)
    if len(chosen) > 1:
        numbers = ", ".join(str(one.id) for one in chosen)
        raise RelayError(f"there are several webhooks: choose one with --number ({numbers})")
    fresh = make_secret(secrets.token_bytes(SECRET_BYTES))
    steps = rotate_secret(chosen[0].id, fresh, context.store.vault, context.now_ms())
    deed = context.deed(chosen[0].device, Action.SECRET_ROTATED, host=chosen[0].host)
    endpoint = await context.store.driver.transact(noted(steps, deed))
    if endpoint is None:
        raise RelayError(f"webhook {chosen[0].id} was just removed")
    _log.info("endpoint.secret_rotated", extra={"endpoint": endpoint.id})
    return {"secret": endpoint.secret, "both_until_ms": endpoint.previous_secret_until_ms}


async def rotate_installation(context: CommandContext, _arguments: Arguments) -> Answer:
    """Give the installation a new key for its `v1a` signatures."""
    fresh, vault = Ed25519PrivateKey.generate(), context.store.vault
    until_ms = await context.store.driver.transact(rotate_installation_key(vault, fresh, context.now_ms()))
    _log.warning("keys.installation_rotated")
    return {"public_key": public_key_text(fresh), "both_until_ms": until_ms}
