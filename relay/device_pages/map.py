"""Where a device was: on a map, as a table, and as GeoJSON."""

import json
from collections.abc import Sequence
from urllib.parse import urlsplit

from aiohttp import web

from relay.device_pages.frame import Tab, device_page, said_by_page
from relay.device_pages.message_filter import NO_SUCH_CHOICE
from relay.device_pages.messages import settings_for
from relay.device_pages.owned import Owned
from relay.device_pages.places import Seen, places_of, source_sentence
from relay.store.places import read_tellings
from relay.web.headers import content_security
from relay.web.keys import CONFIG, STORE
from relay.web.query import address

COUNTS = (20, 100, 500)
_WINDOW = 2_000
"""So many callbacks are looked at for places."""


async def show_map(request: web.Request, owned: Owned) -> web.StreamResponse:
    """The last places; a script draws them from the same GeoJSON that can be downloaded."""
    most = _most(request)
    places = await _read(request, owned, most) if most else []
    settings = request.app[CONFIG].map
    response = await device_page(
        request,
        owned,
        Tab.MAP,
        "devices/map.html",
        200 if most else 422,
        errors={} if most else {"points": owned.translate(NO_SUCH_CHOICE)},
        places=[(seen, source_sentence(owned, seen)) for seen in places],
        counts=[(count, str(count)) for count in COUNTS],
        most=most,
        geojson=address(f"{owned.path}/map.geojson", {"points": most}),
        map_settings=settings,
    )
    if settings.tiles and places:
        response.headers["Content-Security-Policy"] = content_security(images=_tile_host(settings.tiles))
    return response


async def send_places(request: web.Request, owned: Owned) -> web.StreamResponse:
    """The same places for programs: RFC 7946."""
    most = _most(request)
    if most is None:
        return said_by_page(request, owned, Tab.MAP)
    places = await _read(request, owned, most)
    return web.Response(
        text=json.dumps(geojson_of(owned, places), ensure_ascii=False),
        content_type="application/geo+json",
        headers={"Content-Disposition": f'attachment; filename="{owned.device.label}-places.geojson"'},
    )


def geojson_of(owned: Owned, places: Sequence[Seen]) -> dict[str, object]:
    """A point for each place, the newest first."""
    return {"type": "FeatureCollection", "features": [_feature(owned, seen) for seen in places]}


def _feature(owned: Owned, seen: Seen) -> dict[str, object]:
    place = seen.place
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [place.longitude, place.latitude]},
        "properties": {
            "time": owned.show.iso(place.time * 1000) if place.time else None,
            "shown": owned.show.plain_time(place.time * 1000) if place.time else "",
            "radius_m": place.radius,
            "source": seen.source,
            "source_text": source_sentence(owned, seen),
            "fixed": seen.is_fixed,
            "label": seen.label,
        },
    }


async def _read(request: web.Request, owned: Owned, most: int) -> list[Seen]:
    tellings = await request.app[STORE].driver.transact(read_tellings(owned.device.number, _WINDOW))
    return places_of(await settings_for(request, owned), tellings, most)


def _most(request: web.Request) -> int | None:
    """How many places are wanted; None when there is no such choice."""
    asked = request.query.get("points") or str(COUNTS[1])
    return next((count for count in COUNTS if str(count) == asked), None)


def _tile_host(tiles: str) -> str:
    """The source of tiles for the content security policy; `{s}` stands for any subdomain."""
    parts = urlsplit(tiles)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].replace('{s}', '*')}"
