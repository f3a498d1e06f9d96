"""Reading one value of a callback: what cannot be read is absent (None), never an error.

The operator typed the template, so a number may come as JSON or as text, quoted or not.
"""

import math
import re

_ABSENT = frozenset({"", "null", "n/a"})
_LONGEST_ABSENT = 4
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{0,40})?(?:[eE][+-]?[0-9]{1,4})?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,1000}")
# An exponent counts only behind a point: "1e24" is far more likely to be hex than a number.
_CANONICAL = re.compile(r"-?(?:0|[1-9][0-9]{0,18})(\.[0-9]{1,40}(?:E-?[0-9]{1,3})?)?")
_BEYOND_64_BITS = 2**64


def absent(value: object) -> bool:
    """Whether a value says that there is none: null, nothing, or Sigfox's literal `N/A`."""
    if value is None:
        return True
    return isinstance(value, str) and len(value) <= _LONGEST_ABSENT and value.casefold() in _ABSENT


def number(value: object) -> float | None:
    """A finite number; a bool is none."""
    if type(value) is float and math.isfinite(value):
        return value
    if isinstance(value, str):
        return _finite(value) if _NUMBER.fullmatch(value.strip()) else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _finite(value)
    return None


def _finite(value: str | float) -> float | None:
    try:
        result = float(value)
    except OverflowError:
        return None
    return result if math.isfinite(result) else None


def whole(value: object) -> int | None:
    """An integer of any size; a bool or a float is none."""
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value.strip()) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return None


def integer(value: object) -> int | None:
    """An integer of at most 64 bits, so that every receiver can hold it."""
    found = whole(value)
    return found if found is not None and abs(found) < _BEYOND_64_BITS else None


def truth(value: object) -> bool | None:
    """A bool, also as 0 or 1, also as text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | str):
        return _TRUTHS.get(_as_text(value).strip().lower())
    return None


def text(value: object) -> str | None:
    """Text that says something; an integer is taken by its digits."""
    if isinstance(value, bool) or not isinstance(value, int | str) or absent(value):
        return None
    return _as_text(value) or None


def _as_text(value: int | str) -> str:
    if isinstance(value, str):
        return value
    return str(value) if abs(value) < _BEYOND_64_BITS else ""


def decoded(value: object) -> str | float | None:
    """A field that Sigfox decoded from the payload: a number when it is plainly written as one, else text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _plain_number(value)
    if isinstance(value, int):
        return integer(value)
    return number(value)


def _plain_number(written: str) -> str | float | None:
    if absent(written):
        return None
    canonical = _CANONICAL.fullmatch(written)
    if not canonical:
        return written
    return _finite(written) if canonical[1] else int(written)
