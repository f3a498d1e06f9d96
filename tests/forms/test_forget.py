"""A registration is taken back: by its owner only, and nothing of it stays."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.pages import DEVICE, EMAIL, FIELDS, OTHER_TOKEN, PUBLIC_URL, TOKEN, Pages, serve_pages
from tests.store.given import accept, uplink

PATH = "/form/delete"
PROOF = {"device_id": DEVICE, "token": TOKEN, "email": EMAIL}
PAYLOAD = "5ec4e7ed00ff5ec4e7ed00ff"
OWN = {"Origin": PUBLIC_URL, "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def pages(tmp_path: Path) -> AsyncIterator[Pages]:
    async with serve_pages(tmp_path) as pages:
        await pages.bind(FIELDS["webhook_url"], "hooks.example.com")
        await accept(pages.store, uplink(data=PAYLOAD))
        yield pages


def all_files(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("relay.db*"))


async def test_nothing_of_the_owner_stays_in_the_files(pages: Pages, tmp_path: Path) -> None:
    page = await pages.client.post(PATH, data=PROOF, headers=OWN)
    text = await page.text()
    assert (page.status, page.url.path, "The registration is gone" in text) == (200, "/form/deleted", True)
    with closing(sqlite3.connect(tmp_path / "relay.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = all_files(tmp_path)
    assert [each for each in (EMAIL, PAYLOAD, "hooks.example.com") if each.encode() in kept] == []


async def test_the_card_registers_the_device_again(pages: Pages) -> None:
    await pages.client.post(PATH, data=PROOF, headers=OWN)
    assert await pages.bound_url() is None
    answer = await pages.client.post("/form", data=FIELDS, headers=OWN, allow_redirects=False)
    assert (answer.status, await pages.bound_url()) == (303, FIELDS["webhook_url"])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"token": OTHER_TOKEN}, "do not belong together"),
        ({"email": "other@example.com"}, "do not belong together"),
        ({"device_id": "FFFF"}, "do not belong together"),
        ({"token": ""}, "Enter the token"),
        ({"email": "nobody"}, "Enter an address like"),
    ],
)
async def test_who_does_not_prove_it_deletes_nothing(pages: Pages, wrong: dict[str, str], said: str) -> None:
    page = await pages.client.post(PATH, data={**PROOF, **wrong}, headers=OWN)
    assert (page.status, said in await page.text()) == (422, True)
    assert await pages.bound_url() == FIELDS["webhook_url"]


async def test_other_sites_cannot_delete(pages: Pages) -> None:
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert (await pages.client.post(PATH, data=PROOF, headers=foreign)).status == 403
    assert await pages.bound_url() is not None


async def test_the_empty_page_says_what_will_happen(pages: Pages) -> None:
    page = await pages.client.get(PATH)
    assert (page.status, "cannot be undone" in await page.text()) == (200, True)
