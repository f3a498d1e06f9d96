"""Looking for messages by what they say: conditions such as `temperature>25 state=open`. Pure."""

import operator
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from relay.decoder.parts import quote
from relay.decoder.read import Value
from relay.errors import SearchRefused, Sentence, sentence

MOST_CONDITIONS = 5

_CONDITION = re.compile(r"(?P<name>[A-Za-z0-9_-]+)\s*(?P<sign><=|>=|!=|==|=|<|>)")
_NUMBER = re.compile(r"([+-]?[0-9]{1,30}(?:[.,][0-9]{1,30})?)(?:\s*[^\s0-9].*)?")  # a unit may follow
_COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}
_ORDERS = frozenset({"<", "<=", ">", ">="})
_BOOLS = {
    "yes": True,
    "true": True,
    "ano": True,
    "1": True,
    "no": False,
    "false": False,
    "ne": False,
    "0": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A field, how it is compared, and with what; `number` is that as a number, if it is one."""

    name: str
    sign: str
    text: str
    number: float | None

    def holds(self, value: Value) -> bool:
        """Whether a field's value fits. No value fits nothing, and words have no order."""
        match value:
            case None:
                return False
            case bool():
                return self._equals(value, _BOOLS.get(self.text.casefold()))
            case int() | float():
                return self.number is not None and _COMPARED[self.sign](value, self.number)
            case _:
                return self._equals(str(value).strip().casefold(), self.text.casefold())

    def _equals(self, value: object, wanted: object) -> bool:
        return self.sign not in _ORDERS and wanted is not None and (value == wanted) is (self.sign != "!=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Conditions, all of which must hold."""

    conditions: Sequence[Condition]

    def fits(self, values: Mapping[str, Value]) -> bool:
        """Whether a message says so; a field that is not in it fits nothing."""
        return all(one.name in values and one.holds(values[one.name]) for one in self.conditions)


def parse_search(text: str, fields: Collection[str]) -> Search:
    """Read conditions on these fields; the case of letters does not matter.

    Raises:
        SearchRefused: There is no condition, or it is about no such field.
    """
    found = [*_CONDITION.finditer(text)]
    starts = [match for match in found if match.start() == 0 or text[match.start() - 1].isspace()]
    if not starts or starts[0].start() > 0:
        raise SearchRefused(
            sentence("Write a field, a sign and a value, such as temperature>25 or state=open.")
        )
    if len(starts) > MOST_CONDITIONS:
        raise SearchRefused(sentence("At most %(count)s conditions.", count=MOST_CONDITIONS))
    ends = [match.start() for match in starts[1:]] + [len(text)]
    known = {name.casefold(): name for name in fields}
    return Search(
        conditions=[
            _condition(match, text[match.end() : end].strip(), known)
            for match, end in zip(starts, ends, strict=True)
        ]
    )


def _condition(match: re.Match[str], text: str, known: Mapping[str, str]) -> Condition:
    name = known.get(match["name"].casefold())
    if name is None:
        raise SearchRefused(_no_field(match["name"], known))
    if not text:
        raise SearchRefused(sentence("Write a value behind %(what)s.", what=quote(match[0])))
    number = _NUMBER.fullmatch(text)
    return Condition(
        name=name,
        sign=match["sign"],
        text=text,
        number=float(number[1].replace(",", ".")) if number else None,
    )


def _no_field(name: str, known: Mapping[str, str]) -> Sentence:
    if not known:
        return sentence("Payloads of this device are not decoded. Set a decoder first.")
    return sentence(
        "There is no field %(what)s; there are %(known)s.", what=quote(name), known=", ".join(known.values())
    )
