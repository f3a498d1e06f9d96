"""What charts show: sums and means from the statistics, and every number that payloads say. Pure."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from relay.decoder.display import read_payload
from relay.decoder.read import Value
from relay.domain.device_settings import DeviceSettings
from relay.domain.totals import Totals
from relay.errors import Sentence
from relay.store.thinning import Payload
from relay.web.catalogue import phrase
from relay.web.chart import Point

TOO_BIG = 1e100
"""Such a number is no measurement, and has no room on an axis."""
MOST_SINGLE = 200
"""More values than these are put together by the hour or the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Values of one kind over time, the first one first; the name of a statistic is a `phrase`.

    `columns` are those of grouped values. With `parts` each point is a sum, of which each part has as
    many percent as `shares` say. `facts` is what it comes to, if that is nothing usual.
    """

    key: str
    name: str
    unit: str
    points: Sequence[Point]
    is_count: bool = False
    is_grouped: bool = False
    columns: Sequence[str] = (phrase("Mean"), phrase("Lowest"), phrase("Highest"))
    parts: Sequence[str] = ()
    shares: Sequence[Sequence[float]] = ()
    facts: Sentence | None = None


@dataclass(slots=True)
class _Numbers:
    unit: str = ""
    at: list[tuple[int, float]] = field(default_factory=list)


_COUNTS: Sequence[tuple[str, str, Callable[[Totals], int]]] = (
    ("messages", phrase("Messages"), lambda totals: totals.messages),
    ("bytes", phrase("Bytes"), lambda totals: totals.bytes),
    ("missed", phrase("Missed messages"), lambda totals: totals.missed),
)
_MEANS: Sequence[tuple[str, str, str, Callable[[Totals], float | None]]] = (
    ("snr", phrase("Signal to noise (SNR)"), "dB", lambda totals: totals.mean_snr),
    ("rssi", phrase("Signal strength (RSSI)"), "dBm", lambda totals: totals.mean_rssi),
    ("temperature", phrase("Temperature of the module"), "°C", lambda totals: totals.mean_temperature),
    ("voltage", phrase("Voltage of the module"), "V", lambda totals: totals.mean_voltage),
)


def series_of_totals(totals: Mapping[int, Totals], steps: Sequence[int]) -> Iterator[Series]:
    """The statistics by the beginnings of their hours or days; a step that is not there had no messages."""
    if any(each.messages for each in totals.values()):
        for key, name, count in _COUNTS:
            points = [Point(at=at, value=max(0, count(totals.get(at, Totals())))) for at in steps]
            yield Series(key=key, name=name, unit="", points=points, is_count=True)
    for key, name, unit, mean in _MEANS:
        means = [(at, mean(totals[at])) for at in steps if at in totals]
        points = [Point(at=at, value=value) for at, value in means if value is not None]
        if points:
            yield Series(key=key, name=name, unit=unit, points=points)


def series_of_payloads(
    settings: DeviceSettings, messages: Sequence[Payload], steps: Sequence[int]
) -> Iterator[Series]:
    """The numbers that payloads say, by their names."""
    grouped = len(messages) > MOST_SINGLE
    for name, numbers in _numbers(settings, messages).items():
        yield Series(
            key=f"decoded.{name}",
            name=name,
            unit=numbers.unit,
            points=[*_together(numbers.at, steps)] if grouped else [*_alone(numbers.at)],
            is_grouped=grouped,
        )


def _numbers(settings: DeviceSettings, messages: Iterable[Payload]) -> Mapping[str, _Numbers]:
    found: defaultdict[str, _Numbers] = defaultdict(_Numbers)
    for message in messages:
        for each in read_payload(settings, message.data).fields:
            if _is_charted(each.value):
                numbers = found[each.name]
                numbers.unit = each.unit
                numbers.at.append((message.time, float(each.value or 0)))
    return found


def _is_charted(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < TOO_BIG


def _alone(numbers: Iterable[tuple[int, float]]) -> Iterator[Point]:
    return (Point(at=at, value=value) for at, value in numbers)


def _together(numbers: Iterable[tuple[int, float]], steps: Sequence[int]) -> Iterator[Point]:
    groups: defaultdict[int, list[float]] = defaultdict(list)
    for at, value in numbers:
        groups[steps[max(0, bisect_right(steps, at) - 1)]].append(value)
    for at, values in groups.items():
        yield Point(at=at, value=sum(values) / len(values), low=min(values), high=max(values))
