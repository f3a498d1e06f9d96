"""The list of messages: order, pages, filters, words and files."""

import csv
import io
import json
import re
from dataclasses import replace

import pytest

from relay.domain.delivery import Cause
from relay.domain.device_type import Display
from relay.domain.uplink import Kind
from relay.domain.verdict import Dead
from relay.store import messages
from tests.device_pages.owner import FAILED, MESSAGES, NOW, OVERVIEW, accept, page, post, settle, signed_in
from tests.pages import DEVICE, Pages

BOUND = ("https://hooks.example.com/in?key=1", "hooks.example.com")


def numbers(text: str) -> list[int]:
    """The sequence numbers in the order of the rows."""
    return [int(found) for found in re.findall(r'data-label="No\."><span>(\d+)', text)]


def link(text: str, rel: str) -> str:
    """Where the pages beside this one are."""
    found = re.search(rf'href="([^"]+)" rel="{rel}"', text)
    return found[1].replace("&amp;", "&") if found else ""


async def test_the_newest_by_the_networks_time_stands_first_whenever_it_came(pages: Pages) -> None:
    await signed_in(pages)
    for number, time in ((1, NOW - 60), (3, NOW), (2, NOW - 30)):
        await accept(pages, seq_number=number, time=time)
    await accept(pages, seq_number=9, kind=Kind.STATUS, data="")  # no message
    assert numbers(await page(pages, MESSAGES)) == [3, 2, 1]


async def test_one_leafs_through_the_pages_and_back_without_losing_any(pages: Pages) -> None:
    await signed_in(pages)
    for number in range(120):
        await accept(pages, seq_number=number, time=NOW - (120 - number) // 2)  # two in each second
    seen, path, way = [], MESSAGES, []
    while path:
        text = await page(pages, path)
        way.append(numbers(text))
        seen += numbers(text)
        path = link(text, "next")
    assert seen == list(range(119, -1, -1))
    back = link(text, "prev")
    middle = await page(pages, back)
    assert numbers(middle) == list(range(69, 19, -1))[:50]
    first = await page(pages, link(middle, "prev"))
    assert numbers(first)[0] == 119
    assert link(first, "prev") == ""


async def test_what_came_meanwhile_does_not_move_older_pages(pages: Pages) -> None:
    await signed_in(pages)
    for number in range(60):
        await accept(pages, seq_number=number, time=NOW - 100 + number)
    older = link(await page(pages, MESSAGES), "next")
    await accept(pages, seq_number=60, time=NOW)
    assert numbers(await page(pages, older)) == list(range(9, -1, -1))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("text=CAFE", [2]),
        ("text=0xca fe", [2]),
        ("state=delivered", [3]),
        ("state=dead", [2]),
        ("state=waiting", [1]),
        ("state=not_sent", []),
        ("downlink=1", [1]),
        ("from=2027-01-15", [3, 2, 1]),
        ("from=2027-01-16", []),
        ("to=2027-01-14", []),
        ("to=2027-01-15&text=cafe&state=dead", [2]),
        ("from=2027-01-16&to=2027-01-15", [3, 2, 1]),  # turned
        ("range=all", [3, 2, 1]),
        ("range=24h", [3, 2, 1]),
        ("range=1h&from=2020-01-01&to=2020-01-01", []),  # own days win
    ],
)
async def test_filters_stand_in_the_address(pages: Pages, query: str, found: list[int]) -> None:
    await pages.bind(*BOUND)
    await signed_in(pages)
    await accept(pages, seq_number=1, time=NOW - 2, ack=True)
    bad = await accept(pages, seq_number=2, time=NOW - 1, data="01cafe02")
    good = await accept(pages, seq_number=3, time=NOW)
    await settle(pages, bad.deliveries[0], Dead(Cause.SERVER_ERROR), **FAILED)
    await settle(pages, good.deliveries[0])
    assert numbers(await page(pages, f"{MESSAGES}?{query}")) == found


