"""The composition root: the only file that knows every part and ties them together."""

import asyncio
import logging
import os
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay import __version__
from relay.backend_ingest import FOLDER, MAX_BODY_BYTES, Door, WayOut, open_door
from relay.backend_ingest.refused import RefusedSample
from relay.commands.context import CommandContext
from relay.commands.control import listen_for_commands
from relay.config import Config
from relay.device_pages import routes as device_pages
from relay.domain.health import HealthPolicy
from relay.domain.signing import public_key_text
from relay.errors import ConfigError
from relay.forms import routes as forms
from relay.forwarder.asking import Asker
from relay.forwarder.dispatcher import Dispatcher
from relay.forwarder.opening import installation_keys, open_dispatcher, trying_out
from relay.help import routes as help_pages
from relay.mail import views as links
from relay.mail.postman import posting
from relay.metrics import Metrics
from relay.request_bin import routes as request_bin
from relay.store.opening import OpenedDatabase, open_database
from relay.store.store import Store, open_store
from relay.store.vault import Vault
from relay.upkeep import Upkeep
from relay.web import guards, health, keys, metrics_page, well_known
from relay.web.first_request import listen
from relay.web.front import put_before
from relay.web.policy import target_policy

_log = logging.getLogger(__name__)

REQUESTS_END_WITHIN_SECONDS = 8.0
ATTEMPTS_END_WITHIN_SECONDS = 12.0
KEEP_ALIVE_SECONDS = 75.0
FIRST_REQUEST_WITHIN_SECONDS = 10.0
UNREAD_BODY_WITHIN_SECONDS = 2.0
BACKLOG = 1024

PAGES = (guards, forms, request_bin, links, help_pages, device_pages)
"""All that people look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where the relay answers."""

    host: str
    port: int

    @property
    def base_url(self) -> str:
        """`http://host:port` of this process itself."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


async def serve(
    config: Config,
    stop: asyncio.Event,
    on_ready: Callable[[Listening], None] = lambda _: None,
    now: Callable[[], float] = time.time,
    *,
    migrate: bool = False,
) -> None:
    """Run the relay until `stop`; `migrate` brings a database that several nodes may use up to date before.

    Parts stop in the reverse order of their start: no new requests, requests end, nothing more is claimed,
    attempts end or are given back, what is left is committed, the database closes.

    Raises:
        RelayError: It cannot start.
    """
    async with _database(config, migrate) as database:
        await _serve(config, database, stop, on_ready, database.shared_clock(now))


async def _serve(
    config: Config,
    database: OpenedDatabase,
    stop: asyncio.Event,
    on_ready: Callable[[Listening], None],
    now: Callable[[], float],
) -> None:
    vault = Vault([key.get_secret_value() for key in config.secret_key])
    async with open_store(
        database.driver,
        vault,
        _node_name(),
        health_policy=_health_policy(config),
        mails=bool(config.smtp.host),
        has_room=lambda: database.has_room,
    ) as opened:
        store = await opened.with_retained_peppers()
        signing_keys = await installation_keys(config, store, now)
        metrics = Metrics()
        metrics.add(database.timings)
        async with (
            posting(config, store, now, metrics),
            _forwarding(config, store, database, signing_keys, metrics, now) as dispatcher,
            _commands(config, store, database, dispatcher, now),
            _refused_sample(store, now) as refused,
            _listening(
                config,
                web_app(config, store, dispatcher, signing_keys, now),
                _door(config, store, dispatcher, refused, now),
            ) as listening,
        ):
            _log.info("relay.ready", extra={"version": __version__, "listen": listening.base_url})
            on_ready(listening)
            await stop.wait()
            _log.info("relay.stopping")


def web_app(
    config: Config,
    store: Store,
    dispatcher: Dispatcher,
    signing_keys: Sequence[Ed25519PrivateKey],
    now: Callable[[], float],
) -> web.Application:
    """Everything that answers over HTTP but the door for Sigfox."""
    app = web.Application(middlewares=guards.page_middlewares())
    _furnish(app, config, store, dispatcher, signing_keys, now)
    for part in (*PAGES, health, well_known, metrics_page):
        part.setup(app)
    return app


def _door(
    config: Config,
    store: Store,
    dispatcher: Dispatcher,
    refused: RefusedSample,
    now: Callable[[], float],
) -> Door:
    way_out = WayOut(
        lease_until_ms=dispatcher.lease_until_ms,
        offer=dispatcher.offer,
        ask=Asker(dispatcher=dispatcher).ask,
    )
    return open_door(config, store, refused, dispatcher.metrics, now, way_out)


def _furnish(
    app: web.Application,
    config: Config,
    store: Store,
    dispatcher: Dispatcher,
    signing_keys: Sequence[Ed25519PrivateKey],
    now: Callable[[], float],
) -> None:
    app[keys.CONFIG] = config
    app[keys.STORE] = store
    app[keys.METRICS] = dispatcher.metrics
    app[keys.VAULT] = store.vault
    app[keys.NOW] = now
    app[keys.TRY_OUT] = trying_out(dispatcher, now)
    app[keys.TARGET_POLICY] = target_policy(config)
    app[keys.PUBLIC_KEYS] = [public_key_text(key) for key in signing_keys]


def _health_policy(config: Config) -> HealthPolicy:
    forwarder = config.forwarder
    return HealthPolicy(
        probe_schedule_seconds=tuple(forwarder.schedule[1:]) or tuple(forwarder.schedule),
        suspend_after_seconds=forwarder.suspend_after,
    )


def _node_name() -> str:
    """Unlike that of any other process start: in containers host names and process ids repeat."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


