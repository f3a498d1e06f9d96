"""A dispatcher with all it needs, and the way out for one attempt of a process that forwards nothing else."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay.config import Config
from relay.domain.delivery import Outcome
from relay.domain.endpoint import Endpoint
from relay.domain.sample import Sample
from relay.domain.target import TargetPolicy
from relay.domain.verdict import RetryPolicy
from relay.forwarder.attempting import Attempting
from relay.forwarder.destinations import Destinations
from relay.forwarder.dispatcher import Dispatcher
from relay.forwarder.guard import guarded_client
from relay.forwarder.lanes import Lanes, Limits
from relay.forwarder.resolver import GuardedResolver
from relay.forwarder.sample import sample_delivery
from relay.metrics import Metrics
from relay.store.store import Store, new_webhook_id
from relay.web.policy import target_policy

TryOut = Callable[[Endpoint, Sample], Awaitable[Outcome]]


async def installation_keys(
    config: Config, store: Store, now: Callable[[], float]
) -> Sequence[Ed25519PrivateKey]:
    """The keys that sign each request beside the endpoint's own secret; none when that is switched off."""
    return await store.installation_keys(round(now() * 1000)) if config.forwarder.sign_v1a else ()


@asynccontextmanager
async def open_dispatcher(
    config: Config,
    store: Store,
    signing_keys: Sequence[Ed25519PrivateKey],
    now: Callable[[], float],
    metrics: Metrics,
) -> AsyncIterator[Dispatcher]:
    """A dispatcher that does not run yet; each request is signed with the `signing_keys` as well."""
    forwarder, policy = config.forwarder, target_policy(config)
    async with (
        _resolver(policy) as resolver,
        guarded_client(policy, resolver, total_seconds=forwarder.timeout) as client,
    ):
        destinations = Destinations(store.vault, policy, signing_keys)
        yield Dispatcher(
            store=store,
            attempting=Attempting(store=store, client=client, destinations=destinations, now=now),
            resolver=resolver,
            destinations=destinations,
            lanes=Lanes(
                Limits(
                    total=forwarder.concurrency,
                    per_endpoint=forwarder.per_endpoint,
                    per_address=forwarder.per_address,
                )
            ),
            policy=RetryPolicy(schedule_seconds=tuple(forwarder.schedule)),
            now=now,
            timeout_seconds=forwarder.timeout,
            metrics=metrics,
        )


@asynccontextmanager
async def _resolver(policy: TargetPolicy) -> AsyncIterator[GuardedResolver]:
    resolver = GuardedResolver(policy)
    try:
        yield resolver
    finally:
        await resolver.close()


def trying_out(dispatcher: Dispatcher, now: Callable[[], float]) -> TryOut:
    """What sends a sample to an endpoint, once."""

    async def try_out(endpoint: Endpoint, sample: Sample) -> Outcome:
        delivery = sample_delivery(endpoint, f"{endpoint.device:X}", new_webhook_id(), now(), sample)
        return await dispatcher.attempting.try_out(endpoint, delivery)

    return try_out


def trying_out_alone(config: Config, store: Store, now: Callable[[], float]) -> TryOut:
    """The same in a process that does not forward."""

    async def try_out(endpoint: Endpoint, sample: Sample) -> Outcome:
        signing_keys = await installation_keys(config, store, now)
        async with open_dispatcher(config, store, signing_keys, now, Metrics()) as dispatcher:
            return await trying_out(dispatcher, now)(endpoint, sample)

    return try_out
