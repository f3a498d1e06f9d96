"""What the form says about each error."""

from collections.abc import Mapping

from relay.domain.target import MAX_URL_CHARACTERS
from relay.forms.registration import MAX_TOKEN_CHARACTERS, ErrorCode, Field
from relay.web.catalogue import phrase
from relay.web.webhook_url import URL_SENTENCES

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
    **{ErrorCode(f"url_{fault}"): sentence for fault, sentence in URL_SENTENCES.items()},
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