@asynccontextmanager
async def _database(config: Config, migrate: bool) -> AsyncIterator[OpenedDatabase]:
    async with open_database(config.database, migrate=migrate) as database:
        for name in database.applied:
            _log.info("database.migrated", extra={"migration": name})
        if database.wal_reset_bug_in:
            _log.warning("database.wal_reset_bug", extra={"sqlite": database.wal_reset_bug_in})
        yield database


@asynccontextmanager
async def _forwarding(
    config: Config,
    store: Store,
    database: OpenedDatabase,
    signing_keys: Sequence[Ed25519PrivateKey],
    metrics: Metrics,
    now: Callable[[], float],
) -> AsyncIterator[Dispatcher]:
    async with open_dispatcher(config, store, signing_keys, now, metrics) as dispatcher:
        if database.lock:  # else other nodes live, and the leases are theirs
            await store.free_leases(round(now() * 1000))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(dispatcher.run(), name="dispatcher")
            sweeps = tasks.create_task(_upkeep(config, store, database, dispatcher, now).run(), name="upkeep")
            hearing = tasks.create_task(database.hear_other_nodes(), name="notices")
            try:
                yield dispatcher
            finally:
                sweeps.cancel()
                hearing.cancel()
                await dispatcher.stop(ATTEMPTS_END_WITHIN_SECONDS)


def _upkeep(
    config: Config,
    store: Store,
    database: OpenedDatabase,
    dispatcher: Dispatcher,
    now: Callable[[], float],
) -> Upkeep:
    return Upkeep(
        driver=store.driver,
        node=store.node,
        retention=config.retention,
        most_tries=len(config.forwarder.schedule),
        now=now,
        outbox=store.outbox,
        disk_room=database.disk_room,
        is_busy=lambda: store.writer.is_busy,
        # Nobody else uses a SQLite file; who died a moment ago must not be counted.
        share_limits=dispatcher.share_limits if database.lock is None else lambda _: None,
    )


@asynccontextmanager
async def _refused_sample(store: Store, now: Callable[[], float]) -> AsyncIterator[RefusedSample]:
    sample = RefusedSample(driver=store.driver, now=now)
    async with asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(sample.run(), name="refused callbacks")
        try:
            yield sample
        finally:
            writing.cancel()
            await sample.write()


@asynccontextmanager
async def _commands(
    config: Config,
    store: Store,
    database: OpenedDatabase,
    dispatcher: Dispatcher,
    now: Callable[[], float],
) -> AsyncIterator[None]:
    if database.lock is None:  # commands connect to the database themselves
        yield
        return
    context = CommandContext(store=store, config=config, now=now, try_out=trying_out(dispatcher, now))
    async with listen_for_commands(context) as path:
        database.lock.announce(path)
        yield


@asynccontextmanager
async def _listening(config: Config, app: web.Application, door: Door) -> AsyncIterator[Listening]:
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=REQUESTS_END_WITHIN_SECONDS,
        keepalive_timeout=KEEP_ALIVE_SECONDS,
        lingering_time=UNREAD_BODY_WITHIN_SECONDS,
        auto_decompress=False,  # else aiohttp refuses some encodings before any door does
    )
    await runner.setup()
    assert runner.server is not None  # noqa: S101 - it is set up
    put_before(runner.server, FOLDER, door.answer, MAX_BODY_BYTES)
    try:
        async with _sockets(config, runner.server) as listening:
            app[health.READINESS].ready = True
            yield listening
            app[health.READINESS].ready = False
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _sockets(config: Config, server: web.Server) -> AsyncIterator[Listening]:
    where = config.listen
    try:
        listener = await listen(
            server,
            where.host,
            where.port,
            backlog=BACKLOG,
            first_request_within_seconds=FIRST_REQUEST_WITHIN_SECONDS,
        )
    except OSError as error:
        raise ConfigError(f"listen: cannot listen on {where}: {error.strerror or error}") from error
    try:
        yield Listening(host=where.host, port=listener.sockets[0].getsockname()[1])
    finally:
        listener.close()
