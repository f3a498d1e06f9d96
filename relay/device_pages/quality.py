"""How well a sample of messages was heard and taken: shares of link quality, and answer times. Pure."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil
from statistics import median
from zoneinfo import ZoneInfo

from relay.device_pages.chart_range import DAY_SECONDS, AskedRange
from relay.device_pages.series import Series
from relay.domain.radio import Radio
from relay.domain.totals import HOUR_SECONDS
from relay.errors import Sentence, sentence
from relay.store.thinning import Answer, Payload
from relay.web.catalogue import phrase
from relay.web.chart import Point

_LQI = {"EXCELLENT": 0, "GOOD": 1, "AVERAGE": 2, "LIMIT": 3, "LIMITED": 3}
_UNKNOWN = 4
_LQI_NAMES = (phrase("Excellent"), phrase("Good"), phrase("Average"), phrase("Limited"), phrase("None"))
_TAKEN_NAMES = (phrase("Delivered"), phrase("Failed"))
_WEEKS_FROM_DAYS = 92


def quality_steps(asked: AskedRange, zone: ZoneInfo) -> tuple[Sequence[int], int]:
    """Hours of a day, else days, or weeks, so that each has some of the sample; and how long they are."""
    steps = asked.steps(zone)
    days = (asked.until - asked.since) / DAY_SECONDS
    if asked.by_hour:
        return (steps, HOUR_SECONDS) if days <= 1.1 else (_thin(steps, 24), DAY_SECONDS)
    return (_thin(steps, 7), 7 * DAY_SECONDS) if days > _WEEKS_FROM_DAYS else (steps, DAY_SECONDS)


def lqi_shares(messages: Iterable[Payload], steps: Sequence[int]) -> Series | None:
    """The shares of link qualities; None when none of the messages has one."""
    groups: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for message in messages:
        lqi = Radio.from_json(message.radio).lqi if message.radio else None
        groups[_step(steps, message.time)][_LQI.get(lqi or "", _UNKNOWN)] += 1
    if all(set(group) == {_UNKNOWN} for group in groups.values()):
        return None
    total = Counter[int]()
    for group in groups.values():
        total += group
    told = total.total() - total[_UNKNOWN]
    good = round(100 * (total[0] + total[1]) / told)
    facts = sentence(
        "of %(count)s that came with one, %(share)s %% excellent or good", count=told, share=good
    )
    return _shares("lqi", phrase("Link quality (LQI)"), _LQI_NAMES, groups, facts)


def answer_series(
    answers: Iterable[Answer], asked: AskedRange, steps: Sequence[int], hosts: Mapping[int, str]
) -> Iterator[Series]:
    """For each endpoint the times until it answered, and which part of the attempts it took."""
    by_endpoint: defaultdict[int, list[Answer]] = defaultdict(list)
    for answer in answers:
        if asked.since <= answer.at_ms // 1000 < asked.until:
            by_endpoint[answer.endpoint_id].append(answer)
    for endpoint_id, given in sorted(by_endpoint.items()):
        host = hosts.get(endpoint_id, "–")
        if any(answer.status is not None for answer in given):
            yield _times(f"answer.{endpoint_id}", host, given, steps)
        yield _taken(f"taken.{endpoint_id}", host, given, steps)


def _times(key: str, host: str, answers: Sequence[Answer], steps: Sequence[int]) -> Series:
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for answer in answers:
        if answer.status is not None:
            groups[_step(steps, answer.at_ms // 1000)].append(answer.duration_ms)
    together = sorted(each for group in groups.values() for each in group)
    return Series(
        key=key,
        name=phrase("Answer time"),
        unit=f"ms · {host}",
        points=[
            Point(at=at, value=median(group), low=min(group), high=percentile(sorted(group), 95))
            for at, group in sorted(groups.items())
        ],
        is_grouped=True,
        columns=(phrase("Median"), phrase("Fastest"), phrase("95 % within")),
        facts=sentence(
            "median %(median)s ms, 95 %% within %(most)s ms",
            median=round(median(together)),
            most=percentile(together, 95),
        ),
    )


def _taken(key: str, host: str, answers: Sequence[Answer], steps: Sequence[int]) -> Series:
    groups: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for answer in answers:
        groups[_step(steps, answer.at_ms // 1000)][0 if answer.is_success else 1] += 1
    taken = sum(answer.is_success for answer in answers)
    facts = sentence(
        "%(share)s %% of %(count)s attempts", share=int(100 * taken / len(answers)), count=len(answers)
    )
    return _shares(key, phrase("Successful attempts"), _TAKEN_NAMES, groups, facts, host)


def percentile(ordered: Sequence[int], percent: int) -> int:
    """The smallest value that so many percent do not exceed."""
    return ordered[ceil(percent * len(ordered) / 100) - 1]


def _shares(
    key: str,
    name: str,
    parts: Sequence[str],
    groups: Mapping[int, Counter[int]],
    facts: Sentence,
    host: str = "",
) -> Series:
    ordered = sorted(groups.items())
    return Series(
        key=key,
        name=name,
        unit=f"% · {host}" if host else "%",
        points=[Point(at=at, value=float(group.total())) for at, group in ordered],
        parts=parts,
        shares=[[100 * group[part] / group.total() for part in range(len(parts))] for _, group in ordered],
        facts=facts,
    )


def _step(steps: Sequence[int], at: int) -> int:
    return steps[max(0, bisect_right(steps, at) - 1)]


def _thin(steps: Sequence[int], every: int) -> Sequence[int]:
    return steps[::every]
