"""A cookie that only the relay can read and write."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from relay.web.sealed_cookie import SealedCookie
from tests.pages import Pages, serve_pages

COOKIE = SealedCookie(name="test", valid_seconds=60)


async def write(request: web.Request) -> web.Response:
    response = web.Response()
    COOKIE.write(request, response, "SEKRET")
    return response


async def read(request: web.Request) -> web.Response:
    return web.Response(text=COOKIE.read(request) or "nothing")


def add_routes(app: web.Application) -> None:
    app.router.add_get("/write", write)
    app.router.add_get("/read", read)


@pytest.fixture
async def pages(tmp_path: Path) -> AsyncIterator[Pages]:
    async with serve_pages(tmp_path, add_routes) as pages:
        yield pages


async def text_read(pages: Pages, cookie: str | None = None) -> str:
    headers = {} if cookie is None else {"Cookie": f"test={cookie}"}
    return await (await pages.client.get("/read", headers=headers)).text()


async def test_comes_back_as_written_and_cannot_be_read_on_the_way(pages: Pages) -> None:
    answer = await pages.client.get("/write")
    assert "SEKRET" not in answer.headers["Set-Cookie"]
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]
    assert await text_read(pages) == "SEKRET"


async def test_ends_by_our_clock(pages: Pages) -> None:
    await pages.client.get("/write")
    pages.world.now += 60
    assert await text_read(pages) == "nothing"


@pytest.mark.parametrize("junk", ["", "x", "AAAA", "A" * 64, "%%%", "=", "ž"])
async def test_junk_is_nothing(pages: Pages, junk: str) -> None:
    assert await text_read(pages, junk) == "nothing"


async def test_one_changed_character_is_nothing(pages: Pages) -> None:
    value = (await pages.client.get("/write")).cookies["test"].value
    pages.client.session.cookie_jar.clear()
    assert await text_read(pages, value) == "SEKRET"
    assert await text_read(pages, value[:40] + ("A" if value[40] != "A" else "B") + value[41:]) == "nothing"


async def test_does_not_open_under_another_name(pages: Pages) -> None:
    value = (await pages.client.get("/write")).cookies["test"].value
    other = SealedCookie(name="other", valid_seconds=60)
    request = make_mocked_request(
        "GET", "/", headers={"Cookie": f"other={value}; test={value}"}, app=pages.client.server.app
    )
    assert (COOKIE.read(request), other.read(request)) == ("SEKRET", None)


async def test_over_https_it_belongs_to_this_host_alone(tmp_path: Path) -> None:
    (tmp_path / "https").mkdir()
    async with serve_pages(tmp_path / "https", add_routes, public_url="https://relay.example.org") as pages:
        cookie = (await pages.client.get("/write")).headers["Set-Cookie"]
    assert cookie.startswith("__Host-test=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
