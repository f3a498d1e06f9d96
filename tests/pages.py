"""The pages as a browser meets them: a real server on loopback, with a real store behind it."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from relay.app import PAGES
from relay.config import Config
from relay.domain.delivery import Outcome
from relay.domain.endpoint import Endpoint
from relay.domain.sample import Sample
from relay.domain.target import TargetPolicy
from relay.metrics import Metrics
from relay.store.binding import open_endpoint
from relay.store.driver import rows_of
from relay.store.provisioning import WantedDevice
from relay.store.store import Store, open_store
from relay.store.vault import Vault
from relay.web import guards, keys
from tests.store.databases import open_migrated

KEY = "kTz8-jfGm0QpWl5xRcV7uYbN3sEaHdIo"
SECRET = "s1gF0x_UqLrTnZpXvB9mKjHgWdEyCaOi"
PUBLIC_KEY = "whpk_EDXeh6OiWEDW7m8fQI2Cdg4d2r9CbDxK0kqh8b0mFkE="
PUBLIC_URL = "http://relay.example.org"

DEVICE = "1A2B3C"
OTHER_DEVICE = "4D5E6F"
TOKEN = "c4rd-T0ken"
OTHER_TOKEN = "0ther-T0ken"
EMAIL = "owner@example.com"

FIELDS: Mapping[str, str] = {
    "device_id": DEVICE,
    "token": TOKEN,
    "email": EMAIL,
    "webhook_url": "https://hooks.example.com/endpoint?foo=bar&b=%C5%BE",
}

TAKEN = Outcome(status=204, cause=None, at_ms=0, duration_ms=85)

Client = TestClient[web.Request, web.Application]


@dataclass(slots=True, kw_only=True)
class World:
    """What the pages meet outside, in the hands of a test."""

    now: float = 1_800_000_000.0
    outcome: Outcome = TAKEN
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    async def try_out(self, endpoint: Endpoint, sample: Sample) -> Outcome:
        """Tell what a test message comes to: what was set for its host, else the usual."""
        self.tried.append(endpoint.url)
        self.samples.append(sample)
        return self.outcomes.get(urlsplit(endpoint.url).netloc, self.outcome)


@dataclass(slots=True, kw_only=True)
class Pages:
    """A running relay without its doors to Sigfox and to receivers."""

    client: Client
    store: Store
    world: World

    async def bound_url(self, device: str = DEVICE) -> str | None:
        """Where a device's messages go."""
        rows = await self.store.driver.transact(rows_of("first_endpoint_of_device", device=int(device, 16)))
        return open_endpoint(rows[0], self.store.vault).url if rows else None

    async def bind(self, url: str, host: str, device: str = DEVICE) -> None:
        """Register a device before the test begins."""
        await self.store.bind_endpoint(
            device=int(device, 16), url=url, host=host, email=EMAIL, language="en", now_ms=0
        )


def make_config(**settings: object) -> Config:
    """A configuration with little in it."""
    given = {"secret_key": KEY, "sigfox": {"secrets": [SECRET]}, "public_url": PUBLIC_URL, **settings}
    return Config.model_validate({"ui": {"default_language": "en"}, **given})


def make_app(config: Config, store: Store, world: World) -> web.Application:
    """The pages alone, put together as the relay does it."""
    app = web.Application(middlewares=guards.page_middlewares())
    app[keys.CONFIG] = config
    app[keys.STORE] = store
    app[keys.VAULT] = store.vault
    app[keys.NOW] = lambda: world.now
    app[keys.METRICS] = Metrics()
    app[keys.TRY_OUT] = world.try_out
    app[keys.PUBLIC_KEYS] = [PUBLIC_KEY]
    app[keys.TARGET_POLICY] = TargetPolicy(allow_http=config.forwarder.allow_http)
    for part in PAGES:
        part.setup(app)
    return app


@asynccontextmanager
async def serve_pages(
    folder: Path, add_routes: Callable[[web.Application], object] = lambda _: None, **settings: object
) -> AsyncIterator[Pages]:
    """Pages with two devices that an operator provisioned."""
    world, vault = World(), Vault([KEY])
    async with (
        open_migrated(folder / "relay.db") as database,
        open_store(database.driver, vault, "node", mails="smtp" in settings) as store,
    ):
        wanted = [_wanted(DEVICE, TOKEN, EMAIL), _wanted(OTHER_DEVICE, OTHER_TOKEN, "")]
        await store.provision(wanted, language="en", now_ms=0)
        app = make_app(make_config(**settings), store, world)
        add_routes(app)
        async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
            yield Pages(client=client, store=store, world=world)


def _wanted(label: str, token: str, email: str) -> WantedDevice:
    return WantedDevice(label=label, token=token, order_email=email, webhook_url="", webhook_host="")
