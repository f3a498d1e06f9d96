"""What views find in their application."""

from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from relay.config import Config
from relay.domain.delivery import Outcome
from relay.domain.endpoint import Endpoint
from relay.domain.sample import Sample
from relay.domain.target import TargetPolicy
from relay.metrics import Metrics
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
PUBLIC_KEYS: web.AppKey[Sequence[str]] = web.AppKey("public_keys")
"""With which receivers may check `v1a` signatures (`whpk_...`)."""
