"""One spelling for each host: what the resolver and the socket will be given."""

import re
import unicodedata
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

from yarl import URL

_MAX_NAME_CHARACTERS = 253
_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
# Such a last label makes resolvers read the whole host as an IPv4 address, in many ways.
_NUMBER = re.compile("[0-9]+|0x[0-9a-f]*")

_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})
# Letters, marks and a symbol that show nothing: Unicode's Default_Ignorable_Code_Point, and blank braille.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


@lru_cache(4096)
def canonical_host(text: str) -> str:
    """Spell a host in ASCII and lower case; IPv6 compressed and without brackets.

    IPv4 has only one spelling, the dotted quad. A name's Unicode form must be the text itself: characters
    that are replaced on the way to DNS (`ⓛ`, `。`, full width) are refused. A dot at the end is refused.

    Raises:
        ValueError: No host, or one that has another reading.
    """
    if ":" in text:
        return IPv6Address(text.removeprefix("[").removesuffix("]")).compressed
    name = _ascii_name(text)
    is_number = _NUMBER.fullmatch(name.rpartition(".")[2])
    return str(IPv4Address(name)) if is_number else name


def has_invisible(text: str) -> bool:
    """Does the text hold characters outside ASCII that nobody can see, or that reorder what is seen?"""
    if text.isascii():
        return False
    return bool(_INVISIBLE.search(text)) or any(
        unicodedata.category(character) in _INVISIBLE_CATEGORIES for character in text if character > "\x7f"
    )


def _ascii_name(text: str) -> str:
    name = text.lower() if text.isascii() else _encoded(text)
    if len(name) > _MAX_NAME_CHARACTERS or not _NAME.fullmatch(name):
        raise ValueError("not a host name")
    if (not text.isascii() or "xn--" in name) and not _is_faithful(text, name):
        raise ValueError("a host name with another reading")
    return name


def _is_faithful(text: str, name: str) -> bool:
    """Do the text and its ASCII form stand for each other, in both directions?"""
    shown = _decoded(name)
    return (
        unicodedata.normalize("NFKC", text) == text
        and _decoded(text.lower()) == shown
        and not has_invisible(shown)
        and _encoded(shown) == name
    )


def _encoded(name: str) -> str:
    return URL.build(scheme="http", host=name).raw_host or ""


def _decoded(name: str) -> str:
    return ".".join(
        label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label
        for label in name.split(".")
    )
