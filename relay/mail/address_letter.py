"""The words of the letters about an e-mail address itself: one that is not confirmed yet, or is tried."""

from collections.abc import Callable, Iterator
from gettext import GNUTranslations
from typing import assert_never

from relay.domain.letter import ConfirmEmail, EmailAsked, MailTried
from relay.web.catalogue import phrase

_CONFIRM = phrase(
    "Somebody who is signed in to device %(device)s wants mails about it to come to this address. "
    "If that is right, confirm it here, within 72 hours of %(time)s:"
)
_NOT_YOU = phrase("Was it not you? Then ignore this mail: without the link nothing changes.")
_ASKED = phrase(
    "On %(time)s somebody who is signed in to device %(device)s wanted mails about it to go to %(email)s. "
    "Nothing changes until that address is confirmed; then we write to you once more."
)
_TRIED = phrase(
    "This is a test mail, asked for on %(time)s on the page of device %(device)s. "
    "When something happens to the device, we write to this address."
)
_THEIRS = phrase("Was it not you? Whoever it was knows the token of your device: ask us for a new one.")


def address_paragraphs(
    words: GNUTranslations,
    it: ConfirmEmail | EmailAsked | MailTried,
    facts: dict[str, str],
    link: Callable[[str], Iterator[str]],
) -> Iterator[str]:
    """`facts` are `device` and `time`; `link` writes the link behind its lead."""
    match it:
        case ConfirmEmail():
            yield from link(words.gettext(_CONFIRM) % facts)
            yield words.gettext(_NOT_YOU)
        case EmailAsked():
            yield words.gettext(_ASKED) % {**facts, "email": it.new_email}
            yield words.gettext(_THEIRS)
        case MailTried():
            yield words.gettext(_TRIED) % facts
        case _:
            assert_never(it)
