"""What views find in their application."""

from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from relay.config import Config
from relay.domain.delivery import Delivery, Outcome
from relay.domain.endpoint import Endpoint
from relay.domain.sample import Sample
from relay.domain.target import TargetPolicy
from relay.metrics import Metrics
from relay.store.choosing import Question, Reply
from relay.store.store import Store
from relay.store.vault import Vault

CONFIG = web.AppKey("config", Config)
STORE = web.AppKey("store", Store)
METRICS = web.AppKey("metrics", Metrics)
"""What is counted and timed on the way."""
VAULT = web.AppKey("vault", Vault)
NOW: web.AppKey[Callable[[], float]] = web.AppKey("now")
"""The clock: Unix seconds."""
TRY_OUT: web.AppKey[Callable[[Endpoint, Sample], Awaitable[Outcome]]] = web.AppKey("try_out")
"""Sends a sample to an endpoint, once, and says what came of it."""
TARGET_POLICY = web.AppKey("target_policy", TargetPolicy)
"""Where the relay may connect."""
LEASE_UNTIL_MS: web.AppKey[Callable[[], int | None]] = web.AppKey("lease_until_ms")
"""Until when this node may lease a delivery that is accepted now; None when it has no room for one."""
ASK: web.AppKey[Callable[[Question, float], Awaitable[Reply]]] = web.AppKey("ask")
"""Asks an owner's server for a downlink, within so many seconds."""
PUBLIC_KEYS: web.AppKey[Sequence[str]] = web.AppKey("public_keys")
"""With which receivers may check `v1a` signatures (`whpk_...`)."""
OFFER: web.AppKey[Callable[[Sequence[Delivery]], None]] = web.AppKey("offer")
"""Hands leased deliveries to the forwarder."""