async def test_a_filter_that_makes_no_sense_says_so(pages: Pages) -> None:
    await signed_in(pages)
    await accept(pages, seq_number=1)
    query = "text=xyz&from=yesterday&state=%3Cb%3E"
    text = await page(pages, f"{MESSAGES}?{query}", 422)
    for words in ("Only digits 0-9", "This is not a day", "There is no such choice", "Nothing is shown"):
        assert words in text, words
    assert numbers(text) == []
    assert "<b>" not in text
    assert "Begin with the newest." in await page(pages, f"{MESSAGES}?before=nonsense", 422)
    assert "Takové období není" in await page(pages, f"{MESSAGES}?range=1y&lang=cs", 422)
    async with pages.client.get(f"{OVERVIEW}/messages.csv?{query}", allow_redirects=False) as answer:
        assert answer.headers["Location"] == f"{MESSAGES}?{query}"


async def test_an_empty_page_says_why_it_is_empty(pages: Pages) -> None:
    await signed_in(pages)
    await accept(pages, seq_number=1, time=NOW)
    for query, words in (
        ("text=beef", "No message matches here."),
        ("to=2026-10-01", "Nothing is left of this time. Messages are kept for 90 days."),
        ("before=1_1_00ff_data", "Nothing is older. Messages are kept for 90 days."),
        ("before=1_1_00ff_data&text=beef", "Nothing is older."),
    ):
        assert words in await page(pages, f"{MESSAGES}?{query}"), query
        log = await page(pages, f"{OVERVIEW}/deliveries?{query}")
        assert words.replace("message", "delivery") in log, query


@pytest.mark.parametrize(
    ("preset", "found"),
    [("1h", [0]), ("24h", [1, 0]), ("7d", [2, 1, 0]), ("30d", [4, 3, 2, 1, 0]), ("", None)],
)
async def test_a_range_ends_now_where_the_owner_lives(
    pages: Pages, preset: str, found: list[int] | None
) -> None:
    await pages.store.change_device(int(DEVICE, 16), lambda one: replace(one, time_zone="Asia/Tokyo"))
    await signed_in(pages)
    # Now it is 17:00 on 15 January in Tokyo: a week began on the 9th there, at 15:00 on the 8th in UTC.
    week = NOW - 6 * 86_400 - 17 * 3600
    for number, at in enumerate([NOW - 3600, NOW - 86_400, week, week - 1, week - 23 * 86_400]):
        await accept(pages, seq_number=number, time=at)
    await accept(pages, seq_number=9, time=week - 23 * 86_400 - 1)
    path = f"{MESSAGES}?range={preset}"
    shown = numbers(await page(pages, path))
    assert shown == (found or [0, 1, 2, 3, 4, 9])[:: -1 if found else 1]
    lines = await page(pages, path.replace("?", ".jsonl?"))
    assert [json.loads(line)["seq_number"] for line in lines.splitlines()] == shown


async def test_decoded_values_are_looked_for_by_the_present_decoder(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "DECODED_WINDOW", 3)
    await signed_in(pages)
    for number in range(20):
        await accept(pages, seq_number=number, time=NOW - number, data=f"{number:02x}")
    assert "not decoded" in await page(pages, f"{MESSAGES}?value=level%3E3", 422)
    grammar = "level::uint:8:unit=m spare::uint:8:if=level=7"
    await pages.store.change_device(
        int(DEVICE, 16), lambda one: replace(one, display=Display.CUSTOM, grammar=grammar)
    )
    assert numbers(await page(pages, f"{MESSAGES}?value=level%3E%3D2+level!%3D3+level<6")) == [2, 4, 5]
    first = await page(pages, f"{MESSAGES}?value=level%3D17&range=24h")
    assert "Nothing found so far." in first
    assert "Look further back" in first
    assert numbers(await page(pages, link(first, "next"))) == [17]
    lines = (await page(pages, f"{OVERVIEW}/messages.jsonl?value=level%3E17")).splitlines()
    assert [json.loads(line)["decoded.level"] for line in lines] == [18, 19]
    assert "decoded.level,decoded.spare" in await page(pages, f"{OVERVIEW}/messages.csv?value=level%3E17")
    assert "Pole `tlak` tu není" in await page(pages, f"{MESSAGES}?value=tlak%3E3&lang=cs", 422)


