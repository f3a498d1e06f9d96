"""`/readyz`: whether traffic may come."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from relay import __version__
from relay.errors import StoreUnavailable
from relay.web import health
from tests.pages import DEVICE, Pages, serve_pages
from tests.store.given import accept, uplink


@pytest.fixture
async def pages(tmp_path: Path) -> AsyncIterator[Pages]:
    async with serve_pages(tmp_path, health.setup) as pages:
        pages.client.app[health.READINESS].ready = True
        yield pages


async def test_it_tells_the_version_and_how_far_the_forwarder_is(pages: Pages) -> None:
    await pages.bind("https://hooks.example.com/in", "hooks.example.com")
    now_ms = round(pages.world.now * 1000)
    await accept(
        pages.store,
        uplink(device=int(DEVICE, 16)),
        received_at_ms=now_ms - 1500,
        lease_until_ms=None,
    )
    response = await pages.client.get("/readyz")
    told = await response.json()
    assert (response.status, told["status"], told["version"]) == (200, "ready", __version__)
    assert told["checks"]["forwarder"] == {"ok": True, "lag_s": 1.5}


async def test_a_forwarder_that_lags_is_no_reason_to_refuse_callbacks(pages: Pages) -> None:
    await pages.bind("https://hooks.example.com/in", "hooks.example.com")
    await accept(pages.store, uplink(device=int(DEVICE, 16)), received_at_ms=0, lease_until_ms=None)
    response = await pages.client.get("/readyz")
    told = await response.json()
    assert (response.status, told["status"]) == (200, "ready")
    assert told["checks"]["forwarder"]["ok"] is False


async def test_while_it_stops_no_traffic_may_come(pages: Pages) -> None:
    pages.client.app[health.READINESS].ready = False
    response = await pages.client.get("/readyz")
    assert (response.status, (await response.json())["status"]) == (503, "not ready")
    assert (await pages.client.get("/healthz")).status == 200


async def test_without_its_database_no_traffic_may_come(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> object:
        raise StoreUnavailable("the disk is gone")

    monkeypatch.setattr(health, "oldest_due", broken)
    response = await pages.client.get("/readyz")
    assert response.status == 503
    assert (await response.json())["checks"]["database"]["ok"] is False
