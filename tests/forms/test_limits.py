"""Wrong tries at the form: counted for good, and no weapon in a stranger's hand."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from relay.domain.tries import ADDRESS_LIMIT, DEVICE_LIMIT, TOTAL_LIMIT
from relay.store.driver import Do
from tests.pages import DEVICE, FIELDS, OTHER_DEVICE, Pages, serve_pages

STRANGER = "198.51.100.9"
OWNER = "203.0.113.7"


@pytest.fixture
async def pages(tmp_path: Path) -> AsyncIterator[Pages]:
    """Behind a proxy that says where each post comes from."""
    async with serve_pages(tmp_path, trusted_proxies=["127.0.0.0/8"]) as pages:
        yield pages


async def post(
    pages: Pages, *, address: str = OWNER, path: str = "/form", **fields: str
) -> tuple[int, str, str]:
    """Status, Retry-After and text of one form."""
    answer = await pages.client.post(
        path, data={**FIELDS, **fields}, headers={"X-Forwarded-For": address}, allow_redirects=False
    )
    return answer.status, answer.headers.get("Retry-After", ""), await answer.text()


async def wrong(pages: Pages, *, address: str = STRANGER, device_id: str = DEVICE) -> int:
    return (await post(pages, address=address, device_id=device_id, token="wrong"))[0]


async def test_ten_wrong_tries_of_a_device_and_no_more(pages: Pages) -> None:
    statuses = [await wrong(pages) for _ in range(12)]
    assert statuses == [422] * 10 + [429] * 2


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Too many attempts", "Try again in 60 minutes."]),
        ("cs", ["Příliš mnoho pokusů", "Zkuste to znovu za 60 minut."]),
    ],
)
async def test_the_page_says_how_long_to_wait(pages: Pages, language: str, words: list[str]) -> None:
    for _ in range(10):
        await wrong(pages)
    status, retry_after, text = await post(
        pages, address=STRANGER, token="wrong", path=f"/form?lang={language}"
    )
    assert (status, retry_after) == (429, "3600")
    assert [word for word in words if word not in text] == []
    pages.world.now += 3599
    status, retry_after, text = await post(pages, address=STRANGER, token="wrong")
    assert (status, retry_after) == (429, "1")


async def test_a_stranger_locks_out_himself_and_not_the_owner(pages: Pages) -> None:
    for _ in range(40):
        await wrong(pages)
    assert (await post(pages, address=STRANGER))[0] == 429
    assert (await post(pages, address=OWNER))[0] == 303
    assert await pages.bound_url() == FIELDS["webhook_url"]


async def test_wrong_tries_from_ever_new_addresses_end_too(pages: Pages) -> None:
    statuses = [await wrong(pages, address=f"198.51.100.{host}") for host in range(25)]
    assert statuses == [422] * 10 + [429] * 15
    assert (await post(pages, address=OWNER))[0] == 429
    pages.world.now += DEVICE_LIMIT.window_seconds
    assert (await post(pages, address=OWNER))[0] == 303


async def test_tries_that_are_not_judged_do_not_make_the_wait_longer(pages: Pages) -> None:
    for _ in range(10):
        await wrong(pages)
    pages.world.now += DEVICE_LIMIT.window_seconds - 1
    assert await wrong(pages) == 429
    pages.world.now += 1
    assert (await post(pages, address=STRANGER))[0] == 303


async def test_a_right_try_takes_back_only_itself(pages: Pages) -> None:
    for _ in range(9):
        await wrong(pages)
    for _ in range(3):
        assert (await post(pages, address=STRANGER))[0] == 303
    assert [await wrong(pages) for _ in range(2)] == [422, 429]


async def test_many_right_tries_from_one_address_are_no_attack(pages: Pages) -> None:
    statuses = {(await post(pages))[0] for _ in range(ADDRESS_LIMIT.tries + 5)}
    assert statuses == {303}


async def test_an_ipv6_customer_is_one_address(pages: Pages) -> None:
    statuses = [
        await wrong(pages, address=f"2001:db8:0:1::{host:x}", device_id=f"{host:X}") for host in range(1, 32)
    ]
    assert statuses == [422] * 30 + [429]
    assert await wrong(pages, address="2001:db8:0:2::1", device_id="FF") == 422


async def test_posts_at_once_are_counted_one_by_one(pages: Pages) -> None:
    statuses = await asyncio.gather(*(wrong(pages) for _ in range(30)))
    assert sorted(statuses) == [422] * 10 + [429] * 20


async def test_fields_that_are_wrong_by_themselves_are_no_try(pages: Pages) -> None:
    for _ in range(15):
        assert (await post(pages, token=""))[0] == 422
    assert (await post(pages))[0] == 303


async def test_an_attack_on_all_devices_raises_the_alarm_once(
    pages: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    statuses = [
        await wrong(pages, address=f"198.51.{n // 250}.{n % 250}", device_id=f"{n + 256:X}")
        for n in range(TOTAL_LIMIT.tries + 2)
    ]
    assert statuses == [422] * TOTAL_LIMIT.tries + [429] * 2
    assert [record.levelname for record in caplog.records if record.message == "form.under_attack"] == [
        "ERROR"
    ]
    assert (await post(pages, address=OWNER))[0] == 303
    pages.world.now += TOTAL_LIMIT.window_seconds
    assert await wrong(pages, address="198.51.100.200", device_id=OTHER_DEVICE) == 422


async def test_counts_outlive_the_process(tmp_path: Path) -> None:
    async with serve_pages(tmp_path) as pages:
        assert [await wrong(pages) for _ in range(10)] == [422] * 10
    async with serve_pages(tmp_path) as pages:
        assert await wrong(pages) == 429


async def test_every_wrong_answer_takes_the_same_statements(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    driver: Any = pages.store.driver
    run = driver._do

    def noting(connection: object, do: Do) -> object:
        done.append(do.statement)
        return run(connection, do)

    monkeypatch.setattr(driver, "_do", noting)
    ways = []
    for fields in ({"device_id": "DEADBEEF"}, {"token": "wrong"}, {"email": "other@example.com"}):
        done.clear()
        assert (await post(pages, **fields))[0] == 422
        ways.append([name for name in done if name != "sweep_wrong_tries"])
    assert ways[0] == ways[1] == ways[2]
