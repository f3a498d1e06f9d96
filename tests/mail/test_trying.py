"""An owner sees whether alerts arrive, before anything happens."""

from pathlib import Path

import trustme

from relay.store.activity import read_activity
from tests.mail.letterbox import SMTP, Letterbox
from tests.pages import DEVICE, EMAIL, TOKEN, Pages, serve_pages

SETTINGS = f"/devices/{DEVICE}/settings"
BUTTON = "Send a test mail"


async def after(pages: Pages, **fields: str) -> str:
    """The page of settings, after something was posted there."""
    async with pages.client.post(SETTINGS, data=fields) as answer:
        assert answer.status == 200
        return await answer.text()


async def test_a_test_mail_goes_to_the_address_of_the_order_until_another_is_set(
    tmp_path: Path, authority: trustme.CA
) -> None:
    async with serve_pages(tmp_path, smtp=SMTP) as pages:
        letterbox = Letterbox(pages, authority)
        await pages.client.post("/signin", data={"device_id": DEVICE, "token": TOKEN})
        assert "A test mail is on its way." in await after(pages, do="try-mail")
        assert "Alerts go to a@example.net." in await after(
            pages, do="alerts", which="type", alert_email="a@example.net"
        )
        await after(pages, do="try-mail")
        mails = await letterbox.empty()
        assert [mail.recipients for mail in mails] == [[EMAIL], ["a@example.net"]]
        assert "a test mail" in str(mails[0].message["Subject"])
        entries = await pages.store.driver.transact(read_activity(int(DEVICE, 16)))
        assert [entry.action for entry in entries].count("mail_tried") == 2
        pages_after = [await after(pages, do="try-mail") for _ in range(4)]
        assert "too many mails about this device" in pages_after[-1]


async def test_where_no_mail_can_go_there_is_no_button(tmp_path: Path) -> None:
    async with serve_pages(tmp_path) as pages:
        await pages.client.post("/signin", data={"device_id": DEVICE, "token": TOKEN})
        page = await after(pages, do="try-mail")
        assert "This relay sends no mails" in page
        assert BUTTON not in page
