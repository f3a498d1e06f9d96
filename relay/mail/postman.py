"""Takes mails from the outbox to the mail server, again and again until they are sent or given up."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from relay.config import Config
from relay.domain.letter import LetterContents
from relay.errors import StoreUnavailable
from relay.mail.letters import Writer
from relay.mail.message import Sender, ascii_address, make_message, make_sender
from relay.mail.post import Fault, Post, PostOutcome
from relay.metrics import Metrics
from relay.store.mailing import Mail, Mailbox, MailSettlement
from relay.store.outbox import MailState
from relay.store.store import Store
from relay.web.catalogue import read_catalogues

_log = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = (60, 5 * 60, 30 * 60, 2 * 3600, 12 * 3600)
"""The wait after each failure; after one more the mail is given up."""
BATCH = 10
LEASE_SECONDS = 300
"""Longer than a batch may take."""
POLL_SECONDS = 1.0
END_WITHIN_SECONDS = 3.0
LONGEST_WAIT_MS = 3 * 24 * 3600 * 1000
"""What could not be said for so long, for example while the relay was off, is said no more."""


def judge(mail: Mail, outcome: PostOutcome, now_ms: int) -> MailSettlement:
    """What follows from an attempt to send."""
    state, due_at_ms = MailState.DEAD, now_ms
    if outcome.fault is None:
        state = MailState.SENT
    elif not outcome.fault.is_for_good and mail.attempt <= len(RETRY_AFTER_SECONDS):
        state, due_at_ms = MailState.WAITING, now_ms + RETRY_AFTER_SECONDS[mail.attempt - 1] * 1000
    return MailSettlement(mail=mail, state=state, due_at_ms=due_at_ms, error=outcome.fault)


@dataclass(slots=True, kw_only=True)
class Postman:
    """`run` sends until `stop`. It needs no server to start with: mails wait in their table."""

    mailbox: Mailbox
    post: Post
    sender: Sender
    writers: Mapping[str, Writer]
    default_language: str
    now: Callable[[], float]
    metrics: Metrics = field(default_factory=Metrics)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Send what is due until `stop`."""
        while not self._stopping.is_set():
            if await self._try_once() < BATCH:
                await self._rest()

    def stop(self) -> None:
        """Claim no more."""
        self._stopping.set()

    async def send_once(self) -> int:
        """Send some of what is due; the answer is how many mails that was.

        Raises:
            StoreUnavailable: What was sent, if anything, could not be written down and is sent again.
        """
        now_ms = self._now_ms()
        mails = await self.mailbox.claim(
            now_ms=now_ms, lease_until_ms=now_ms + LEASE_SECONDS * 1000, limit=BATCH
        )
        if mails:
            outcomes = await self._deliver(mails)
            settlements = [
                judge(mail, outcome, self._now_ms()) for mail, outcome in zip(mails, outcomes, strict=True)
            ]
            await self.mailbox.settle(settlements)
            _log_outcomes(settlements, outcomes)
            for settlement in settlements:
                self.metrics.mail_attempted(settlement.state)
        return len(mails)

    async def _try_once(self) -> int:
        try:
            return await self.send_once()
        except StoreUnavailable as error:
            _log.error("mail.not_claimed", extra={"error": str(error)})
        return 0

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), POLL_SECONDS)
        except TimeoutError:
            return

    async def _deliver(self, mails: Sequence[Mail]) -> list[PostOutcome]:
        composed = [self._compose(mail) for mail in mails]
        messages = [one for one in composed if isinstance(one, EmailMessage)]
        sent = iter(await self._post(messages) if messages else [])
        return [next(sent) if isinstance(one, EmailMessage) else PostOutcome(one) for one in composed]

    async def _post(self, messages: Sequence[EmailMessage]) -> list[PostOutcome]:
        try:
            return await self.post.deliver(messages)
        except Exception as error:  # one mail that breaks us must not be tried for ever, nor end the others
            _log_broken(error)
            return [PostOutcome(Fault.BROKE)] * len(messages)

    def _compose(self, mail: Mail) -> EmailMessage | Fault:
        if mail.contents is None:
            return Fault.UNREADABLE
        if self._now_ms() - mail.created_at_ms > LONGEST_WAIT_MS:
            return Fault.TOO_OLD
        try:
            recipient = ascii_address(mail.recipient)
        except ValueError:
            return Fault.BAD_ADDRESS
        try:
            return self._message(mail, mail.contents, recipient)
        except Exception as error:  # as above
            _log_broken(error)
            return Fault.BROKE

    def _message(self, mail: Mail, contents: LetterContents, recipient: str) -> EmailMessage:
        writer = self.writers.get(mail.language) or self.writers[self.default_language]
        return make_message(
            writer.write(contents, mail.device_label),
            recipient=recipient,
            sender=self.sender,
            language=writer.language,
            reference=f"{mail.id}.{mail.created_at_ms}",
            now=self.now(),
        )

    def _now_ms(self) -> int:
        return round(self.now() * 1000)


def _log_broken(error: Exception) -> None:
    """Without the error's words: they may hold an address."""
    _log.error("mail.broke", extra={"error": type(error).__name__})


def _log_outcomes(settlements: Sequence[MailSettlement], outcomes: Sequence[PostOutcome]) -> None:
    for settlement, outcome in zip(settlements, outcomes, strict=True):
        level = logging.INFO if outcome.fault is None else logging.WARNING
        facts = {
            "device": f"{settlement.mail.device:X}",
            "kind": settlement.mail.kind,
            "mail": settlement.mail.id,
            "attempt": settlement.mail.attempt,
            "state": settlement.state,
            "error": outcome.fault,
            "code": outcome.code,
        }
        _log.log(level, "mail.attempted", extra=facts)


def make_writers(config: Config) -> dict[str, Writer]:
    """One for each language that the pages speak."""
    return {
        language: Writer(
            words=words,
            language=language,
            public_url=config.public_url,
            time_zone=ZoneInfo(config.ui.time_zone),
            operator_name=config.ui.operator_name,
            contact=config.ui.contact,
        )
        for language, words in read_catalogues(config.ui.languages).items()
    }


def make_postman(
    config: Config,
    store: Store,
    now: Callable[[], float],
    tls: ssl.SSLContext | None = None,
    metrics: Metrics | None = None,
) -> Postman:
    """The postman that the settings ask for.

    Raises:
        ConfigError: The sender's address cannot be used.
    """
    sender = make_sender(config.smtp.from_address, config.public_url)
    return Postman(
        mailbox=Mailbox(driver=store.driver, vault=store.vault),
        post=Post(settings=config.smtp, own_name=sender.domain, tls=tls or ssl.create_default_context()),
        sender=sender,
        writers=make_writers(config),
        default_language=config.ui.default_language,
        now=now,
        metrics=metrics or Metrics(),
    )


@asynccontextmanager
async def posting(
    config: Config, store: Store, now: Callable[[], float], metrics: Metrics
) -> AsyncIterator[None]:
    """Send mails meanwhile, if there is a mail server.

    Raises:
        ConfigError: The sender's address cannot be used.
    """
    if not config.smtp.host:
        _log.info("mail.not_configured")
        yield
        return
    postman = make_postman(config, store, now, metrics=metrics)
    async with asyncio.TaskGroup() as tasks:
        rounds = tasks.create_task(postman.run(), name="postman")
        try:
            yield
        finally:
            postman.stop()
            await asyncio.wait([rounds], timeout=END_WITHIN_SECONDS)
            rounds.cancel()
