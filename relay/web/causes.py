"""One sentence for each cause of a failed attempt; pages, mails and the API say the same."""

from collections.abc import Mapping
from gettext import GNUTranslations
from http import HTTPStatus

from relay.domain.delivery import Cause
from relay.web.catalogue import phrase

_SENTENCES: Mapping[Cause, str] = {
    Cause.DNS: phrase("The name %(host)s does not exist, or its name server does not answer."),
    Cause.BLOCKED_ADDRESS: phrase("The name %(host)s leads to an address to which we may not connect."),
    Cause.BAD_URL: phrase("The address cannot be used. Check it letter by letter."),
    Cause.REFUSED: phrase("Nothing listens on %(host)s: the connection was refused."),
    Cause.UNREACHABLE: phrase("There is no way to %(host)s through the network."),
    Cause.CONNECT_TIMEOUT: phrase("%(host)s did not accept the connection in time."),
    Cause.READ_TIMEOUT: phrase(
        "Connected, but no answer came in time. Your server may have processed the message."
    ),
    Cause.RESET: phrase("%(host)s closed the connection before answering."),
    Cause.TLS_EXPIRED: phrase("The certificate of %(host)s has expired."),
    Cause.TLS_NAME: phrase("The certificate is for another name than %(host)s."),
    Cause.TLS_SELF_SIGNED: phrase("%(host)s signed its certificate itself, so nobody vouches for it."),
    Cause.TLS_OTHER: phrase("No encrypted connection to %(host)s could be made."),
    Cause.REDIRECT: phrase("Answered %(status)s: we do not follow redirects. Set the final address."),
    Cause.CLIENT_ERROR: phrase("Answered %(status)s."),
    Cause.GONE: phrase("Answered %(status)s: deliveries to this address are stopped."),
    Cause.RATE_LIMITED: phrase("Answered %(status)s: your server asks us to wait."),
    Cause.SERVER_ERROR: phrase("Answered %(status)s: something went wrong on your server."),
    Cause.BAD_RESPONSE: phrase("%(host)s did not answer as a web server does."),
    Cause.ABORTED: phrase("Your server asked not to get this message again."),
    Cause.DISCARDED: phrase("Given up by you when deliveries were resumed."),
    Cause.REMOVED: phrase("The webhook was taken away before the message was delivered."),
    Cause.CRASHED: phrase("The relay stopped during this attempt. It will try again."),
    Cause.INTERNAL: phrase("The relay made a mistake during this attempt. It is in our log."),
}

_NAMES: Mapping[Cause, str] = {
    Cause.DNS: phrase("Unknown name"),
    Cause.BLOCKED_ADDRESS: phrase("Address not allowed"),
    Cause.BAD_URL: phrase("Unusable address"),
    Cause.REFUSED: phrase("Connection refused"),
    Cause.UNREACHABLE: phrase("Not reachable"),
    Cause.CONNECT_TIMEOUT: phrase("No connection in time"),
    Cause.READ_TIMEOUT: phrase("No answer in time"),
    Cause.RESET: phrase("Connection broken off"),
    Cause.TLS_EXPIRED: phrase("Certificate expired"),
    Cause.TLS_NAME: phrase("Certificate for another name"),
    Cause.TLS_SELF_SIGNED: phrase("Self-signed certificate"),
    Cause.TLS_OTHER: phrase("Other trouble with encryption"),
    Cause.REDIRECT: phrase("Redirect (3xx)"),
    Cause.CLIENT_ERROR: phrase("Refused by the server (4xx)"),
    Cause.GONE: phrase("Gone (410)"),
    Cause.RATE_LIMITED: phrase("Too many requests (429)"),
    Cause.SERVER_ERROR: phrase("Server error (5xx)"),
    Cause.BAD_RESPONSE: phrase("No proper answer"),
    Cause.ABORTED: phrase("Not wanted by the server"),
    Cause.DISCARDED: phrase("Given up by you"),
    Cause.REMOVED: phrase("Webhook taken away"),
    Cause.CRASHED: phrase("The relay stopped"),
    Cause.INTERNAL: phrase("Mistake of the relay"),
}


def cause_name(words: GNUTranslations, cause: Cause) -> str:
    """The cause in a few words, for lists to choose from."""
    return words.gettext(_NAMES[cause])


def cause_sentence(words: GNUTranslations, cause: Cause, *, host: str, status: int | None) -> str:
    """Say in the language of `words` why an attempt did not deliver."""
    return words.gettext(_SENTENCES[cause]) % {"host": host, "status": _status_words(words, status)}


def _status_words(words: GNUTranslations, status: int | None) -> str:
    """`404 Not Found`; only the number when nobody has registered it."""
    if status is None:
        return words.gettext(phrase("with an error"))
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
