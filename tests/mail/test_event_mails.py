"""What happened to a device reaches its owner through a real mail server."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from relay.domain.device_event import DeviceEventKind, make_event
from relay.mail.postman import make_postman
from relay.store.alerting import alert
from relay.store.device_states import write_events
from relay.store.outbox import log_posted
from relay.store.store import Store, open_store
from relay.store.vault import Vault
from tests.mail.server import mail_server, trusting
from tests.pages import KEY, make_config
from tests.store.databases import open_migrated
from tests.store.given import DEVICE, EMAIL, HOST, NOW, NOW_MS, URL, bind, provision

EVENTS = [
    make_event(DeviceEventKind.BATTERY_LOW, NOW_MS, {"volts": 2.45, "best_volts": 3.2}),
    make_event(DeviceEventKind.SEQUENCE_BREAK, NOW_MS, {"missed": 5, "first": 5}),
    make_event(DeviceEventKind.OUT_OF_SEQUENCE, NOW_MS, {"expected": 9, "seq_number": 0}),
    make_event(DeviceEventKind.NETWORK_ERROR, NOW_MS, {"info": "No message received since 2026-11-20"}),
    make_event(DeviceEventKind.NETWORK_EVENT, NOW_MS, {"eventType": "off contract"}),
    make_event(DeviceEventKind.BACK, NOW_MS, {"silent_seconds": 10_800}),
    make_event(DeviceEventKind.SILENT, NOW_MS, {"last_at_ms": NOW_MS, "after_seconds": 3600}),
]
WORDS = {
    "en": ["2.45 V", "5 messages", "9 was to come, 0 came", "since 2026-11-20", "off contract", "3 hours"],
    "cs": ["2,45 V", "5 zpráv", "mělo přijít 9, přišlo 0", "since 2026-11-20", "off contract", "3 hodiny"],
}
SUBJECTS = {"en": "Device 1A2B3C: nothing is heard of it", "cs": "Zařízení 1A2B3C: neozývá se"}


@pytest.fixture(params=[True, False], ids=["with server", "without"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    async with (
        open_migrated(tmp_path / "relay.db") as database,
        open_store(database.driver, Vault([KEY]), "node", mails=request.param) as store,
    ):
        await provision(store)
        await bind(store)
        yield store


@pytest.mark.parametrize("language", ["cs", "en"])
@pytest.mark.parametrize("store", [True], indirect=True)
async def test_all_kinds_of_events_are_told_in_the_language_of_the_owner(
    store: Store, authority: trustme.CA, language: str
) -> None:
    await store.bind_endpoint(
        device=DEVICE, url=URL, host=HOST, email=EMAIL, language=language, now_ms=NOW_MS
    )
    await store.change_device(DEVICE, lambda device: replace(device, alerts=",".join(DeviceEventKind)))
    await store.driver.transact(write_events(DEVICE, EVENTS, NOW_MS))
    async with mail_server(authority, "starttls") as server:
        config = make_config(smtp=server.settings().model_dump(by_alias=True))
        postman = make_postman(config, store, lambda: NOW, trusting(authority))
        await store.driver.transact(alert(store.outbox, NOW_MS))
        assert await postman.send_once() == 2
        _, mail = server.arrived
    assert mail.recipients == [EMAIL]
    assert mail.message["Subject"] == SUBJECTS[language]
    whole = " ".join(mail.text.split())
    assert [part for part in WORDS[language] if part not in whole] == []
    assert "%(" not in whole
    assert "None" not in whole


@pytest.mark.parametrize("store", [False], indirect=True)
async def test_without_a_mail_server_the_log_says_so(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await store.driver.transact(write_events(DEVICE, EVENTS, NOW_MS))
    log_posted(await store.driver.transact(alert(store.outbox, NOW_MS)))
    assert caplog.messages.count("mail.not_configured") == 1
