"""Charts over real HTTP: each range, the tables behind them, their files, and what is said without values."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from relay.device_pages import charts
from relay.domain.device_type import Display
from relay.domain.uplink import Kind, Uplink
from relay.store.records import Incoming, RawCallback
from relay.store.tallying import tally
from tests.pages import DEVICE, TOKEN, Pages, serve_pages

CHARTS = f"/devices/{DEVICE}/charts"
DAY = 24 * 3600
WAIT_SECONDS = 60.0


@pytest.fixture
async def pages(tmp_path: Path) -> AsyncIterator[Pages]:
    """Somebody is signed in; the clock stands at 09:00 in Prague on 15 January 2027."""
    async with serve_pages(tmp_path) as pages:
        await pages.client.post("/signin", data={"device_id": DEVICE, "token": TOKEN})
        yield pages


async def hear(pages: Pages, age_seconds: int, **facts: object) -> None:
    at = int(pages.world.now) - age_seconds
    given = {"data": "1900fa", "rssi": -120.0, "snr": 12.5, "seq_number": age_seconds, **facts}
    uplink = Uplink(device=int(DEVICE, 16), device_text=DEVICE, time=at, **given)  # type: ignore[arg-type]
    raw = RawCallback(method="GET", query="", content_type="", body="")
    incoming = Incoming(uplink=uplink, raw=raw, received_at_ms=at * 1000, lease_until_ms=0)
    await pages.store.accept(incoming, WAIT_SECONDS)


async def count(pages: Pages) -> None:
    while await pages.store.driver.transact(tally(round(pages.world.now * 1000))):
        pass


async def decode(pages: Pages, grammar: str) -> None:
    await pages.store.change_device(
        int(DEVICE, 16), lambda device: replace(device, display=Display.CUSTOM, grammar=grammar)
    )


async def look(pages: Pages, path: str, status: int = 200) -> str:
    async with pages.client.get(path) as answer:
        assert answer.status == status
        return (await answer.text()).replace("\N{NO-BREAK SPACE}", " ")


async def test_charts_show_what_came_and_what_it_says(pages: Pages) -> None:
    await decode(pages, "moving::bool:0 count::uint:8 celsius::int:16:scale=0.1:unit=°C")
    await hear(pages, 3600, data="0500fa")
    await hear(pages, 60, data="07ffec", snr=7.5)
    await hear(pages, 50, kind=Kind.STATUS, data="", more={"batt": 3.2, "temp": 21.0})
    await count(pages)
    page = await look(pages, f"{CHARTS}?range=24h")
    assert re.findall(r"<h3>([^<]*?) ?<", page) == [
        "count",
        "celsius",
        "Messages",
        "Bytes",
        "Missed messages",
        "Signal to noise (SNR)",
        "Signal strength (RSSI)",
        "Temperature of the module",
        "Voltage of the module",
    ]
    assert "from -2 to 25, mean 11.5" in page
    assert "2 in all" in page
    assert "<tr><td>15 Jan 2027, 08:59:00<td>-2\n" in page.replace("\r", "")
    assert page.count('<svg class="chart"') == 9
    assert "style=" not in page
    assert "celkem 2" in await look(pages, f"{CHARTS}?range=24h&lang=cs")


async def test_each_range_has_its_steps(pages: Pages) -> None:
    for days in (0, 3, 20, 200):
        await hear(pages, days * DAY)
    await count(pages)
    for query, rows, messages in (
        ("range=24h", 24, 1),
        ("", 6 * 24 + 10, 2),
        ("range=31d", 31, 3),
        ("range=1y", 365, 4),
        ("from=2026-12-26&to=2026-12-26", 24, 1),
        ("from=2026-12-01&to=2026-12-31", 31, 1),
        ("from=2026-12-31&to=2026-12-01", 31, 1),
    ):
        page = await look(pages, f"{CHARTS}?{query}")
        table = page.partition('id="messages"')[2].partition("</table>")[0]
        assert (table.count("<tr><td>"), f"{messages} in all" in table) == (rows, True), query


async def test_many_values_are_put_together(pages: Pages) -> None:
    await decode(pages, "count::uint:8")
    for number in range(201):
        await hear(pages, 60 + number, data=f"{number:02x}")
    page = await look(pages, f"{CHARTS}?range=24h")
    assert "the band goes from the lowest to the highest" in page
    async with pages.client.get(f"{CHARTS}.csv?range=24h&chart=decoded.count") as answer:
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{DEVICE}-chart.csv"'
        header, row = (await answer.text()).splitlines()
    assert header == "\ufefftime,mean,lowest,highest"
    assert row == "2027-01-15T07:00:00Z,100,0,200"


async def test_a_sample_is_called_a_sample(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        await hear(pages, 60 + number)
        await hear(pages, 60 + number, kind=Kind.DATA_ADVANCED, more={"lqi": "GOOD"})
    await count(pages)
    assert "Link quality by the day, from all messages." in await look(pages, CHARTS)
    monkeypatch.setattr(charts, "MOST_READ", 2)
    page = await look(pages, CHARTS)
    assert "Link quality by the day, from at most 2 messages, evenly over the time." in page
    assert "of 1 that came with one, 100 % excellent or good" in page


async def test_a_chart_without_values_leads_to_where_they_are(pages: Pages) -> None:
    assert "has not sent a message" in await look(pages, CHARTS)
    await hear(pages, 40 * DAY)
    await count(pages)
    page = await look(pages, CHARTS)
    assert "No values in this range. Last message 1 month ago." in page
    link = re.search(r'href="([^"]*)">Show that day', page)
    assert link
    assert "1 in all" in await look(pages, link[1].replace("&amp;", "&"))
    assert "Set a decoder" in await look(pages, f"{CHARTS}?range=1y")


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("from=yesterday", ["from"]),
        ("to=2026-02-31", ["to"]),
        ("from=9999-12-31&to=0001-01-01", ["from", "to"]),
        ("range=%3Cb%3E&chart=rssi", ["range"]),
        ("range=custom", ["range"]),
    ],
)
async def test_a_time_that_makes_no_sense_is_told_and_nothing_is_drawn(
    pages: Pages, query: str, wrong: list[str]
) -> None:
    await hear(pages, 60)
    await count(pages)
    page = await look(pages, f"{CHARTS}?{query}", 422)
    assert re.findall('<li><a href="#([^"]+)">', page) == wrong
    assert "Nothing is drawn" in page
    assert '<svg class="chart"' not in page
    async with pages.client.get(f"{CHARTS}.csv?{query}", allow_redirects=False) as answer:
        assert answer.headers["Location"] == f"{CHARTS}?{query}"


async def test_more_than_a_year_is_cut_and_that_is_told(pages: Pages) -> None:
    assert "Charts show a year at most" in await look(pages, f"{CHARTS}?from=2020-01-01&to=2026-12-31")


async def test_there_is_no_file_of_a_chart_that_there_is_not(pages: Pages) -> None:
    async with pages.client.get(f"{CHARTS}.csv?chart=nothing") as answer:
        assert answer.status == 404


async def test_numbers_without_measure_are_left_out(pages: Pages) -> None:
    await decode(pages, "huge::float:64 fine::uint:8")
    await hear(pages, 60, data="7fe000000000000007")
    await hear(pages, 30, data="ffe000000000000009")
    page = await look(pages, f"{CHARTS}?range=24h")
    assert "<h3>fine" in page
    assert "<h3>huge" not in page
