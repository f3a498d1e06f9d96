"""What stands around every page."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from relay.errors import StoreUnavailable
from relay.web.cross_site import is_own_origin
from relay.web.headers import is_page
from tests.pages import PUBLIC_URL, Pages, serve_pages

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def fail(_: web.Request) -> web.Response:
    raise RuntimeError("SEKRET in the message")


async def no_store(_: web.Request) -> web.Response:
    raise StoreUnavailable("disk full")


async def ingest(_: web.Request) -> web.Response:
    raise web.HTTPUnauthorized(text="bad secret")


def add_routes(app: web.Application) -> None:
    app.router.add_get("/fail", fail)
    app.router.add_get("/unsaved", no_store)
    app.router.add_post("/b/name", ingest)


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Pages]:
    async with serve_pages(
        tmp_path, add_routes, public_url="https://relay.example.org", trusted_proxies=["127.0.0.1"]
    ) as pages:
        yield pages


@pytest.mark.parametrize("path", ["/", "/form", "/nowhere", "/fail"])
async def test_every_page_comes_with_its_guards(guarded: Pages, path: str) -> None:
    headers = (await guarded.client.get(path)).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["Server"] == "sigfox-relay"


async def test_without_https_nobody_is_bound_to_it(pages: Pages) -> None:
    assert "Strict-Transport-Security" not in (await pages.client.get("/")).headers


async def test_what_programs_call_is_left_alone(guarded: Pages) -> None:
    answer = await guarded.client.post("/b/name", headers={"Origin": "https://evil.example"})
    assert (answer.status, await answer.text()) == (401, "bad secret")
    assert "Content-Security-Policy" not in answer.headers
    assert answer.headers["Server"] == "sigfox-relay"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", True),
        ("/form", True),
        ("/bin/name", True),
        ("/b", False),
        ("/api/x", False),
        ("*", True),
    ],
)
def test_paths_are_pages_or_not(path: str, expected: bool) -> None:
    assert is_page(path) is expected


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 422),
        ({"Origin": PUBLIC_URL}, 422),
        ({"Sec-Fetch-Site": "same-origin"}, 422),
        ({"Sec-Fetch-Site": "none"}, 422),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://behind.example"}, 422),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": PUBLIC_URL}, 403),
        ({"Sec-Fetch-Site": "junk"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://relay.example.org:81"}, 403),
        ({"Origin": "http://127.0.0.1"}, 403),
    ],
)
async def test_posts_from_other_sites_are_refused(pages: Pages, headers: dict[str, str], status: int) -> None:
    assert (await pages.client.post("/form", data=b"", headers=FORM | headers)).status == status


@pytest.mark.parametrize(
    ("origin", "public_url", "own"),
    [
        ("http://localhost:8080", "http://127.0.0.1:8080", True),
        ("http://[::1]:8080", "http://127.0.0.1:8080", True),
        ("http://localhost:8081", "http://127.0.0.1:8080", False),
        ("https://localhost:8080", "http://127.0.0.1:8080", False),
        ("http://localhost.evil.example:8080", "http://127.0.0.1:8080", False),
        ("https://relay.example:443", "https://relay.example", True),
        ("https://RELAY.example", "https://relay.example", True),
        ("http://localhost", "https://relay.example", False),
        ("http://[", "https://relay.example", False),
    ],
)
def test_on_loopback_all_names_of_this_machine_are_one(origin: str, public_url: str, own: bool) -> None:
    assert is_own_origin(origin, public_url) is own


async def test_an_unexpected_failure_is_logged_and_told_without_details(
    guarded: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await guarded.client.get("/fail?key=QUERY")
    page = await answer.text()
    assert answer.status == 500
    assert "SEKRET" not in page
    assert "Traceback" not in page
    (record,) = [record for record in caplog.records if record.message == "request.failed"]
    assert record.levelno == logging.ERROR
    assert record.__dict__["request_id"] in page
    assert "QUERY" not in repr(record.__dict__)


async def test_what_cannot_be_saved_now_may_be_later(guarded: Pages) -> None:
    answer = await guarded.client.get("/unsaved")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "60")


async def test_programs_get_problems_as_json(guarded: Pages) -> None:
    answer = await guarded.client.get("/nowhere?lang=cs", headers={"Accept": "application/json"})
    assert answer.content_type == "application/problem+json"
    problem = json.loads(await answer.text())
    assert (problem["status"], problem["title"]) == (404, "Taková stránka tu není")
    assert problem["request_id"] == answer.headers["X-Request-ID"]


async def test_a_method_that_is_not_allowed_names_those_that_are(pages: Pages) -> None:
    answer = await pages.client.put("/form")
    assert answer.status == 405
    assert set(answer.headers["Allow"].split(",")) == {"GET", "HEAD", "POST"}


async def test_a_trusted_proxy_names_requests(guarded: Pages) -> None:
    named = await guarded.client.get("/", headers={"X-Request-ID": "abc-123-def"})
    odd = await guarded.client.get("/", headers={"X-Request-ID": "<script>alert(1)"})
    assert named.headers["X-Request-ID"] == "abc-123-def"
    assert odd.headers["X-Request-ID"].isalnum()


async def test_strangers_do_not_name_requests(pages: Pages) -> None:
    answer = await pages.client.get("/", headers={"X-Request-ID": "abc-123-def"})
    assert answer.headers["X-Request-ID"] != "abc-123-def"


async def test_language_and_colours_are_kept_in_cookies(pages: Pages) -> None:
    chosen = await (await pages.client.get("/form?lang=cs&theme=dark")).text()
    later = await (await pages.client.get("/")).text()
    for page in (chosen, later):
        assert '<html lang="cs" data-theme="dark">' in page


async def test_unknown_choices_change_nothing(pages: Pages) -> None:
    answer = await pages.client.get("/?lang=xx&theme=<b>")
    assert "Set-Cookie" not in answer.headers
    assert '<html lang="en" data-theme="system">' in await answer.text()


async def test_links_that_change_the_language_keep_the_query(pages: Pages) -> None:
    page = await (await pages.client.get('/?a=1&b="><script>')).text()
    assert "?a=1&amp;b=%22%3E%3Cscript%3E&amp;lang=cs" in page
    assert "<script>" not in page
