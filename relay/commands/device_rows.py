"""Reading devices to provision from CSV. Pure."""

import csv
import io
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from relay.domain.device import parse_device_id
from relay.domain.target import TargetPolicy, parse_target
from relay.errors import RelayError, TargetRefused

COLUMNS = ("device", "token", "email", "webhook_url", "device_type")
MAX_TOKEN_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    """A device to provision. Empty token: one is made. Empty e-mail: any address may register.

    Empty type: it keeps its own, or gets the default one.
    """

    label: str
    token: str = ""
    email: str = ""
    webhook_url: str = ""
    device_type: str = ""

    @property
    def number(self) -> int:
        """The device's identity."""
        return parse_device_id(self.label)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """A line that cannot be imported; `line` counts from 1 and the header is line 1."""

    line: int
    reason: str


def read_device_row(values: Mapping[str, str], policy: TargetPolicy, types: Container[str]) -> DeviceRow:
    """Check the values of one device; `types` are the names of all device types.

    Raises:
        ValueError: One of them is wrong; the text says which and why.
    """
    text = {name: (values.get(name) or "").strip() for name in COLUMNS}
    try:
        parse_device_id(text["device"])
    except ValueError as error:
        raise ValueError(f"device {text['device'][:40]!r}: {error}") from None
    if len(text["token"]) > MAX_TOKEN_CHARACTERS or not text["token"].isprintable():
        raise ValueError(f"token: longer than {MAX_TOKEN_CHARACTERS} characters, or not printable")
    _check_email(text["email"])
    _check_url(text["webhook_url"], policy)
    if text["device_type"] and text["device_type"] not in types:
        raise ValueError(f"device_type {text['device_type'][:80]!r}: there is no such device type")
    return DeviceRow(
        label=text["device"].upper(),
        token=text["token"],
        email=text["email"],
        webhook_url=text["webhook_url"],
        device_type=text["device_type"],
    )


def _check_email(address: str) -> None:
    if not address:
        return
    try:
        # As the form reads it: whoever cannot enter the address there could never register.
        validate_email(address, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(f"email {address[:80]!r}: {error}") from None


def _check_url(url: str, policy: TargetPolicy) -> None:
    if not url:
        return
    try:
        parse_target(url, policy)
    except TargetRefused as refused:
        raise ValueError(f"webhook_url: {refused}") from None


def read_csv(text: str, policy: TargetPolicy, types: Container[str]) -> tuple[list[DeviceRow], list[BadLine]]:
    """Read a whole file: the good rows and the bad lines. `,` and `;` separate.

    Raises:
        RelayError: There is no header with a `device` column, or the quotes are such that lines have no end.
    """
    lines = io.StringIO(text.removeprefix("\ufeff"))
    reader = csv.DictReader(lines, delimiter=_delimiter(text), strict=True)
    try:
        reader.fieldnames = names = [_column(name) for name in reader.fieldnames or []]
        _check_header(names)
        return _read_lines(reader, policy, types)
    except csv.Error as error:
        raise RelayError(f"line {reader.line_num}: not CSV: {error}") from None


def _read_lines(
    reader: "csv.DictReader[str]", policy: TargetPolicy, types: Container[str]
) -> tuple[list[DeviceRow], list[BadLine]]:
    good: list[DeviceRow] = []
    bad: list[BadLine] = []
    lines: dict[int, int] = {}
    for values in reader:
        try:
            good.append(_read_line(values, reader.line_num, lines, policy, types))
        except ValueError as error:
            bad.append(BadLine(line=reader.line_num, reason=str(error)))
    return good, bad


def _read_line(
    values: Mapping[str, str], line: int, lines: dict[int, int], policy: TargetPolicy, types: Container[str]
) -> DeviceRow:
    """`lines` remembers where each device stood."""
    if None in values:
        raise ValueError("more values than the header has columns")
    row = read_device_row(values, policy, types)
    first = lines.setdefault(row.number, line)
    if first != line:
        raise ValueError(f"device {row.label} stands in line {first} already")
    return row


def _delimiter(text: str) -> str:
    header = text.partition("\n")[0]
    return ";" if header.count(";") > header.count(",") else ","


def _check_header(names: Sequence[str]) -> None:
    if "device" not in names:
        raise RelayError(
            f"line 1: the header must name the columns {', '.join(COLUMNS)}; `device` is missing"
        )
    if len(set(names)) != len(names):
        raise RelayError("line 1: a column is named twice")


def unknown_columns(text: str) -> list[str]:
    """Columns of the header that mean nothing to the import, such as a misspelled one."""
    names = text.removeprefix("\ufeff").partition("\n")[0].split(_delimiter(text))
    return [name.strip() for name in names if _column(name) not in COLUMNS]


def _column(heading: str) -> str:
    """`E-mail` and `Webhook URL` are what people write over columns."""
    return re.sub("[ -]+", "_", heading.strip().lower()).replace("e_mail", "email")
