"""Signing in and out: who gets in, and what a foreign device looks like."""

from pathlib import Path

import pytest

from relay.domain.tries import DEVICE_LIMIT
from relay.store.driver import rows_of
from relay.store.sessions import IDLE_MS, LONGEST_MS
from tests.pages import DEVICE, EMAIL, FIELDS, OTHER_DEVICE, OTHER_TOKEN, TOKEN, Pages, serve_pages
from tests.wire import exchange, request_bytes

OVERVIEW = f"/devices/{DEVICE}"
WRONG = "do not belong together"


async def sign_in(pages: Pages, device: str = DEVICE, token: str = TOKEN, **more: str) -> tuple[int, str]:
    """The answer's status, and where it leads or what it shows."""
    fields = {"device_id": device, "token": token, **more}
    async with pages.client.post("/signin", data=fields, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location") or await answer.text()


async def status(pages: Pages, path: str) -> int:
    async with pages.client.get(path, allow_redirects=False) as answer:
        return answer.status


async def test_an_owner_signs_in_with_device_and_token(pages: Pages) -> None:
    assert await sign_in(pages, "1a 2b 3c", f" {TOKEN} ") == (303, OVERVIEW)
    async with pages.client.get(OVERVIEW) as page:
        assert (page.status, page.headers["Cache-Control"]) == (200, "no-store")
        assert DEVICE in await page.text()


async def test_whoever_is_not_signed_in_is_asked_to_and_comes_back(pages: Pages) -> None:
    for device in (DEVICE, "FFFF"):  # whether there is such a device cannot be seen
        async with pages.client.get(f"/devices/{device}?a=1&b=x%20y", allow_redirects=False) as answer:
            assert answer.status == 303
            location = answer.headers["Location"]
            assert location == f"/signin?next=/devices/{device}%3Fa%3D1%26b%3Dx%2520y"
    async with pages.client.get(f"/signin?next=/devices/{DEVICE}%3Fa%3D1") as form:
        assert f'name="next" value="/devices/{DEVICE}?a=1"' in await form.text()
    assert await sign_in(pages, next=f"/devices/{DEVICE}?a=1") == (303, f"/devices/{DEVICE}?a=1")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example/devices/1A2B3C",
        "/devices/1A2B3C\\@evil.example",
        "https://evil.example",
        "/devices/4D5E6F",
        "/devices/1A2B3C/\r\nX: y",
        "/signout",
    ],
)
async def test_a_sign_in_leads_nowhere_else(pages: Pages, elsewhere: str) -> None:
    assert await sign_in(pages, next=elsewhere) == (303, OVERVIEW)


async def test_a_cookie_of_any_bytes_signs_nobody_in(pages: Pages) -> None:
    request = request_bytes("GET", "/devices", {"Cookie": "session=\udcff\udcfe"}, b"")
    reply = await exchange(pages.client.port or 0, request)
    assert (reply.status, "location: /signin" in reply.head.lower()) == (303, True)


async def test_a_foreign_device_is_not_there(pages: Pages) -> None:
    await sign_in(pages)
    assert await status(pages, f"/devices/{OTHER_DEVICE}") == 404
    assert await status(pages, "/devices/FFFF") == 404


@pytest.mark.parametrize(("device", "token"), [(DEVICE, "gue55"), ("FFFF", TOKEN), (OTHER_DEVICE, TOKEN)])
async def test_all_wrong_pairs_get_one_answer(pages: Pages, device: str, token: str) -> None:
    answer, page = await sign_in(pages, device, token)
    assert answer == 422
    assert WRONG in page
    assert token not in page
    assert await status(pages, f"/devices/{device}") == 303


async def test_what_is_missing_is_said_at_its_field(pages: Pages) -> None:
    answer, page = await sign_in(pages, "XYZ", "")
    assert answer == 422
    assert "1 to 8 characters" in page
    assert "Enter the token" in page


async def test_wrong_tries_are_limited_as_at_the_form(pages: Pages) -> None:
    for _ in range(DEVICE_LIMIT.tries):
        assert (await sign_in(pages, token="wrong"))[0] == 422
    assert (await sign_in(pages, token="wrong"))[0] == 429


