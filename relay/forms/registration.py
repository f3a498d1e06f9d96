"""What a buyer typed into the form, read and judged without asking anybody."""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from relay.domain.device import parse_device_id
from relay.domain.target import TargetPolicy, parse_target
from relay.web.webhook_url import PASTED, url_fault, without_credentials

MAX_TOKEN_CHARACTERS = 200


class Field(enum.StrEnum):
    """The fields by their names in the form, in its order."""

    DEVICE_ID = "device_id"
    TOKEN = "token"  # noqa: S105 - a field's name
    EMAIL = "email"
    WEBHOOK_URL = "webhook_url"


class ErrorCode(enum.StrEnum):
    """What is wrong with a field; the sentences stand in `relay.forms.sentences`."""

    DEVICE_ID_MISSING = "device_id_missing"
    DEVICE_ID_CHARACTERS = "device_id_characters"
    DEVICE_ID_TOO_LONG = "device_id_too_long"
    TOKEN_MISSING = "token_missing"  # noqa: S105 - a code
    TOKEN_TOO_LONG = "token_too_long"  # noqa: S105 - a code
    EMAIL_MISSING = "email_missing"
    EMAIL_SHAPE = "email_shape"
    URL_MISSING = "url_missing"
    URL_SCHEME = "url_scheme"
    URL_PLAIN_HTTP = "url_plain_http"
    URL_TOO_LONG = "url_too_long"
    URL_CHARACTERS = "url_characters"
    URL_CREDENTIALS = "url_credentials"
    URL_HOST = "url_host"
    URL_PORT = "url_port"
    URL_NETWORK = "url_network"


FieldErrors = Mapping[Field, ErrorCode]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What somebody says of a device that they own; not proven yet."""

    device: int
    token: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration(Claim):
    """A form that can be tried: `url` is the text as typed, `host` its host as it will be asked for."""

    url: str
    host: str


def read_claim(fields: Mapping[str, str]) -> Claim | FieldErrors:
    """Read device, token and e-mail; the errors, one a field, come in the order of the form."""
    entered = entered_values(fields)
    if errors := _claim_errors(entered):
        return errors
    return Claim(
        device=parse_device_id(entered[Field.DEVICE_ID]),
        token=entered[Field.TOKEN],
        email=entered[Field.EMAIL],
    )


def read_registration(fields: Mapping[str, str], policy: TargetPolicy) -> Registration | FieldErrors:
    """Read the four fields; the errors, one a field, come in the order of the form."""
    entered = entered_values(fields)
    url = fields.get(Field.WEBHOOK_URL, "").strip(PASTED)
    errors = _claim_errors(entered)
    if url_error := _url_error(url, policy):
        errors[Field.WEBHOOK_URL] = url_error
    if errors:
        return errors
    return Registration(
        device=parse_device_id(entered[Field.DEVICE_ID]),
        token=entered[Field.TOKEN],
        email=entered[Field.EMAIL],
        url=url,
        host=parse_target(url, policy).raw_host or "",
    )


def entered_values(fields: Mapping[str, str]) -> dict[Field, str]:
    """The fields as they are shown again: the id in capitals and one piece, the URL without password."""
    entered = {field: fields.get(field, "").strip(PASTED) for field in Field}
    device_id = entered[Field.DEVICE_ID].replace(" ", "").replace("\u00a0", "")
    return entered | {
        # Outside ASCII, upper case can turn what is no hex digit into one.
        Field.DEVICE_ID: device_id.upper() if device_id.isascii() else device_id,
        Field.WEBHOOK_URL: without_credentials(entered[Field.WEBHOOK_URL]),
    }


def _claim_errors(entered: Mapping[Field, str]) -> dict[Field, ErrorCode]:
    judged = {
        Field.DEVICE_ID: _device_id_error(entered[Field.DEVICE_ID]),
        Field.TOKEN: _token_error(entered[Field.TOKEN]),
        Field.EMAIL: _email_error(entered[Field.EMAIL]),
    }
    return {field: error for field, error in judged.items() if error}


def _device_id_error(text: str) -> ErrorCode | None:
    if not text:
        return ErrorCode.DEVICE_ID_MISSING
    try:
        parse_device_id(text)
    except ValueError:
        is_hex = re.fullmatch("[0-9A-Fa-f]+", text)
        return ErrorCode.DEVICE_ID_TOO_LONG if is_hex else ErrorCode.DEVICE_ID_CHARACTERS
    return None


def _token_error(text: str) -> ErrorCode | None:
    if not text:
        return ErrorCode.TOKEN_MISSING
    return ErrorCode.TOKEN_TOO_LONG if len(text) > MAX_TOKEN_CHARACTERS else None


def _email_error(text: str) -> ErrorCode | None:
    """Judged by its shape; DNS is not asked."""
    if not text:
        return ErrorCode.EMAIL_MISSING
    try:
        # test_environment lets the reserved domain .test pass; nothing else.
        validate_email(text, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError:
        return ErrorCode.EMAIL_SHAPE
    return None


def _url_error(url: str, policy: TargetPolicy) -> ErrorCode | None:
    fault = url_fault(url, policy)
    return ErrorCode(f"url_{fault}") if fault else None
