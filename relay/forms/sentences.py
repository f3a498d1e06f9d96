"""What the form says about each error."""

from collections.abc import Mapping

from relay.domain.target import MAX_URL_CHARACTERS
from relay.forms.registration import MAX_TOKEN_CHARACTERS, ErrorCode, Field
from relay.web.catalogue import phrase

ERROR_SENTENCES: Mapping[ErrorCode, str] = {
    ErrorCode.DEVICE_ID_MISSING: phrase("Enter the device ID"),
    ErrorCode.DEVICE_ID_CHARACTERS: phrase("A device ID has only digits and letters A to F"),
    ErrorCode.DEVICE_ID_TOO_LONG: phrase(
        "A device ID has only digits and letters A to F, at most 8 characters. You entered %(count)s."
    ),
    ErrorCode.TOKEN_MISSING: phrase("Enter the token"),
    ErrorCode.TOKEN_TOO_LONG: phrase("A token has at most %(longest)s characters. You entered %(count)s."),
    ErrorCode.EMAIL_MISSING: phrase("Enter your e-mail address"),
    ErrorCode.EMAIL_SHAPE: phrase("Enter an address like name@example.com"),
    ErrorCode.URL_MISSING: phrase("Enter the address of your webhook"),
    ErrorCode.URL_SCHEME: phrase("Start the address with https://"),
    ErrorCode.URL_PLAIN_HTTP: phrase("Start the address with https://; this relay does not send to http://"),
    ErrorCode.URL_TOO_LONG: phrase("An address has at most %(longest)s characters. You entered %(count)s."),
    ErrorCode.URL_CHARACTERS: phrase(
        "The address contains a space, an invisible character or a backslash. "
        "Type it again or encode it, like %%20."
    ),
    ErrorCode.URL_CREDENTIALS: phrase(
        "We do not send a user name or password, so we took them out of the address. "
        "If your server needs a key, put it behind a question mark: ?key=…"
    ),
    ErrorCode.URL_HOST: phrase("The name of the server in the address is not valid. Check the spelling."),
    ErrorCode.URL_PORT: phrase("We do not send to this port. Use 443, 80 or one above 1023."),
    ErrorCode.URL_NETWORK: phrase("This address is not on the public internet, so we may not send to it."),
}

_LONGEST = {Field.TOKEN: MAX_TOKEN_CHARACTERS, Field.WEBHOOK_URL: MAX_URL_CHARACTERS}

WRONG_PAIR = phrase(
    "This device ID, token and e-mail do not belong together. "
    "Check the ID and the token on the card, and use the e-mail address of your order."
)
WRONG_PAIR_WITH_CONTACT = phrase(
    "This device ID, token and e-mail do not belong together. "
    "Check the ID and the token on the card, and use the e-mail address of your order, or ask %(contact)s."
)


def sentence_values(field: Field, entered: str) -> dict[str, object]:
    """What the sentences about a field may mention."""
    return {"longest": _LONGEST.get(field), "count": len(entered)}
