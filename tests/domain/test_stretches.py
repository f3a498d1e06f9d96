"""A time is cut where a zone's clocks are changed."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from relay.domain.stretches import stretches


def moment(year: int, month: int, day: int, hour: int = 0) -> int:
    return round(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


def test_a_year_in_prague_has_three_stretches() -> None:
    since, until = moment(2027, 1, 1), moment(2028, 1, 1)
    found = list(stretches(ZoneInfo("Europe/Prague"), since, until))
    assert [each.offset_seconds for each in found] == [3600, 7200, 3600]
    assert [each.since for each in found] == [since, moment(2027, 3, 28, 1), moment(2027, 10, 31, 1)]
    assert [each.until for each in found] == [moment(2027, 3, 28, 1), moment(2027, 10, 31, 1), until]


def test_a_change_in_the_last_hour_is_found() -> None:
    since, until = moment(2027, 3, 27, 22), moment(2027, 3, 28, 1) + 1
    found = list(stretches(ZoneInfo("Europe/Prague"), since, until))
    assert [(each.until - each.since, each.offset_seconds) for each in found] == [(3 * 3600, 3600), (1, 7200)]


def test_where_clocks_do_not_change_there_is_one() -> None:
    found = list(stretches(ZoneInfo("Asia/Kolkata"), 0, moment(1970, 3, 1)))
    assert [each.offset_seconds for each in found] == [19800]
    assert list(stretches(ZoneInfo("UTC"), 5, 5)) == []
