"""From the outbox to a real mail server, whatever stands in between."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import pytest
import trustme

from relay.config import SmtpSettings
from relay.domain.letter import Recovered
from relay.errors import StoreUnavailable
from relay.mail.post import Fault
from relay.mail.postman import Postman, make_postman, posting
from relay.metrics import Metrics
from relay.store.driver import Steps
from relay.store.mailing import Mailbox
from relay.store.outbox import MailState
from relay.store.store import Store, open_store
from relay.store.vault import Vault
from tests.mail.server import mail_server, trusting
from tests.pages import KEY, make_config
from tests.store.databases import open_migrated
from tests.store.drivers import Lent
from tests.store.given import DEVICE, EMAIL, HOST, LABEL, bind, provision

T = TypeVar("T")

MINUTE = 60
START = 1_800_000_000.0


@dataclass(slots=True, kw_only=True)
class Office:
    """A store with one registered device, and the postman's clock."""

    store: Store
    now: float = START

    def postman(self, settings: SmtpSettings, authority: trustme.CA) -> Postman:
        """One for this mail server."""
        config = make_config(smtp=settings.model_dump(by_alias=True))
        return make_postman(config, self.store, lambda: self.now, trusting(authority))

    async def standing(self) -> list[tuple[MailState, int, str | None]]:
        """State, attempts and error of each mail."""
        mails = await Mailbox(driver=self.store.driver, vault=self.store.vault).of_device(DEVICE, 100)
        return sorted((mail.state, mail.attempts, mail.error) for mail in mails)


@dataclass(slots=True)
class FullAtFirst(Lent):
    """The disk is full, once."""

    full: bool = True

    async def transact(self, steps: Steps[T]) -> T:
        if self.full:
            self.full = False
            raise StoreUnavailable("disk full")
        return await self.driver.transact(steps)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with (
        open_migrated(tmp_path / "relay.db") as database,
        open_store(database.driver, Vault([KEY]), "node", mails=True) as store,
    ):
        await provision(store)
        await bind(store)
        yield Office(store=store)


async def test_a_registration_reaches_its_owner(office: Office, authority: trustme.CA) -> None:
    async with mail_server(authority, "starttls") as server:
        postman = office.postman(server.settings(), authority)
        assert await postman.send_once() == 1
        assert await postman.send_once() == 0
    (arrived,) = server.arrived
    assert (arrived.recipients, arrived.encrypted) == ([EMAIL], True)
    assert arrived.message["Subject"] == f"Device {LABEL} is registered"
    assert HOST in arrived.text
    assert await office.standing() == [(MailState.SENT, 1, None)]


async def test_a_server_that_is_away_gets_the_mail_when_it_is_back(
    office: Office, authority: trustme.CA
) -> None:
    async with mail_server(authority, "starttls") as gone:
        settings = gone.settings()
    postman = office.postman(settings, authority)
    assert await postman.send_once() == 1
    assert await office.standing() == [(MailState.WAITING, 1, "unreachable")]
    async with mail_server(authority, "starttls", port=settings.port) as server:
        assert await postman.send_once() == 0
        office.now += MINUTE
        assert await postman.send_once() == 1
        assert len(server.arrived) == 1
    assert await office.standing() == [(MailState.SENT, 2, None)]


async def test_tries_again_after_1_5_30_minutes_2_and_12_hours_and_then_gives_up(
    office: Office, authority: trustme.CA
) -> None:
    async with mail_server(authority, "none") as gone:
        postman = office.postman(gone.settings(), authority)
    for wait in (0, 1, 5, 30, 120, 720):
        if wait:
            office.now += wait * MINUTE - 1
            assert await postman.send_once() == 0
            office.now += 1
        assert await postman.send_once() == 1
    assert await office.standing() == [(MailState.DEAD, 6, "unreachable")]
    office.now += 100 * 24 * 60 * MINUTE
    assert await postman.send_once() == 0


async def test_each_attempt_is_the_same_mail(office: Office, authority: trustme.CA) -> None:
    async with mail_server(authority, "none") as server:
        server.refused = {EMAIL: "451 come back later"}
        postman = office.postman(server.settings(), authority)
        first = postman._compose((await postman.mailbox.claim(now_ms=2**50, lease_until_ms=0, limit=1))[0])
        await postman.send_once()
        server.refused.clear()
        office.now += 5 * MINUTE
        await postman.send_once()
    assert not isinstance(first, Fault)
    assert [one.message["Message-ID"] for one in server.arrived] == [first["Message-ID"]]


