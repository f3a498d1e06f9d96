"""No page of the application is forgotten in the lists of those that a real browser looks at."""

from collections.abc import Mapping

from aiohttp import hdrs, web
from aiohttp.test_utils import make_mocked_request

from relay.store.sessions import Sessions
from tests.browser.others import FULL_BIN
from tests.browser.story import Story
from tests.browser.test_pages import VISITS
from tests.pages import DEVICE

METHODS = (hdrs.METH_GET, hdrs.METH_POST)
SHOWN = (200, 422)
"""Statuses of a page that says something of its own; those of failures are looked at for all."""


def router_of(story: Story) -> web.UrlDispatcher:
    app = story.pages.client.app
    assert app is not None
    return app.router


def places_of(story: Story) -> Mapping[str, object]:
    return {
        "device": DEVICE,
        "key": FULL_BIN,
        "message": story.failed_id,
        "endpoint": story.endpoint_id,
    }


async def looked_at(story: Story) -> set[tuple[str, str]]:
    found = set()
    for visit in VISITS:
        method = hdrs.METH_POST if visit.posts else hdrs.METH_GET
        match = await router_of(story).resolve(make_mocked_request(method, await visit.path_in(story)))
        assert match.route.resource is not None
        found.add((method, match.route.resource.canonical))
    return found


async def shows_a_page(story: Story, method: str, path: str) -> bool:
    now_ms = round(story.pages.world.now * 1000)
    token = await Sessions(story.pages.store.driver).sign_in(int(DEVICE, 16), now_ms)
    headers = {"Cookie": f"session={token}"}
    async with story.pages.client.request(method, path, headers=headers, allow_redirects=False) as answer:
        return answer.content_type == "text/html" and answer.status in SHOWN


async def test_what_shows_a_page_is_in_the_lists(own_story: Story) -> None:
    routes = {(route.method, route.resource.canonical) for route in router_of(own_story).routes()}
    unseen = {each for each in routes if each[0] in METHODS} - await looked_at(own_story)
    forgotten = [
        (method, path)
        for method, path in sorted(unseen)
        if await shows_a_page(own_story, method, path.format_map(places_of(own_story)))
    ]
    assert forgotten == []