async def test_one_browser_holds_several_devices(pages: Pages) -> None:
    await sign_in(pages)
    assert await sign_in(pages, OTHER_DEVICE, OTHER_TOKEN) == (303, f"/devices/{OTHER_DEVICE}")
    assert await status(pages, OVERVIEW) == 200
    async with pages.client.get(f"/devices/{OTHER_DEVICE}") as page:
        assert f'href="/devices/{DEVICE}"' in await page.text()


async def test_each_sign_in_gets_a_new_cookie_and_the_database_no_more_than_its_digest(pages: Pages) -> None:
    await sign_in(pages)
    first = _cookie(pages)
    await sign_in(pages, OTHER_DEVICE, OTHER_TOKEN)
    second = _cookie(pages)
    assert len({first, second}) == 2
    rows = await pages.store.driver.transact(rows_of("read_session", digest=b"", now_ms=0))
    assert not rows
    pages.client.session.cookie_jar.clear()
    pages.client.session.cookie_jar.update_cookies({"session": first})
    assert await status(pages, OVERVIEW) == 303


def _cookie(pages: Pages) -> str:
    (cookie,) = [one for one in pages.client.session.cookie_jar if one.key == "session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    return cookie.value


async def test_over_https_no_other_host_can_set_the_cookie(tmp_path: Path) -> None:
    async with serve_pages(tmp_path, public_url="https://relay.example.org") as pages:
        fields = {"device_id": DEVICE, "token": TOKEN}
        async with pages.client.post("/signin", data=fields, allow_redirects=False) as answer:
            (cookie,) = answer.headers.getall("Set-Cookie")
            assert cookie.startswith("__Host-session=")
            assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))


async def test_a_session_ends_when_it_is_not_used_and_goes_on_when_it_is(pages: Pages) -> None:
    await sign_in(pages)
    for _ in range(3):
        pages.world.now += IDLE_MS / 1000 - 60
        assert await status(pages, OVERVIEW) == 200
    pages.world.now += IDLE_MS / 1000 + 1
    assert await status(pages, OVERVIEW) == 303


async def test_a_session_ends_after_a_while_however_much_it_is_used(pages: Pages) -> None:
    await sign_in(pages)
    for _ in range(LONGEST_MS // (IDLE_MS - 60_000)):
        pages.world.now += IDLE_MS / 1000 - 60
        assert await status(pages, OVERVIEW) == 200
    pages.world.now += IDLE_MS / 1000 - 60
    assert await status(pages, OVERVIEW) == 303


async def test_signing_out_ends_the_session(pages: Pages) -> None:
    await sign_in(pages)
    token = _cookie(pages)
    async with pages.client.post("/signout", data={}) as page:
        assert "You are signed out." in await page.text()
    pages.client.session.cookie_jar.update_cookies({"session": token})
    assert await status(pages, OVERVIEW) == 303


async def test_signing_out_everywhere_ends_all_sessions_of_the_device(pages: Pages) -> None:
    await sign_in(pages)
    elsewhere = _cookie(pages)
    pages.client.session.cookie_jar.clear()
    await sign_in(pages)
    async with pages.client.post(f"{OVERVIEW}/signout-everywhere", data={}) as page:
        assert "Nobody is signed in" in await page.text()
    pages.client.session.cookie_jar.update_cookies({"session": elsewhere})
    assert await status(pages, OVERVIEW) == 303


async def test_posts_from_other_sites_are_refused(pages: Pages) -> None:
    await sign_in(pages)
    for path in ("/signin", "/signout", f"{OVERVIEW}/signout-everywhere"):
        async with pages.client.post(path, data={}, headers={"Sec-Fetch-Site": "cross-site"}) as answer:
            assert answer.status == 403
    assert await status(pages, OVERVIEW) == 200


async def test_who_registered_is_signed_in(pages: Pages) -> None:
    async with pages.client.post("/form", data=FIELDS) as page:
        assert f'href="{OVERVIEW}"' in await page.text()
    assert await status(pages, OVERVIEW) == 200


async def test_a_device_that_is_forgotten_is_signed_out(pages: Pages) -> None:
    await sign_in(pages)
    await pages.client.post("/form/delete", data={"device_id": DEVICE, "token": TOKEN, "email": EMAIL})
    assert await status(pages, OVERVIEW) == 303


async def test_my_devices_leads_to_them(pages: Pages) -> None:
    async with pages.client.get("/devices", allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/signin"
    await sign_in(pages)
    async with pages.client.get("/devices", allow_redirects=False) as answer:
        assert answer.headers["Location"] == OVERVIEW