async def test_a_recipient_who_is_refused_for_good_is_not_tried_again(
    office: Office, authority: trustme.CA, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with mail_server(authority, "starttls") as server:
        server.refused = {EMAIL: f"550 <{EMAIL}> is unknown here"}
        await office.postman(server.settings(), authority).send_once()
    assert await office.standing() == [(MailState.DEAD, 1, "refused")]
    logged = repr([record.__dict__ for record in caplog.records if record.name.startswith("relay")])
    assert "550" in logged
    assert EMAIL not in logged


async def test_one_mail_that_cannot_be_sent_leaves_the_others_alone(
    office: Office, authority: trustme.CA
) -> None:
    store = office.store
    for address in ("no address\r\nBcc: victim@example.net", EMAIL):
        await store.bind_endpoint(
            device=DEVICE,
            url=f"https://{address[:2].strip()}.example.com/",
            host=f"{address[:2].strip()}.example.com",
            email=address,
            language="xx",
            now_ms=round(START * 1000),
        )
    async with mail_server(authority, "none") as server:
        await office.postman(server.settings(), authority).send_once()
    assert {tuple(one.recipients) for one in server.arrived} == {(EMAIL,)}
    assert {(MailState.DEAD, 1, "bad_address")} < set(await office.standing())


async def test_a_mail_that_breaks_the_writer_is_given_up_in_the_end(
    office: Office, authority: trustme.CA
) -> None:
    async with mail_server(authority, "none") as server:
        postman = office.postman(server.settings(), authority)
        postman.writers = {}
        await postman.send_once()
    assert await office.standing() == [(MailState.WAITING, 1, "broke")]


async def test_what_nobody_needs_to_know_any_more_is_not_sent(office: Office, authority: trustme.CA) -> None:
    office.now += 3 * 24 * 60 * MINUTE + 1
    async with mail_server(authority, "none") as server:
        await office.postman(server.settings(), authority).send_once()
        assert server.arrived == []
    assert await office.standing() == [(MailState.DEAD, 1, "too_old")]


async def test_more_mails_than_a_batch_holds_all_arrive(office: Office, authority: trustme.CA) -> None:
    now_ms = round(START * 1000)
    for hour in range(1, 4):
        for _ in range(5):
            steps = office.store.outbox.notify(
                DEVICE, 1, Recovered(host=HOST, since_ms=0), now_ms + hour * 3_600_000
            )
            await office.store.driver.transact(steps)
    office.now += 4 * 3600
    async with mail_server(authority, "tls") as server:
        postman = office.postman(server.settings(), authority)
        assert [await postman.send_once() for _ in range(3)] == [10, 6, 0]
        assert len(server.arrived) == 16


async def test_the_rounds_go_on_through_trouble_and_end_when_told(
    office: Office, authority: trustme.CA, caplog: pytest.LogCaptureFixture
) -> None:
    async with mail_server(authority, "none") as server:
        postman = office.postman(server.settings(), authority)
        postman.mailbox = replace(postman.mailbox, driver=FullAtFirst(office.store.driver))
        rounds = asyncio.create_task(postman.run())
        await server.mail(1)
        postman.stop()
        await asyncio.wait_for(rounds, 10)
    assert "mail.not_claimed" in [record.getMessage() for record in caplog.records]


async def test_the_relay_sends_by_itself(office: Office, authority: trustme.CA) -> None:
    metrics = Metrics()
    async with mail_server(authority, "none") as server:
        config = make_config(smtp=server.settings().model_dump(by_alias=True))
        async with posting(config, office.store, lambda: office.now, metrics):
            await server.mail(1)
    assert await office.standing() == [(MailState.SENT, 1, None)]
    assert b'relay_mail_total{result="sent"} 1.0' in metrics.exposition()


async def test_without_a_mail_server_nothing_is_tried(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with posting(make_config(), office.store, lambda: office.now, Metrics()):
        pass
    assert await office.standing() == [(MailState.WAITING, 0, None)]
    assert [record.getMessage() for record in caplog.records] == ["mail.not_configured"]
