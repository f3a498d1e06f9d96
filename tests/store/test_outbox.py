"""What is put into the outbox, and what is taken from it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from relay.domain.delivery import Cause
from relay.domain.endpoint_options import EndpointSettings
from relay.domain.letter import (
    EmailChanged,
    Failing,
    LetterKind,
    LinkPurpose,
    Recovered,
    Registered,
    Suspended,
    UrlChanged,
    WebhookAdded,
)
from relay.store.arranging import NewEndpoint
from relay.store.linking import Links
from relay.store.mailing import KEPT_DAYS, Mail, Mailbox, MailSettlement, forget_old_mails
from relay.store.outbox import Fate, MailState, Outbox, Posted
from relay.store.store import Store, open_store
from relay.store.webhooks import add_webhook
from tests.store.conftest import OpenedStore
from tests.store.drivers import Lent
from tests.store.given import (
    DEVICE,
    EMAIL,
    HOST,
    LABEL,
    NOW_MS,
    OTHER_HOST,
    OTHER_URL,
    TOKEN,
    URL,
    VAULT,
    bind,
    device,
    provision,
)

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
LEASE_MS = 60_000
RECOVERED = Recovered(host=HOST, since_ms=NOW_MS)


@pytest.fixture
async def store(opened_store: OpenedStore) -> AsyncIterator[Store]:
    """One that has a mail server."""
    async with open_store(Lent(opened_store.driver), VAULT, "node-1", mails=True) as store:
        yield store


@pytest.fixture
async def mailbox(store: Store) -> Mailbox:
    await provision(store)
    return Mailbox(driver=store.driver, vault=store.vault)


async def claim(mailbox: Mailbox, now_ms: int = NOW_MS, limit: int = 50) -> list[Mail]:
    return await mailbox.claim(now_ms=now_ms, lease_until_ms=now_ms + LEASE_MS, limit=limit)


async def notify(store: Store, *, now_ms: int = NOW_MS, outbox: Outbox | None = None) -> Posted:
    return await store.driver.transact((outbox or store.outbox).notify(DEVICE, 1, RECOVERED, now_ms))


async def change(store: Store, url: str, host: str, email: str = EMAIL, now_ms: int = NOW_MS) -> None:
    await store.bind_endpoint(device=DEVICE, url=url, host=host, email=email, language="cs", now_ms=now_ms)


# --- what the form puts in


async def test_a_registration_is_told(store: Store, mailbox: Mailbox) -> None:
    await bind(store)
    (mail,) = await claim(mailbox)
    assert (mail.recipient, mail.device_label, mail.language, mail.attempt) == (EMAIL, LABEL, "en", 1)
    assert mail.contents is not None
    assert mail.contents.occasion == Registered(host=HOST)
    assert list(mail.contents.tokens) == [LinkPurpose.PAUSE]


async def test_the_first_webhook_is_a_registration_and_another_one_is_not(
    store: Store, mailbox: Mailbox
) -> None:
    for host, occasion in ((HOST, Registered(host=HOST)), (OTHER_HOST, WebhookAdded(host=OTHER_HOST))):
        new = NewEndpoint(device=DEVICE, url=URL, host=host, secret="s", settings=EndpointSettings())
        await store.driver.transact(add_webhook(new, store.outbox, NOW_MS, store.writer.new_webhook_id))
        (mail,) = await claim(mailbox)
        assert mail.contents is not None
        assert mail.contents.occasion == occasion
        assert list(mail.contents.tokens) == [LinkPurpose.PAUSE]


async def test_the_same_again_is_not_told(store: Store, mailbox: Mailbox) -> None:
    await bind(store)
    await bind(store)
    assert len(await claim(mailbox)) == 1


async def test_a_change_is_told_with_both_hosts_and_a_way_back(store: Store, mailbox: Mailbox) -> None:
    await bind(store)
    await claim(mailbox)
    await change(store, OTHER_URL, OTHER_HOST)
    (mail,) = await claim(mailbox)
    assert mail.contents is not None
    assert mail.contents.occasion == UrlChanged(old_host=HOST, new_host=OTHER_HOST)
    assert list(mail.contents.tokens) == [LinkPurpose.UNDO_CHANGE]


async def test_a_new_address_is_told_without_a_way_back_and_the_old_one_with_it(
    opened_store: OpenedStore, store: Store
) -> None:
    await provision(store, device(order_email=""))
    mailbox = Mailbox(driver=store.driver, vault=store.vault)
    await bind(store)
    await claim(mailbox)
    await change(store, OTHER_URL, OTHER_HOST, "stranger@example.net")
    mails = {mail.recipient: mail for mail in await claim(mailbox)}
    assert {address: mail.language for address, mail in mails.items()} == {
        EMAIL: "en",
        "stranger@example.net": "cs",
    }
    told = [mails[address].contents for address in (EMAIL, "stranger@example.net")]
    assert [list(one.tokens) for one in told if one] == [[LinkPurpose.UNDO_CHANGE], []]
    changed = UrlChanged(old_host=HOST, new_host=OTHER_HOST, new_email="s***@example.net")
    assert [one.occasion for one in told if one] == [changed, changed]


async def test_only_the_address_changed(store: Store) -> None:
    await provision(store, device(order_email=""))
    mailbox = Mailbox(driver=store.driver, vault=store.vault)
    await bind(store)
    await claim(mailbox)
    await change(store, URL, HOST, "new@example.net")
    mails = await claim(mailbox)
    assert sorted(mail.recipient for mail in mails) == ["new@example.net", EMAIL]
    occasions = {mail.contents.occasion for mail in mails if mail.contents}
    assert occasions == {EmailChanged(host=HOST, new_email="n***@example.net")}


async def test_another_case_is_no_other_address(store: Store, mailbox: Mailbox) -> None:
    await bind(store)
    await change(store, URL, HOST, EMAIL.upper())
    assert len(await claim(mailbox)) == 1


async def test_a_change_that_fails_is_not_told(opened_store: OpenedStore, store: Store) -> None:
    with pytest.raises(IndexError):
        await change(store, URL, HOST)
    assert await opened_store.rows("outbox") == []


# --- what the engine puts in


@pytest.mark.parametrize(
    ("occasion", "links"),
    [
        (
            Failing(kind=LetterKind.FAILING_FOR_AN_HOUR, host=HOST, since_ms=1, cause=Cause.DNS),
            {LinkPurpose.PAUSE, LinkPurpose.RESUME},
        ),
        (
            Failing(kind=LetterKind.FAILING_FOR_A_DAY, host=HOST, since_ms=1, cause=Cause.DNS, status=3),
            {LinkPurpose.PAUSE, LinkPurpose.RESUME},
        ),
        (
            Suspended(host=HOST, since_ms=1, cause=Cause.GONE, waiting=9),
            {LinkPurpose.PAUSE, LinkPurpose.RESUME},
        ),
        (RECOVERED, set()),
    ],
)
async def test_owners_are_told_of_their_endpoints(
    store: Store,
    mailbox: Mailbox,
    occasion: Failing | Suspended | Recovered,
    links: set[LinkPurpose],
) -> None:
    posted = await store.driver.transact(store.outbox.notify(DEVICE, 1, occasion, NOW_MS))
    assert posted == Posted(device=DEVICE, kind=occasion.kind, fate=Fate.QUEUED)
    (mail,) = await claim(mailbox)
    assert mail.contents is not None
    assert mail.contents.occasion == occasion
    assert (mail.recipient, set(mail.contents.tokens)) == (EMAIL, links)


async def test_who_left_no_address_is_not_told(store: Store) -> None:
    await provision(store, device(order_email=""))
    assert (await notify(store)).fate is Fate.NO_ADDRESS
    assert (await store.driver.transact(store.outbox.notify(7, 1, RECOVERED, NOW_MS))).fate is Fate.NO_ADDRESS


async def test_a_device_has_five_mails_an_hour(store: Store, mailbox: Mailbox) -> None:
    fates = [(await notify(store)).fate for _ in range(7)]
    assert fates == [Fate.QUEUED] * 5 + [Fate.LIMITED] * 2
    assert (await notify(store, now_ms=NOW_MS + HOUR_MS)).fate is Fate.QUEUED
    assert len(await claim(mailbox, NOW_MS + HOUR_MS)) == 6


async def test_no_stranger_can_use_up_the_mail_that_tells_of_a_change(
    store: Store, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    await bind(store)
    for _ in range(6):
        await notify(store)
    for number in range(10):
        await change(store, f"https://evil{number}.example.org/", f"evil{number}.example.org")
    told = [mail.contents.occasion for mail in await claim(mailbox) if mail.contents]
    first = UrlChanged(old_host=HOST, new_host="evil0.example.org")
    assert [one for one in told if isinstance(one, UrlChanged)] == [first]
    limited = [record for record in caplog.records if record.getMessage() == "mail.limited"]
    assert len(limited) == 9


async def test_the_first_way_back_undoes_all_that_followed(store: Store, mailbox: Mailbox) -> None:
    bound = await bind(store)
    for number in range(3):
        await change(
            store, f"https://evil{number}.example.org/", f"evil{number}.example.org", now_ms=NOW_MS + number
        )
    mails = [mail.contents for mail in await claim(mailbox, NOW_MS + 9) if mail.contents]
    tokens = [one.tokens[LinkPurpose.UNDO_CHANGE] for one in mails if isinstance(one.occasion, UrlChanged)]
    links = Links(driver=store.driver, outbox=store.outbox)
    assert await links.use(tokens[0], NOW_MS + 10) is not None
    restored = await store.find_endpoint(bound.endpoint.id)
    assert restored is not None
    assert (restored.url, restored.secret) == (URL, bound.endpoint.secret)
    assert [await links.use(token, NOW_MS + 11) for token in tokens] == [None, None, None]


async def test_after_an_undo_the_next_change_is_told_though_the_mails_are_used_up(
    store: Store, mailbox: Mailbox
) -> None:
    await bind(store)
    await change(store, OTHER_URL, OTHER_HOST)
    for _ in range(6):
        await notify(store)
    links = Links(driver=store.driver, outbox=store.outbox)
    (told,) = [m.contents for m in await claim(mailbox) if m.contents and m.kind is LetterKind.URL_CHANGED]
    await links.use(told.tokens[LinkPurpose.UNDO_CHANGE], NOW_MS + 1)
    await change(store, OTHER_URL, OTHER_HOST, now_ms=NOW_MS + 2)
    assert [mail.kind for mail in await claim(mailbox, NOW_MS + 3)] == [LetterKind.URL_CHANGED]


async def test_without_a_server_nothing_is_to_be_sent_but_all_is_shown(
    opened_store: OpenedStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    store = opened_store.store
    await provision(store)
    await bind(store)
    mailbox = Mailbox(driver=store.driver, vault=store.vault)
    assert await claim(mailbox) == []
    (shown,) = await mailbox.of_device(DEVICE)
    assert (shown.kind, shown.state, shown.error) == (
        LetterKind.REGISTERED,
        MailState.DEAD,
        "not_configured",
    )
    assert await opened_store.rows("links") == []
    assert "mail.not_configured" in [record.getMessage() for record in caplog.records]


# --- what the postman takes out


def settlement(mail: Mail, state: MailState, due_at_ms: int = NOW_MS) -> MailSettlement:
    return MailSettlement(mail=mail, state=state, due_at_ms=due_at_ms, error=None)


async def test_a_claimed_mail_belongs_to_its_claimer_until_the_lease_ends(
    store: Store, mailbox: Mailbox
) -> None:
    await bind(store)
    assert len(await claim(mailbox)) == 1
    assert await claim(mailbox, NOW_MS + LEASE_MS - 1) == []
    (again,) = await claim(mailbox, NOW_MS + LEASE_MS)
    assert again.attempt == 2


async def test_who_lost_the_lease_settles_nothing(store: Store, mailbox: Mailbox) -> None:
    await bind(store)
    (first,) = await claim(mailbox)
    (second,) = await claim(mailbox, NOW_MS + LEASE_MS)
    await mailbox.settle([settlement(first, MailState.DEAD)])
    await mailbox.settle([settlement(second, MailState.WAITING, NOW_MS)])
    (third,) = await claim(mailbox)
    assert third.attempt == 3


async def test_what_was_sent_is_sent_once_and_forgets_its_contents(
    opened_store: OpenedStore, store: Store, mailbox: Mailbox
) -> None:
    await bind(store)
    (mail,) = await claim(mailbox)
    await mailbox.settle([settlement(mail, MailState.SENT)])
    assert await claim(mailbox, NOW_MS + DAY_MS) == []
    assert [row["contents_sealed"] for row in await opened_store.rows("outbox")] == [None]
    assert [one.state for one in await mailbox.latest(MailState.SENT)] == [MailState.SENT]


async def test_a_mail_that_no_key_opens_is_claimed_without_contents(
    opened_store: OpenedStore, store: Store, mailbox: Mailbox
) -> None:
    await bind(store)
    await opened_store.database.execute("UPDATE outbox SET contents_sealed = recipient_sealed")
    (mail,) = await claim(mailbox)
    assert mail.contents is None


async def test_no_secret_lies_in_clear(opened_store: OpenedStore, store: Store, mailbox: Mailbox) -> None:
    bound = await bind(store)
    await change(store, OTHER_URL, OTHER_HOST)
    mails = await claim(mailbox)
    tokens = [token for mail in mails if mail.contents for token in mail.contents.tokens.values()]
    everything = await opened_store.database.everything()
    for secret in (TOKEN, "q8ZrT5", bound.endpoint.secret, *tokens):
        assert secret.encode() not in everything
    assert len(tokens) == 2


async def test_contents_hold_no_secret_but_link_tokens(store: Store, mailbox: Mailbox) -> None:
    await bind(store)
    await change(store, f"{URL}&more=1", HOST)
    shown = repr([mail.contents for mail in await claim(mailbox)])
    assert "q8ZrT5" not in shown
    assert "whsec_" not in shown


async def test_old_mails_and_links_are_let_go(
    opened_store: OpenedStore, store: Store, mailbox: Mailbox
) -> None:
    await bind(store)
    late = NOW_MS + KEPT_DAYS * DAY_MS
    assert await store.driver.transact(forget_old_mails(late)) == 0
    assert await store.driver.transact(forget_old_mails(late + 8 * DAY_MS)) == 1
    assert await opened_store.rows("outbox") == await opened_store.rows("links") == []


async def test_a_link_used_twice_at_once_acts_once(store: Store, mailbox: Mailbox) -> None:
    await bind(store)
    await change(store, OTHER_URL, OTHER_HOST)
    mails = [mail.contents for mail in await claim(mailbox) if mail.kind is LetterKind.URL_CHANGED]
    (token,) = [token for one in mails if one for token in one.tokens.values()]
    links = Links(driver=store.driver, outbox=store.outbox)
    used = await asyncio.gather(*(links.use(token, NOW_MS + 1) for _ in range(8)))
    assert len([one for one in used if one is not None]) == 1
