"""The home page and the small files beside it."""

from tests.pages import Pages


async def test_leads_to_the_form(pages: Pages) -> None:
    page = await (await pages.client.get("/")).text()
    assert 'href="/form"' in page
    for name in ("snr", "device", "rssi", "time", "data"):
        assert f"<code>{name}</code>" in page


async def test_robots_may_see_what_is_for_everybody(pages: Pages) -> None:
    answer = await pages.client.get("/robots.txt")
    assert answer.content_type == "text/plain"
    assert "Disallow: /\n" in await answer.text()


async def test_the_icon_is_found_at_its_old_place(pages: Pages) -> None:
    answer = await pages.client.get("/favicon.ico")
    assert (answer.status, answer.content_type) == (200, "image/svg+xml")
