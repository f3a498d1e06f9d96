"""The words of each letter to an owner, as plain text in the owner's language."""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from gettext import GNUTranslations
from typing import assert_never
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from relay.domain.letter import (
    ChangeUndone,
    ConfirmEmail,
    EmailAsked,
    EmailChanged,
    Failing,
    Happened,
    LetterContents,
    LetterKind,
    LinkPurpose,
    MailTried,
    Recovered,
    Registered,
    SignIn,
    Suspended,
    UrlChanged,
    WebhookAdded,
)
from relay.mail.address_letter import address_paragraphs
from relay.mail.event_letter import event_paragraphs, newest_title
from relay.web.catalogue import phrase
from relay.web.causes import cause_sentence

LINKS_PATH = "/links"
_WIDTH = 72
_TIMES = {"cs": "d. MMMM yyyy H:mm", "en": "d MMMM yyyy, HH:mm"}
_NOT_YOU = phrase("Was it not you? Then pause the deliveries here and ask us:")

_SUBJECTS: Mapping[LetterKind, str] = {
    LetterKind.REGISTERED: phrase("Device %(device)s is registered"),
    LetterKind.WEBHOOK_ADDED: phrase("Device %(device)s: a webhook was added"),
    LetterKind.URL_CHANGED: phrase("Device %(device)s: the webhook address was changed"),
    LetterKind.CONFIRM_EMAIL: phrase("Device %(device)s: confirm this e-mail address"),
    LetterKind.EMAIL_ASKED: phrase("Device %(device)s: another e-mail address is to be used"),
    LetterKind.EMAIL_CHANGED: phrase("Device %(device)s: the e-mail address was changed"),
    LetterKind.MAIL_TRIED: phrase("Device %(device)s: a test mail"),
    LetterKind.CHANGE_UNDONE: phrase("Device %(device)s: a change was undone"),
    LetterKind.FAILING_FOR_AN_HOUR: phrase("Device %(device)s: no message delivered for an hour"),
    LetterKind.FAILING_FOR_A_DAY: phrase("Device %(device)s: no message delivered for a day"),
    LetterKind.SUSPENDED: phrase("Device %(device)s: deliveries are suspended"),
    LetterKind.RECOVERED: phrase("Device %(device)s: messages arrive again"),
    LetterKind.HAPPENED: phrase("Device %(device)s: %(title)s"),
    LetterKind.SIGN_IN: phrase("Device %(device)s: your link to sign in"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenLetter:
    """A letter ready for an envelope."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes in one language. `public_url` begins all links; `operator_name` and `contact` may be empty."""

    words: GNUTranslations
    language: str
    public_url: str
    time_zone: ZoneInfo
    operator_name: str
    contact: str

    def write(self, contents: LetterContents, device: str) -> WrittenLetter:
        """The letter about a device, which is named by its label."""
        facts = {"device": device, "title": newest_title(self.words, contents.occasion)}
        subject = self.words.gettext(_SUBJECTS[contents.occasion.kind]) % facts
        paragraphs = [*self._body(contents, device), *self._closing()]
        return WrittenLetter(subject=subject, text="\n\n".join(map(_wrapped, paragraphs)) + "\n")

    def _body(self, contents: LetterContents, device: str) -> Iterator[str]:
        match contents.occasion:
            case Registered() | WebhookAdded() | UrlChanged() | EmailChanged() | ChangeUndone() as it:
                yield from self._changed(it, contents, device)
            case Failing() | Suspended() | Recovered() as it:
                yield from self._fared(it, contents, device)
            case Happened() as it:
                yield from event_paragraphs(self.words, self.language, it, device, self._time)
            case ConfirmEmail() | EmailAsked() | MailTried() as it:
                facts = {"device": device, "time": self._time(contents.at_ms)}
                link = partial(self._link, contents, LinkPurpose.CONFIRM_EMAIL)
                yield from address_paragraphs(self.words, it, facts, link)
            case SignIn():
                yield from self._sign_in(contents)
            case _:
                assert_never(contents.occasion)

    def _changed(
        self,
        it: Registered | WebhookAdded | UrlChanged | EmailChanged | ChangeUndone,
        contents: LetterContents,
        device: str,
    ) -> Iterator[str]:
        match it:
            case Registered():
                yield from self._registered(it, contents, device)
            case WebhookAdded():
                yield from self._webhook_added(it, contents, device)
            case UrlChanged():
                yield from self._url_changed(it, contents, device)
            case EmailChanged():
                yield from self._email_changed(it, contents, device)
            case ChangeUndone():
                yield from self._change_undone(it, contents, device)
            case _:
                assert_never(it)

    def _fared(
        self, it: Failing | Suspended | Recovered, contents: LetterContents, device: str
    ) -> Iterator[str]:
        match it:
            case Failing():
                yield from self._failing(it, contents, device)
            case Suspended():
                yield from self._suspended(it, contents, device)
            case Recovered():
                yield from self._recovered(it, device)
            case _:
                assert_never(it)

    # --- what the owner did, or somebody else

    def _registered(self, it: Registered, contents: LetterContents, device: str) -> Iterator[str]:
        yield self._say(
            phrase("Since %(time)s the messages of device %(device)s go to your server %(host)s."),
            time=self._time(contents.at_ms),
            device=device,
            host=it.host,
        )
        if it.waiting:
            yield self.words.ngettext(
                "%(num)s message came before there was an address. It is on its way now.",
                "%(num)s messages came before there was an address. They are on their way now.",
                it.waiting,
            ) % {"num": it.waiting}
        yield from self._link(contents, LinkPurpose.PAUSE, _NOT_YOU)

    def _webhook_added(self, it: WebhookAdded, contents: LetterContents, device: str) -> Iterator[str]:
        yield self._say(
            phrase("Since %(time)s the messages of device %(device)s go to %(host)s as well."),
            time=self._time(contents.at_ms),
            device=device,
            host=it.host,
        )
        yield from self._link(contents, LinkPurpose.PAUSE, _NOT_YOU)

    def _url_changed(self, it: UrlChanged, contents: LetterContents, device: str) -> Iterator[str]:
        yield self._say(
            phrase("The webhook address of device %(device)s was changed on %(time)s."),
            device=device,
            time=self._time(contents.at_ms),
        )
        yield "\n".join(
            [
                self._say(phrase("Server before: %(host)s"), host=it.old_host),
                self._say(phrase("Server now: %(host)s"), host=it.new_host),
            ]
        )
        if it.old_host == it.new_host:
            yield self._say(phrase("The server is the same; what follows its name in the address is new."))
        if it.headers_left:
            yield self._say(
                phrase("The headers that you had set for the old server are not sent to the new one.")
            )
        if it.new_email:
            yield self._say(
                phrase("Mails about the device now go to another address: %(email)s."), email=it.new_email
            )
        yield from self._undo(contents, it.old_host)

    def _email_changed(self, it: EmailChanged, contents: LetterContents, device: str) -> Iterator[str]:
        yield self._say(
            phrase("The e-mail address for device %(device)s was changed to %(email)s on %(time)s."),
            device=device,
            email=it.new_email,
            time=self._time(contents.at_ms),
        )
        if it.host:
            yield self._say(phrase("The messages of the device still go to %(host)s."), host=it.host)
        yield from self._undo(contents, it.host)

    def _undo(self, contents: LetterContents, host: str) -> Iterator[str]:
        if LinkPurpose.UNDO_CHANGE not in contents.tokens:
            yield self._say(phrase("Was it not you? Then tell us."))
            return
        yield from self._link(
            contents,
            LinkPurpose.UNDO_CHANGE,
            phrase("Was it not you? Then undo the change here, within 72 hours of it:"),
        )
        yield self._say(
            phrase(
                "Messages then go to %(host)s and mails to you, as before, whatever was changed meanwhile. "
                "Whoever made the change knows the token of your device: ask us for a new one."
            ),
            host=host,
        )

    def _change_undone(self, it: ChangeUndone, contents: LetterContents, device: str) -> Iterator[str]:
        yield self._say(
            phrase(
                "A change of the webhook address or the e-mail address of device %(device)s was undone on "
                "%(time)s, with the link that we mailed. Its messages go to %(host)s again."
            ),
            device=device,
            time=self._time(contents.at_ms),
            host=it.host,
        )
        yield self._say(
            phrase(
                "If you did not make that change yourself, somebody else knows the token of your device: "
                "ask us for a new one."
            )
        )

    # --- what became of the deliveries

    def _failing(self, it: Failing, contents: LetterContents, device: str) -> Iterator[str]:
        yield self._say(
            phrase("Since %(time)s your server %(host)s has taken no message of device %(device)s."),
            time=self._time(it.since_ms),
            host=it.host,
            device=device,
        )
        yield self._cause(it)
        yield from self._waiting(it.waiting)
        yield self._say(
            phrase("We keep trying. When your server answers again, all that waits is delivered by itself.")
        )
        yield from self._link(contents, LinkPurpose.RESUME, phrase("Is it repaired? Send again at once:"))
        yield from self._link(
            contents, LinkPurpose.PAUSE, phrase("Will it take longer? Pause the deliveries; nothing is lost:")
        )

    def _suspended(self, it: Suspended, contents: LetterContents, device: str) -> Iterator[str]:
        yield self._say(
            phrase(
                "Since %(time)s your server %(host)s has taken no message of device %(device)s, "
                "so we have stopped sending. Now and then we try one message."
            ),
            time=self._time(it.since_ms),
            host=it.host,
            device=device,
        )
        yield self._cause(it)
        yield from self._waiting(it.waiting)
        yield self._say(phrase("As soon as your server takes one message, all that waits follows by itself."))
        yield from self._link(contents, LinkPurpose.RESUME, phrase("Is it repaired? Send again at once:"))
        yield from self._link(
            contents,
            LinkPurpose.PAUSE,
            phrase("Shall we not even try? Pause the deliveries; nothing is lost:"),
        )

    def _recovered(self, it: Recovered, device: str) -> Iterator[str]:
        yield self._say(
            phrase("Your server %(host)s takes the messages of device %(device)s again."),
            host=it.host,
            device=device,
        )
        yield self._say(phrase("It had taken none since %(time)s."), time=self._time(it.since_ms))
        if it.late:
            yield self.words.ngettext(
                "%(num)s message arrives late.", "%(num)s messages arrive late.", it.late
            ) % {"num": it.late}

    def _sign_in(self, contents: LetterContents) -> Iterator[str]:
        lead = phrase(
            "This link shows you the pages of your device. It works once, within 15 minutes of %(time)s:"
        )
        yield from self._link(contents, LinkPurpose.SIGN_IN, self._say(lead, time=self._time(contents.at_ms)))
        yield self._say(
            phrase(
                "Was it not you who asked for it? Then ignore this mail: without the link nobody gets in."
            ),
        )

    def _cause(self, it: Failing | Suspended) -> str:
        sentence = cause_sentence(self.words, it.cause, host=it.host, status=it.status)
        return self._say(phrase("What happened at the last attempt: %(cause)s"), cause=sentence)

    def _waiting(self, waiting: int) -> Iterator[str]:
        if waiting:
            yield self.words.ngettext(
                "%(num)s message waits. We keep it for you.",
                "%(num)s messages wait. We keep them for you.",
                waiting,
            ) % {"num": waiting}

    # --- parts

    def _closing(self) -> Iterator[str]:
        name = self.operator_name or self.words.gettext("Sigfox relay")
        if self.contact:
            yield self._say(phrase("Questions? Write to %(contact)s."), contact=self.contact)
        else:
            yield self._say(phrase("Questions? Ask whoever sold you the module."))
        yield f"-- \n{name}\n{self.public_url}"

    def _link(self, contents: LetterContents, purpose: LinkPurpose, lead: str) -> Iterator[str]:
        token = contents.tokens.get(purpose)
        if token:
            url = f"{self.public_url}{LINKS_PATH}/{token}?lang={self.language}"
            yield f"{_wrapped(self.words.gettext(lead))}\n{url}"

    def _say(self, sentence: str, **facts: object) -> str:
        return self.words.gettext(sentence) % facts if facts else self.words.gettext(sentence)

    def _time(self, at_ms: int) -> str:
        moment = datetime.fromtimestamp(at_ms / 1000, UTC)
        pattern = _TIMES[self.language]
        text = format_datetime(moment, pattern, tzinfo=self.time_zone, locale=self.language)
        return f"{text} ({self.time_zone.key})"


def _wrapped(paragraph: str) -> str:
    """At most 72 characters a line, where there is a space to break at; a break that is there stays."""
    return "\n".join(
        textwrap.fill(line, _WIDTH, break_long_words=False, break_on_hyphens=False, drop_whitespace=True)
        if line != "-- "
        else line
        for line in paragraph.splitlines()
    )
