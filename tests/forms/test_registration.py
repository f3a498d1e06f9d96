"""Reading the form."""

import pytest

from relay.domain.target import NETWORK_REASONS, Reason, TargetPolicy
from relay.forms.registration import (
    ErrorCode,
    Field,
    Registration,
    entered_values,
    read_registration,
    without_credentials,
)
from relay.forms.sentences import ERROR_SENTENCES
from tests.pages import FIELDS

POLICY = TargetPolicy()


def read(**changed: str) -> Registration | dict[Field, ErrorCode]:
    result = read_registration({**FIELDS, **changed}, POLICY)
    return result if isinstance(result, Registration) else dict(result)


def test_reads_what_was_typed() -> None:
    assert read() == Registration(
        device=0x1A2B3C,
        token=FIELDS["token"],
        email=FIELDS["email"],
        url=FIELDS["webhook_url"],
        host="hooks.example.com",
    )


@pytest.mark.parametrize("text", ["1a2b3c", " 1A2B3C ", "1A 2B 3C", "\t001A2B3C", "1A2B\u00a03C"])
def test_device_id_may_be_written_in_many_ways(text: str) -> None:
    registration = read(device_id=text)
    assert isinstance(registration, Registration)
    assert registration.device == 0x1A2B3C


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("device_id", "", ErrorCode.DEVICE_ID_MISSING),
        ("device_id", "  ", ErrorCode.DEVICE_ID_MISSING),
        ("device_id", "1A2B3C4D5", ErrorCode.DEVICE_ID_TOO_LONG),
        ("device_id", "XYZ", ErrorCode.DEVICE_ID_CHARACTERS),
        ("device_id", "0x1A", ErrorCode.DEVICE_ID_CHARACTERS),
        ("device_id", "1A2B\n3C", ErrorCode.DEVICE_ID_CHARACTERS),
        ("device_id", "1A2B3C\n", ErrorCode.DEVICE_ID_CHARACTERS),
        ("device_id", "ﬀ", ErrorCode.DEVICE_ID_CHARACTERS),
        ("device_id", "１２３", ErrorCode.DEVICE_ID_CHARACTERS),
        ("token", "", ErrorCode.TOKEN_MISSING),
        ("token", "x" * 201, ErrorCode.TOKEN_TOO_LONG),
        ("email", "", ErrorCode.EMAIL_MISSING),
        ("email", "a@b", ErrorCode.EMAIL_SHAPE),
        ("email", "a@localhost", ErrorCode.EMAIL_SHAPE),
        ("email", "A <a@example.com>", ErrorCode.EMAIL_SHAPE),
        ("email", "a@example.com\n", ErrorCode.EMAIL_SHAPE),
        ("email", "á@example.com", ErrorCode.EMAIL_SHAPE),
        ("webhook_url", "", ErrorCode.URL_MISSING),
        ("webhook_url", "hooks.example.com", ErrorCode.URL_SCHEME),
        ("webhook_url", "https://u:p@hooks.example.com/", ErrorCode.URL_CREDENTIALS),
        ("webhook_url", "https://hooks.example.com/ x", ErrorCode.URL_CHARACTERS),
        ("webhook_url", "https://hooks.example.com/\n", ErrorCode.URL_CHARACTERS),
        ("webhook_url", "https://hooks..example.com/", ErrorCode.URL_HOST),
        ("webhook_url", "https://hooks.example.com:25/", ErrorCode.URL_PORT),
        ("webhook_url", "https://hooks.example.com/" + "x" * 2048, ErrorCode.URL_TOO_LONG),
        ("webhook_url", "http://10.0.0.1/", ErrorCode.URL_NETWORK),
        ("webhook_url", "http://169.254.169.254/", ErrorCode.URL_NETWORK),
        ("webhook_url", "http://localhost/", ErrorCode.URL_NETWORK),
    ],
)
def test_says_what_is_wrong_with_a_field(field: str, text: str, code: ErrorCode) -> None:
    assert read(**{field: text}) == {Field(field): code}


@pytest.mark.parametrize("text", ["owner@mail.test", "Owner+sigfox@Example.com", "a@žluťoučký.cz"])
def test_addresses_are_judged_by_shape_alone(text: str) -> None:
    assert isinstance(read(email=text), Registration)


def test_all_errors_come_at_once_in_the_order_of_the_form() -> None:
    errors = read_registration({}, POLICY)
    assert not isinstance(errors, Registration)
    assert list(errors) == list(Field)


def test_plain_http_is_refused_where_the_operator_asks_for_more() -> None:
    fields = {**FIELDS, "webhook_url": "http://hooks.example.com/"}
    errors = read_registration(fields, TargetPolicy(allow_http=False))
    assert errors == {Field.WEBHOOK_URL: ErrorCode.URL_PLAIN_HTTP}


def test_every_reason_of_a_refused_target_has_its_code() -> None:
    for reason in set(Reason) - NETWORK_REASONS:
        assert ErrorCode(f"url_{reason}") in ERROR_SENTENCES


def test_every_code_has_its_sentence() -> None:
    assert set(ERROR_SENTENCES) == set(ErrorCode)


def test_shown_again_as_understood() -> None:
    shown = entered_values(
        {"device_id": " 1a 2b3c ", "token": " t ", "webhook_url": "https://u:SEKRET@h.cz/?a=b"}
    )
    assert shown == {"device_id": "1A2B3C", "token": "t", "email": "", "webhook_url": "https://h.cz/?a=b"}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:SEKRET@h.example/p", "https://h.example/p"),
        ("http://a@b@h.example/", "http://h.example/"),
        ("user:SEKRET@h.example", "user:h.example"),
        ("https:\\\\u:SEKRET@h.example", "https:h.example"),
        ("https://u:SEKRET＠h.example", "https://h.example"),
        ("https://h.example/@me?a=b@c", "https://h.example/@me?a=b@c"),
        ("https://h.example?mail=a@b", "https://h.example?mail=a@b"),
    ],
)
def test_credentials_are_never_shown_again(url: str, shown: str) -> None:
    assert without_credentials(url) == shown
