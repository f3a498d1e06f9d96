"""The page of privacy tells what this installation keeps, by its own settings."""

from pathlib import Path

import pytest

from tests.help.test_help import plain
from tests.pages import Pages, serve_pages


async def text_of(pages: Pages, query: str = "") -> str:
    async with pages.client.get(f"/privacy{query}") as answer:
        assert answer.status == 200
        return plain((await answer.text()).replace("</dt>", " "))


async def test_how_long_things_are_kept_is_that_of_the_settings(tmp_path: Path) -> None:
    kept = {"messages": "45d", "attempts": "36h", "events": "100d"}
    async with serve_pages(tmp_path, retention=kept, ui={"operator_name": "Moduly s.r.o."}) as pages:
        page = await text_of(pages, "?lang=en")
        assert "messages 45 days" in page
        assert "attempts to deliver them, with the answers 36 h" in page
        assert "what was done to a device, with the internet address 100 days" in page
        assert "The operator of this service, Moduly s.r.o." in page
        assert "zprávy 45 dní" in await text_of(pages, "?lang=cs")


@pytest.mark.parametrize("tiles", ["", "https://{s}.tiles.example.org/{z}/{x}/{y}.png"])
async def test_a_server_that_draws_the_map_is_named(tmp_path: Path, tiles: str) -> None:
    async with serve_pages(tmp_path, map={"tiles": tiles}) as pages:
        page = await text_of(pages)
        assert ("tiles.example.org draws the background" in page) is bool(tiles)
        assert ("load nothing from other servers" in page) is not bool(tiles)


async def test_every_page_leads_there_and_it_leads_to_the_end_of_it_all(tmp_path: Path) -> None:
    async with serve_pages(tmp_path) as pages:
        for path in ("/", "/form", "/docs", "/signin"):
            async with pages.client.get(path) as answer:
                assert 'href="/privacy"' in await answer.text()
        async with pages.client.get("/privacy") as answer:
            source = await answer.text()
        for link in ("/form/delete", "/signin"):
            assert f'href="{link}"' in source
        async with pages.client.get("/robots.txt") as answer:
            assert "Allow: /privacy$" in await answer.text()
