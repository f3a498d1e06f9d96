"""The links in mails, as their readers meet them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
import trustme

from relay.domain.delivery import Cause
from relay.domain.endpoint import Endpoint
from relay.domain.endpoint_options import EndpointOptions, Format
from relay.domain.letter import Suspended
from relay.errors import StoreUnavailable
from relay.logs import JsonLines
from relay.store.binding import open_endpoint, point
from relay.store.driver import rows_of
from tests.forms.test_form import Parts
from tests.mail.letterbox import SMTP, Letterbox
from tests.pages import DEVICE, EMAIL, FIELDS, OTHER_DEVICE, OTHER_TOKEN, Pages, serve_pages

NUMBER = int(DEVICE, 16)
OLD_URL = "https://old.example.net/?key=q8ZrT5"
HOUR = 3600.0
OVER = "This link can no longer be used"


@pytest.fixture
async def pages(tmp_path: Path) -> AsyncIterator[Pages]:
    async with serve_pages(tmp_path, smtp=SMTP) as pages:
        yield pages


@pytest.fixture
async def letterbox(pages: Pages, authority: trustme.CA) -> Letterbox:
    return Letterbox(pages, authority)


async def endpoint(pages: Pages, device: str = DEVICE) -> Endpoint:
    rows = await pages.store.driver.transact(rows_of("first_endpoint_of_device", device=int(device, 16)))
    return open_endpoint(rows[0], pages.store.vault)


async def get(pages: Pages, link: str) -> tuple[int, str]:
    answer = await pages.client.get(link)
    return answer.status, await answer.text()


async def post(pages: Pages, link: str) -> tuple[int, str]:
    answer = await pages.client.post(link)
    return answer.status, await answer.text()


@pytest.fixture
async def undo(pages: Pages, letterbox: Letterbox) -> str:
    """The link in the mail about a change that somebody made with the form."""
    await pages.client.post("/form", data={**FIELDS, "webhook_url": OLD_URL})
    await letterbox.empty()
    await pages.client.post("/form", data=FIELDS)
    (link,) = await letterbox.links()
    return link


async def test_looking_changes_nothing(pages: Pages, undo: str) -> None:
    for _ in range(3):
        status, page = await get(pages, undo)
        assert status == 200
        assert "Undo the change?" in page
        assert "old.example.net" in page
        assert "q8ZrT5" not in page
        assert (await pages.client.head(undo)).status == 200
    assert await pages.bound_url() == FIELDS["webhook_url"]


async def test_the_button_undoes_the_change_once(pages: Pages, letterbox: Letterbox, undo: str) -> None:
    status, page = await post(pages, undo)
    assert (status, await pages.bound_url()) == (200, OLD_URL)
    assert "The change is undone" in page
    await pages.client.post("/form", data=FIELDS)
    for again in (await get(pages, undo), await post(pages, undo)):
        assert again[0] == 404
        assert OVER in again[1]
    assert await pages.bound_url() == FIELDS["webhook_url"]


async def test_undoing_restores_the_signing_secret(pages: Pages, letterbox: Letterbox) -> None:
    await pages.client.post("/form", data={**FIELDS, "webhook_url": OLD_URL})
    before = await endpoint(pages)
    await letterbox.empty()
    await pages.client.post("/form", data=FIELDS)
    changed = await endpoint(pages)
    (link,) = await letterbox.links()
    await post(pages, link)
    after = await endpoint(pages)
    assert changed.secret != before.secret == after.secret
    assert after.revision > changed.revision


async def test_another_host_gets_none_of_the_headers_until_the_change_is_undone(
    pages: Pages, letterbox: Letterbox
) -> None:
    await pages.client.post("/form", data={**FIELDS, "webhook_url": OLD_URL})
    headers = (("X-Key", "s3cret"),)
    old = replace(await endpoint(pages), options=EndpointOptions(format=Format.FULL, headers=headers))
    await pages.store.driver.transact(point(old, "old.example.net", pages.store.vault, 1))
    await letterbox.empty()
    page = await (await pages.client.post("/form", data=FIELDS)).text()
    said = "The headers that you had set for the old server are not sent to the new one."
    (mail,) = await letterbox.empty()
    assert said in page
    assert said in " ".join(mail.text.split())
    link = next(line for line in mail.text.splitlines() if "/links/" in line)
    assert (await endpoint(pages)).options == EndpointOptions(format=Format.FULL)
    await post(pages, link[link.index("/links/") :])
    assert (await endpoint(pages)).options == old.options


@pytest.mark.parametrize(("hours", "status"), [(71.99, 200), (72, 404)])
async def test_a_way_back_is_open_for_72_hours(pages: Pages, undo: str, hours: float, status: int) -> None:
    pages.world.now += hours * HOUR
    assert (await get(pages, undo))[0] == status
    assert (await post(pages, undo))[0] == status
    assert (await pages.bound_url() == OLD_URL) is (status == 200)


async def test_undoing_restores_the_address_and_tells_both(pages: Pages, letterbox: Letterbox) -> None:
    fields = {**FIELDS, "device_id": OTHER_DEVICE, "token": OTHER_TOKEN}
    await pages.client.post("/form", data={**fields, "webhook_url": OLD_URL})
    await letterbox.empty()
    await pages.client.post("/form?lang=cs", data={**fields, "email": "stranger@example.net"})
    mails = {mail.recipients[0]: mail.text for mail in await letterbox.empty()}
    assert set(mails) == {EMAIL, "stranger@example.net"}
    assert "/links/" not in mails["stranger@example.net"]
    (link,) = [line for line in mails[EMAIL].splitlines() if "/links/" in line]
    await post(pages, link[link.index("/links/") :])
    device = await pages.store.find_device(int(OTHER_DEVICE, 16))
    assert device is not None
    assert (device.contact_email, device.language) == (EMAIL, "en")
    assert await pages.bound_url(OTHER_DEVICE) == OLD_URL
    told = await letterbox.empty()
    assert sorted(mail.recipients[0] for mail in told) == [EMAIL, "stranger@example.net"]
    assert all("old.example.net" in mail.text and "/links/" not in mail.text for mail in told)


async def test_another_site_cannot_press_the_button(pages: Pages, undo: str) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example.net"}
    assert (await pages.client.post(undo, headers=headers)).status == 403
    assert await pages.bound_url() == FIELDS["webhook_url"]


async def test_pages_of_links_are_kept_by_nobody(pages: Pages, undo: str) -> None:
    for answer in (await pages.client.get(undo), await pages.client.post(undo), await pages.client.get(undo)):
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "token", ["x", "A" * 43, "A" * 5000, "%00", "%ff%fe", "%ED%A0%80", "..%2f..", "'; DROP TABLE links --"]
)
@pytest.mark.parametrize("language", ["cs", "en"])
async def test_what_is_no_link_gets_a_friendly_page(pages: Pages, token: str, language: str) -> None:
    for answer in (
        await pages.client.get(f"/links/{token}?lang={language}"),
        await pages.client.post(f"/links/{token}?lang={language}"),
    ):
        page = await answer.text()
        assert answer.status == 404
        assert f'<html lang="{language}"' in page
        assert {"en": OVER, "cs": "Tento odkaz už nelze použít"}[language] in page


async def suspended(pages: Pages) -> None:
    bound = await endpoint(pages)
    occasion = Suspended(host="hooks.example.com", since_ms=0, cause=Cause.DNS, waiting=37)
    steps = pages.store.outbox.notify(NUMBER, bound.id, occasion, round(pages.world.now * 1000))
    await pages.store.driver.transact(steps)


async def test_an_owner_pauses_and_resumes_by_mail(pages: Pages, letterbox: Letterbox) -> None:
    await pages.client.post("/form", data=FIELDS)
    await letterbox.empty()
    await suspended(pages)
    resume, pause = await letterbox.links()
    for link, title in ((pause, "Pause the deliveries?"), (resume, "Send again at once?")):
        assert title in (await get(pages, link))[1]
    assert (await endpoint(pages)).state == "active"
    assert "are paused" in (await post(pages, pause))[1]
    assert (await endpoint(pages)).state == "paused"
    assert "go on" in (await post(pages, resume))[1]
    assert (await endpoint(pages)).state == "active"
    assert (await post(pages, pause))[0] == (await post(pages, resume))[0] == 404


async def test_links_to_pause_are_over_after_a_week(pages: Pages, letterbox: Letterbox) -> None:
    await pages.client.post("/form", data=FIELDS)
    (pause,) = await letterbox.links()
    pages.world.now += 7 * 24 * HOUR
    assert (await post(pages, pause))[0] == 404
    assert (await endpoint(pages)).state == "active"


async def test_a_token_stands_in_no_log(
    pages: Pages, undo: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("DEBUG")
    for error in (StoreUnavailable("disk full"), RuntimeError("a mistake of ours")):
        monkeypatch.setattr("relay.store.linking.token_digest", Mock(side_effect=error))
        assert (await post(pages, undo))[0] in (500, 503)
    monkeypatch.undo()
    assert (await post(pages, undo))[0] == 200
    logged = [record for record in caplog.records if record.name.startswith("relay")]
    assert {"request.not_saved", "request.failed", "link.used"} <= {one.getMessage() for one in logged}
    token = undo.removeprefix("/links/").partition("?")[0]
    assert token not in "".join(JsonLines().format(record) for record in logged)


@pytest.mark.parametrize("language", ["cs", "en"])
async def test_pages_of_links_are_well_formed(pages: Pages, letterbox: Letterbox, language: str) -> None:
    await pages.client.post("/form", data={**FIELDS, "webhook_url": OLD_URL})
    await pages.client.post("/form", data=FIELDS)
    await suspended(pages)
    links = await letterbox.links()
    assert len(links) == 4
    for link in links:
        path = link.partition("?")[0]
        for answer in (
            await pages.client.get(f"{path}?lang={language}"),
            await pages.client.post(f"{path}?lang={language}"),
            await pages.client.get(f"{path}?lang={language}"),
        ):
            parts = Parts(await answer.text())
            assert f'<html lang="{language}"' in await answer.text()
            assert parts.tags.count("h1") == parts.tags.count("main") == 1
            assert len(parts.ids) == len(set(parts.ids))
