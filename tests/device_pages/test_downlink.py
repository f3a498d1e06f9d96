"""The page of downlinks: the ways to one, the queue, and what became of those before."""

from html import unescape

import pytest

from relay.store.downlinks import MOST_PENDING, Downlinks, Push
from tests.device_pages.owner import accept, signed_in
from tests.pages import DEVICE, OTHER_DEVICE, OTHER_TOKEN, Pages

DOWNLINK = f"/devices/{DEVICE}/downlink"
NUMBER = int(DEVICE, 16)
HEX = "0102030405060708"


async def get(pages: Pages, path: str = DOWNLINK, status: int = 200) -> str:
    async with pages.client.get(path) as page:
        assert page.status == status
        return unescape(await page.text())


async def post(pages: Pages, status: int = 200, path: str = DOWNLINK, **fields: str) -> str:
    async with pages.client.post(path, data=fields) as page:
        assert page.status == status
        return unescape(await page.text())


async def test_a_template_is_previewed_then_set(pages: Pages) -> None:
    await signed_in(pages)
    mode = {"chain-1": "queue", "chain-2": "direct", "chain-3": "", "downlink_template": "{time}0000{rssi}"}
    page = await post(pages, do="preview", **mode)
    assert f"{round(pages.world.now):08x}0000ff78" in page
    assert "8 of 8 bytes" in page
    assert "<strong>Off</strong>" in page
    page = await post(pages, do="mode", **mode)
    assert "<strong>Queue → Template</strong>" in page
    device = await pages.store.find_device(NUMBER)
    assert device is not None
    assert (device.downlink_chain, device.downlink_template) == ("queue,direct", "{time}0000{rssi}")
    page = await post(pages, do="mode", **{"chain-1": "none", "downlink_template": ""})
    assert "<strong>Off</strong>" in page


@pytest.mark.parametrize(
    ("chain", "template", "sentence"),
    [
        (("queue", "queue"), "", "Each way can stand only once."),
        (("", "queue"), "", "Choose the first way here, too"),
        (("direct", ""), "", "To answer by the template, write one."),
        (("queue", ""), "{time}00", "Column 9: this makes 5 bytes; a downlink needs exactly 8"),
    ],
)
async def test_a_wrong_way_is_refused(
    pages: Pages, chain: tuple[str, str], template: str, sentence: str
) -> None:
    await signed_in(pages)
    mode = {"chain-1": chain[0], "chain-2": chain[1], "downlink_template": template}
    page = await post(pages, 422, do="mode", **mode)
    assert sentence in page
    assert f'value="{template}"' in page
    await post(pages, 400, do="mode", **{"chain-1": "magic"})


async def test_wrong_ways_and_a_wrong_template_are_told_at_once(pages: Pages) -> None:
    await signed_in(pages)
    mode = {"chain-1": "queue", "chain-2": "ask", "chain-3": "queue", "downlink_template": "{time}00"}
    for do in ("mode", "preview"):
        page = await post(pages, 422, do=do, **mode)
        assert '<a href="#chain-3">Each way can stand only once.' in page
        assert '<a href="#downlink_template">Column 9: ' in page


async def test_a_template_alone_is_answered(pages: Pages) -> None:
    await signed_in(pages)
    alone = {"chain-1": "", "downlink_template": "{time}0000{rssi}"}
    assert "<strong>Template</strong>" in await post(pages, do="mode", **alone)


async def test_the_queue_takes_hex_lets_go_of_one_and_is_emptied_after_a_question(pages: Pages) -> None:
    await signed_in(pages)
    page = await post(pages, 422, do="push", data=HEX[:-2], label="x" * 61, expires="30", tries="6")
    assert "A downlink is exactly 8 bytes, 16 characters. You entered 14." in page
    assert "A label has at most 60 characters" in page
    assert "Write how many tries there may be, from 1 to 5." in page
    assert '<option value="30" selected>30 days</option>' in page
    await post(pages, do="push", data="01 02 03 04 05 06 07 08", label="lights on", expires="7", tries="3")
    page = await post(pages, do="push", data="FFFFFFFFFFFFFFFF")
    assert "lights on" in page
    assert "0 / 3" in page
    assert "None of these is sent" in page
    downlinks = Downlinks(pages.store.driver)
    first, second = (await downlinks.list(NUMBER)).pending
    assert first.expires_at_ms == round(pages.world.now * 1000) + 7 * 86_400_000
    assert "Taken out of the queue." in await post(pages, do="cancel", downlink=str(first.id))
    assert "not in the queue any more" in await post(pages, do="cancel", downlink=str(first.id))
    assert "1 downlink waits. It will not be sent." in await get(pages, f"{DOWNLINK}/empty")
    page = await post(pages, path=f"{DOWNLINK}/empty")
    assert "The queue is empty." in page
    assert "Taken out of the queue." in page  # told of each in the history
    found = await downlinks.find(second.id)
    assert found is not None
    assert found.state == "cancelled"


async def test_a_full_queue_says_so(pages: Pages) -> None:
    await signed_in(pages)
    for _ in range(MOST_PENDING):
        await Downlinks(pages.store.driver).push(Push(device=NUMBER, data=HEX), 0)
    assert f"at most {MOST_PENDING} downlinks" in await post(pages, 422, do="push", data=HEX)


async def test_what_was_handed_over_is_told_with_its_quota(pages: Pages) -> None:
    await signed_in(pages)
    await post(pages, do="mode", **{"chain-1": "queue", "downlink_template": ""})
    await post(pages, do="push", data=HEX)
    assert (await accept(pages, ack=True)).downlink == HEX
    page = await get(pages)
    assert "None of these is sent" not in page
    assert "Used today (UTC): 1." in page
    assert "Handed to Sigfox." in await get(pages, f"{DOWNLINK}?before={10**30}")
    assert "Handed to Sigfox." in page


async def test_past_the_end_of_the_history_the_queue_still_stands_and_a_link_leads_back(pages: Pages) -> None:
    await signed_in(pages)
    await post(pages, do="push", data=HEX)
    page = await get(pages, f"{DOWNLINK}?before=1")
    assert HEX in page
    assert "There is nothing older." in page
    assert f'href="{DOWNLINK}#history"' in page


async def test_nobody_touches_the_queue_of_another_device(pages: Pages) -> None:
    await signed_in(pages)
    await post(pages, do="push", data=HEX)
    (waiting,) = (await Downlinks(pages.store.driver).list(NUMBER)).pending
    await signed_in(pages, OTHER_DEVICE, OTHER_TOKEN)
    path = f"/devices/{OTHER_DEVICE}/downlink"
    await post(pages, 404, path, do="cancel", downlink=str(waiting.id))
    assert "No downlink was sent yet." in await get(pages, path)
