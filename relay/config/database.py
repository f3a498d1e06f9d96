"""Which database keeps everything."""

import enum
import re
from dataclasses import dataclass, field
from pathlib import Path

_SQLITE = re.compile(r"sqlite:///(?P<path>[^?#]+)")
_POSTGRESQL = re.compile(
    r"(?P<user>postgresql://(?:[^:@/?#\s]*(?=[:@]))?)"
    r"(?P<password>:[^@/?#\s]*(?=@))?"
    r"(?P<place>@?[^@/?#\s]*(?:/[^@/?#\s]*)?)"
    r"(?P<options>\?\S*)?"
)


class DatabaseKind(enum.StrEnum):
    """The two databases a URL can name."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseUrl:
    """Which database; `str` and `repr` of it hide a password."""

    kind: DatabaseKind
    url: str = field(repr=False)

    @property
    def path(self) -> Path:
        """The file of an SQLite database; a relative one counts from the working directory."""
        return Path(self.url.removeprefix("sqlite:///"))

    @property
    def hides(self) -> bool:
        """Whether the URL holds more than may be shown."""
        return str(self) != self.url

    def __str__(self) -> str:
        match = _POSTGRESQL.fullmatch(self.url)
        if match is None:
            return self.url
        password = ":***" if match["password"] else ""
        return match["user"] + password + match["place"] + ("?***" if match["options"] else "")


def parse_database(text: str) -> DatabaseUrl:
    """Read the URL of a database.

    Raises:
        ValueError: It is neither `sqlite:///FILE` nor `postgresql://…`. A password is not in the message.
    """
    if _SQLITE.fullmatch(text) and text.isprintable() and text != "sqlite:///:memory:":
        return DatabaseUrl(kind=DatabaseKind.SQLITE, url=text)
    if _POSTGRESQL.fullmatch(text) and text.isprintable():
        return DatabaseUrl(kind=DatabaseKind.POSTGRESQL, url=text)
    raise ValueError(_what_is_wrong(text))


def _what_is_wrong(text: str) -> str:
    if text.startswith("postgresql:"):
        return "should read postgresql://user@host/name; write special characters of a password as %XX"
    if text == "sqlite:///:memory:":
        return "a database in memory would lose every message: name a file"
    return "should be sqlite:///relative.db, sqlite:////absolute.db or postgresql://user@host/name"