async def test_rows_tell_gaps_signal_decoded_values_and_what_became_of_them(pages: Pages) -> None:
    await pages.bind(*BOUND)
    await pages.store.change_device(
        int(DEVICE, 16), lambda one: replace(one, display=Display.CUSTOM, grammar="level::uint:16")
    )
    await signed_in(pages)
    await accept(pages, seq_number=4094, time=NOW - 10)
    taken = await accept(pages, seq_number=1, time=NOW, ack=True)
    await settle(pages, taken.deliveries[0])
    text = await page(pages, MESSAGES)
    for words in ("2 missed", "level 255", "-120.5", "Delivered", "Waiting", "Downlinks are off."):
        assert words in text, words
    assert "chybí" in await page(pages, f"{MESSAGES}?lang=cs")


async def test_a_gap_between_two_pages_is_told_at_the_end_of_the_first(pages: Pages) -> None:
    await signed_in(pages)
    for number in (1, *range(5, 55)):
        await accept(pages, seq_number=number, time=NOW - 100 + number)
    text = await page(pages, MESSAGES)
    assert numbers(text)[-1] == 5
    assert text.count("3 missed") == 1
    assert "3 missed" not in await page(pages, f"{MESSAGES}?text=00ff")  # what is between may not fit


async def test_a_message_shows_all_that_is_kept_of_it(pages: Pages) -> None:
    await pages.bind(*BOUND)
    await signed_in(pages)
    accepted = await accept(pages, seq_number=7)
    await settle(pages, accepted.deliveries[0], Dead(Cause.SERVER_ERROR), **FAILED)
    path = f"{OVERVIEW}/m/{accepted.uplink_id}"
    text = await page(pages, path)
    for words in (
        "Answered 500 Internal Server Error",
        "&lt;b&gt;broken&lt;/b&gt;",
        "{&#34;raw&#34;: &#34;callback&#34;}",
        accepted.deliveries[0].webhook_id,
        "POST https://hooks.example.com/in?key=1",
        "{&#34;snr&#34;:9.5,&#34;device&#34;:&#34;1A2B3C&#34;",
        "curl --globoff",
    ):
        assert words in text, words
    again = await post(pages, f"{path}/replay", delivery=str(accepted.deliveries[0].id))
    assert "The message is being sent again." in again
    async with pages.client.post(f"{path}/replay", data={"delivery": "99"}) as answer:
        assert answer.status == 404


async def test_another_devices_message_is_not_there(pages: Pages) -> None:
    await signed_in(pages)
    foreign = await accept(pages, device=0x4D5E6F, device_text="4D5E6F")
    for number in (foreign.uplink_id, 10**17):
        assert "Messages are kept for 90 days." in await page(pages, f"{OVERVIEW}/m/{number}", 404)


async def test_files_hold_what_the_filter_finds(pages: Pages) -> None:
    await pages.store.change_device(int(DEVICE, 16), lambda one: replace(one, display=Display.STRING))
    await signed_in(pages)
    for number, data in enumerate(["3d312b31", "6f6b", "ff"]):  # "=1+1", "ok"
        await accept(pages, seq_number=number, time=NOW + number, data=data)
    text = await page(pages, f"{OVERVIEW}/messages.csv")
    assert text.startswith("\ufefftime,seq_number,data")
    rows = list(csv.DictReader(io.StringIO(text[1:])))
    assert [row["decoded.text"] for row in rows][1:] == ["ok", "'=1+1"]
    assert rows[0]["time"] == "2027-01-15T08:00:02Z"
    czech = await page(pages, f"{OVERVIEW}/messages.csv?lang=cs&text=6f")
    assert czech.count("\r\n") == 2
    assert ";6f6b;-120,5;9,5;" in czech
    lines = (await page(pages, f"{OVERVIEW}/messages.jsonl?text=3d")).splitlines()
    assert [json.loads(line)["decoded.text"] for line in lines] == ["=1+1"]
