"""The help tells what this installation does, not what installations mostly do."""

import html
import re
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from relay.config.model import ForwarderSettings
from relay.decoder import PRESETS, Kind
from relay.decoder.options import OPTIONS
from relay.domain.endpoint_options import KINDS
from relay.domain.variables import VARIABLES
from relay.domain.webhook import USER_AGENT
from relay.help.decoding import TYPES
from relay.help.schedule import in_hours
from tests.pages import PUBLIC_KEY, Pages, serve_pages

ROW = re.compile(r"<tr><th scope=\"row\">(\d+)</th><td>([^<]*)</td><td>([^<]*)</td></tr>")


async def text_of(pages: Pages, query: str = "") -> str:
    """The page as it reads, without its marks."""
    return plain(await source_of(pages, query))


async def source_of(pages: Pages, query: str = "") -> str:
    answer = await pages.client.get(f"/docs{query}")
    assert answer.status == 200
    return await answer.text()


def plain(source: str) -> str:
    text = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", source)))
    return text.replace("\N{NO-BREAK SPACE}", " ")


async def test_every_chapter_is_in_the_contents_and_every_link_on_the_page_leads_there(pages: Pages) -> None:
    source = await source_of(pages)
    ids = re.findall(r'\bid="([^"]+)"', source)
    chapters = re.findall(r'<section class="sheet" id="([^"]+)"', source)
    links = re.findall(r'href="#([^"]+)"', source)

    assert len(ids) == len(set(ids))
    assert set(chapters) <= set(links) <= set(ids)


async def test_every_other_link_of_the_page_leads_somewhere(pages: Pages) -> None:
    links = set(re.findall(r'href="(/[^"#?]*)"', await source_of(pages))) - {"/.well-known/sigfox-relay.json"}

    assert {link: (await pages.client.get(link)).status for link in links} == dict.fromkeys(links, 200)


async def test_tries_are_those_of_the_schedule_with_their_sum(pages: Pages) -> None:
    schedule = ForwarderSettings().schedule
    rows = ROW.findall(await source_of(pages))

    assert [int(number) for number, _, _ in rows] == list(range(1, len(schedule) + 1))
    assert [total for _, _, total in rows] == [in_hours(each) for each in accumulate(schedule)]
    assert rows[0][1] == "at once"
    assert rows[3][1:] == ("5\N{NO-BREAK SPACE}min", "5\N{NO-BREAK SPACE}min 35\N{NO-BREAK SPACE}s")


async def test_other_settings_make_another_page(tmp_path: Path) -> None:
    forwarder = {
        "schedule": ["0s", "7m", "3h"],
        "timeout": "11s",
        "suspend_after": "9d",
        "per_endpoint": 17,
        "allow_http": False,
        "egress_addresses": ["198.51.100.7", "2001:db8::/64"],
    }
    settings: dict[str, Any] = {
        "forwarder": forwarder,
        "retention": {"messages": "33d", "attempts": "36h"},
        "sigfox": {"secrets": ["s" * 40], "ask_within": "2500ms"},
    }
    async with serve_pages(tmp_path, **settings) as pages:
        source = await source_of(pages)
    text = plain(source)

    assert [number for number, _, _ in ROW.findall(source)] == ["1", "2", "3"]
    for told in (
        "After 3 tries, which is after 3 h 7 min, it waits",
        "within 11 s",
        "it is suspended: 9 days",
        "Our requests come from: 198.51.100.7, 2001:db8::/64",
        "Only addresses with https:// are taken.",
        "messages33 days",
        "with the answers36 h",
        "within 2 s 500 ms",
        "to one webhook17",
    ):
        assert told in text


async def test_tells_how_our_requests_are_known(pages: Pages) -> None:
    source = await source_of(pages)

    assert USER_AGENT in source
    assert html.escape(PUBLIC_KEY) in source
    for language in ("Python", "Node.js", "Node-RED", "PHP", "C#", "Go"):
        assert f"<summary>{language}</summary>" in source


async def test_holds_all_that_the_code_knows(pages: Pages) -> None:
    text = await text_of(pages)

    assert set(TYPES) == set(Kind)
    for name in (*OPTIONS, *KINDS, *(f"preset:{name}" for name in PRESETS)):
        assert name in text
    for name in VARIABLES:
        assert f"{{{name}}}" in text


async def test_examples_are_read_by_the_decoder(pages: Pages) -> None:
    text = await text_of(pages)

    assert "2c00t 22.0 °C" in text
    assert "0f090072150048be → boot false, temperature 4.5 °C, humidity 57.0 %" in text


async def test_is_in_the_language_of_the_reader_and_linked_from_every_page(pages: Pages) -> None:
    assert "Kdy to zkoušíme znovu" in await text_of(pages, "?lang=cs")
    for path in ("/", "/form", "/signin", "/nowhere"):
        assert 'href="/docs"' in await (await pages.client.get(path)).text()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.5, "500 ms"), (90, "1 min 30 s"), (272135, "75 h 35 min 35 s"), (86400, "24 h")],
)
def test_lengths_are_in_hours_and_smaller(seconds: float, text: str) -> None:
    assert in_hours(seconds).replace("\N{NO-BREAK SPACE}", " ") == text
