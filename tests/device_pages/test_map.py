"""The map over real HTTP: places as a table and as GeoJSON, whoever tells them, and tiles only when asked."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from relay.domain.device_type import Display
from relay.domain.uplink import Kind
from tests.device_pages.test_charts import hear
from tests.pages import DEVICE, TOKEN, Pages, serve_pages

MAP = f"/devices/{DEVICE}/map"
GRAMMAR = "lat::float:32 lng::float:32"
PRAGUE, BRNO, NOWHERE = "424859174166bb99", "4244c8b44184dd2f", "0000000000000000"


@pytest.fixture
async def pages(tmp_path: Path) -> AsyncIterator[Pages]:
    async with serve_pages(tmp_path) as pages:
        await sign_in(pages)
        yield pages


async def sign_in(pages: Pages) -> None:
    await pages.client.post("/signin", data={"device_id": DEVICE, "token": TOKEN})


async def change(pages: Pages, **settings: object) -> None:
    await pages.store.change_device(
        int(DEVICE, 16),
        lambda device: replace(device, **settings),  # type: ignore[arg-type]
    )


async def look(pages: Pages, path: str = MAP) -> str:
    async with pages.client.get(path) as answer:
        assert answer.status == 200
        return (await answer.text()).replace("\N{NO-BREAK SPACE}", " ")


async def geojson(pages: Pages) -> list[tuple[float, float, str, float | None]]:
    async with pages.client.get(f"{MAP}.geojson") as answer:
        assert answer.content_type == "application/geo+json"
        features = (await answer.json(content_type=None))["features"]
    return [
        (
            *(round(each, 2) for each in one["geometry"]["coordinates"]),
            one["properties"]["source_text"],
            one["properties"]["radius_m"],
        )
        for one in features
    ]


async def test_places_come_from_payloads_and_from_sigfox(pages: Pages) -> None:
    await change(pages, display=Display.GEOLOCATION, grammar=GRAMMAR)
    await hear(pages, 400, data=PRAGUE)
    await hear(pages, 300, data=NOWHERE)  # what devices send that have no fix
    await hear(pages, 200, kind=Kind.GEOLOC, data="", more={"lat": 49.5, "lng": 17.25, "radius": 2100.0})
    computed = {"computedLocation": {"lat": 50.5, "lng": 15.5, "radius": 900, "source": 6}}
    await hear(pages, 100, data="", kind=Kind.DATA_ADVANCED, more=computed)
    await hear(pages, 50, data=BRNO)
    await hear(pages, 50, data=BRNO, kind=Kind.DATA_ADVANCED, more=computed)
    assert await geojson(pages) == [
        (16.61, 49.2, "From the payload", None),
        (15.5, 50.5, "Computed by Sigfox (WiFi)", 900),
        (17.25, 49.5, "Sigfox Geolocation", 2100),
        (14.42, 50.09, "From the payload", None),
    ]
    page = await look(pages)
    assert page.count("<tr>") == 5
    assert "2,100 m" in page
    assert "49.19600, 16.60800" in page
    assert "Vypočítal Sigfox (WiFi)" in await look(pages, f"{MAP}?lang=cs")


async def test_only_so_many_of_the_newest_are_shown(pages: Pages) -> None:
    await change(pages, display=Display.GEOLOCATION, grammar=GRAMMAR)
    for number in range(21):
        await hear(pages, number + 1, data=PRAGUE)
    assert (await look(pages, f"{MAP}?points=20")).count("<tr>") == 21
    assert (await look(pages, MAP)).count("<tr>") == 22


async def test_a_device_that_does_not_move_stands_at_its_fixed_place(pages: Pages) -> None:
    assert "No place known." in await look(pages)
    await hear(pages, 9, kind=Kind.DATA_ADVANCED, more={"fixedLat": 43.5, "fixedLng": 1.5})
    assert [place[2] for place in await geojson(pages)] == ["Fixed place from Sigfox"]
    await change(pages, fixed_latitude=0.0, fixed_longitude=0.0, fixed_label="Null <Island>")
    assert await geojson(pages) == [(0.0, 0.0, "Fixed place from Settings", None)]
    page = await look(pages)
    assert "Fixed place from Settings: Null &lt;Island&gt;" in page
    assert page.count("Null &lt;Island&gt;") == 2


async def test_the_fixed_place_is_a_mark_of_its_own_beside_what_was_told(pages: Pages) -> None:
    await change(pages, fixed_latitude=50.0, fixed_longitude=14.0, fixed_label="Cellar")
    await hear(pages, 9, kind=Kind.GEOLOC, data="", more={"lat": 49.5, "lng": 17.25, "radius": 2100.0})
    assert [place[2] for place in await geojson(pages)] == ["Sigfox Geolocation", "Fixed place from Settings"]
    async with pages.client.get(f"{MAP}.geojson") as answer:
        told, fixed = [one["properties"] for one in (await answer.json(content_type=None))["features"]]
    assert (told["fixed"], told["label"]) == (False, "")
    assert (fixed["fixed"], fixed["label"], fixed["time"]) == (True, "Cellar", None)
    assert (await look(pages)).count("<tr>") == 3


async def test_a_number_of_places_that_is_not_offered_is_told(pages: Pages) -> None:
    await change(pages, fixed_latitude=50.0, fixed_longitude=14.0)
    async with pages.client.get(f"{MAP}?points=7&lang=cs") as answer:
        assert answer.status == 422
        text = await answer.text()
    assert '<a href="#points">Taková možnost není.' in text
    assert "50.00000" not in text
    async with pages.client.get(f"{MAP}.geojson?points=7", allow_redirects=False) as answer:
        assert answer.headers["Location"] == f"{MAP}?points=7"


async def test_no_other_host_is_allowed_without_tiles(pages: Pages) -> None:
    await change(pages, fixed_latitude=50.0, fixed_longitude=14.0)
    async with pages.client.get(MAP) as answer:
        assert "img-src 'self';" in answer.headers["Content-Security-Policy"]


async def test_the_host_of_the_tiles_is_allowed_on_this_page_alone(tmp_path: Path) -> None:
    tiles = {"tiles": "https://{s}.tiles.example.org/{z}/{x}/{y}.png", "attribution": "© Example"}
    async with serve_pages(tmp_path, map=tiles) as pages:
        await sign_in(pages)
        await change(pages, fixed_latitude=50.0, fixed_longitude=14.0)
        async with pages.client.get(MAP) as answer:
            assert "img-src 'self' https://*.tiles.example.org;" in answer.headers["Content-Security-Policy"]
            assert "© Example" in await answer.text()
        async with pages.client.get(f"/devices/{DEVICE}/charts") as answer:
            assert "img-src 'self';" in answer.headers["Content-Security-Policy"]
