"""Judging the URL that somebody typed for a webhook; the form and the owner's page say the same."""

import enum
import re
from collections.abc import Mapping
from gettext import GNUTranslations

from relay.domain.target import MAX_URL_CHARACTERS, NETWORK_REASONS, TargetPolicy, parse_target
from relay.errors import TargetRefused
from relay.web.catalogue import phrase

PASTED = " \t\u00a0"
"""What a text gathers at its ends when it is pasted; no line ends: no browser sends them from there."""
_CREDENTIALS = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*:)?(/*)[^/?#]*[@\uff20\ufe6b]")


class UrlFault(enum.StrEnum):
    """What is wrong with a URL."""

    MISSING = "missing"
    SCHEME = "scheme"
    PLAIN_HTTP = "plain_http"
    TOO_LONG = "too_long"
    CHARACTERS = "characters"
    CREDENTIALS = "credentials"
    HOST = "host"
    PORT = "port"
    NETWORK = "network"


URL_SENTENCES: Mapping[UrlFault, str] = {
    UrlFault.MISSING: phrase("Enter the address of your webhook"),
    UrlFault.SCHEME: phrase("Start the address with https://"),
    UrlFault.PLAIN_HTTP: phrase("Start the address with https://; this relay does not send to http://"),
    UrlFault.TOO_LONG: phrase("An address has at most %(longest)s characters. You entered %(count)s."),
    UrlFault.CHARACTERS: phrase(
        "The address contains a space, an invisible character or a backslash. "
        "Type it again or encode it, like %%20."
    ),
    UrlFault.CREDENTIALS: phrase(
        "We do not send a user name or password, so we took them out of the address. "
        "If your server needs a key, put it behind a question mark: ?key=…"
    ),
    UrlFault.HOST: phrase("The name of the server in the address is not valid. Check the spelling."),
    UrlFault.PORT: phrase("We do not send to this port. Use 443, 80 or one above 1023."),
    UrlFault.NETWORK: phrase("This address is not on the public internet, so we may not send to it."),
}


def url_fault(url: str, policy: TargetPolicy) -> UrlFault | None:
    """One fault for all network reasons, so that nobody can map a network with it."""
    if not url:
        return UrlFault.MISSING
    try:
        parse_target(url, policy)
    except TargetRefused as refused:
        return UrlFault.NETWORK if refused.reason in NETWORK_REASONS else UrlFault(refused.reason)
    return None


def url_fault_sentence(words: GNUTranslations, fault: UrlFault, entered: str) -> str:
    """Say in the language of `words` what is wrong with what was entered."""
    facts = {"longest": MAX_URL_CHARACTERS, "count": len(entered)}
    return words.gettext(URL_SENTENCES[fault]) % facts


def without_credentials(url: str) -> str:
    """The text of a URL without what stands before the `@` of its host, in whatever shape it is."""
    return _CREDENTIALS.sub(r"\1\2", url)
