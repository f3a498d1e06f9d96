"""Charts of a device: what came, how it was heard, and every number that its payloads say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import web
from markupsafe import Markup

from relay.device_pages.chart_marks import marks_of
from relay.device_pages.chart_range import DAY_SECONDS, AskedRange, Span, midnight, read_range
from relay.device_pages.export import csv_line, csv_response, decimal, separator_of
from relay.device_pages.frame import Tab, device_page, said_by_page
from relay.device_pages.messages import settings_for
from relay.device_pages.owned import Owned
from relay.device_pages.quality import answer_series, lqi_shares, quality_steps
from relay.device_pages.series import Series, series_of_payloads, series_of_totals
from relay.domain.totals import HOUR_SECONDS, Totals
from relay.store.driver import rows_of
from relay.store.one_message import hosts_of
from relay.store.statistics import OfDevice, Statistics
from relay.store.thinning import read_payloads
from relay.web.catalogue import phrase
from relay.web.chart import Chart, Mark, Point, draw_chart
from relay.web.keys import STORE
from relay.web.query import address
from relay.web.showing import Precision, Showing

MOST_READ = 500
_STEP_NAMES: Mapping[int, str] = {
    HOUR_SECONDS: phrase("by the hour"),
    DAY_SECONDS: phrase("by the day"),
    7 * DAY_SECONDS: phrase("by weeks"),
}
MOST_DIGITS = 4
_WINDOW = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Charted:
    """All that charts show of a time, nothing of one that makes no sense.

    `is_thinned` says that not all messages of it were read.
    """

    asked: AskedRange
    network: Sequence[Series] = ()
    webhook: Sequence[Series] = ()
    has_lqi: bool = False
    quality_seconds: int = DAY_SECONDS
    decoded: Sequence[Series] = ()
    is_thinned: bool = False
    has_messages: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A chart with the rows of the table behind it."""

    key: str
    title: str
    unit: str
    facts: str
    picture: Markup
    columns: Sequence[str]
    legend: Sequence[str]
    rows: Markup
    csv: str


async def show_charts(request: web.Request, owned: Owned) -> web.StreamResponse:
    """The charts of the time in the address."""
    asked = read_range(request.query, owned.show.zone, owned.now_ms // 1000)
    charted = Charted(asked=asked) if asked.errors else await _read(request, owned, asked)
    marks = marks_of(asked, owned.show)
    return await device_page(
        request,
        owned,
        Tab.CHARTS,
        "devices/charts.html",
        422 if asked.errors else 200,
        asked=asked,
        errors={name: owned.translate(each) for name, each in asked.errors.items()},
        spans=[(each, address(request.path, {"range": each})) for each in Span if each is not Span.CUSTOM],
        network=list(_cards(owned, charted, charted.network, marks)),
        webhook=list(_cards(owned, charted, charted.webhook, marks)),
        has_lqi=charted.has_lqi,
        quality_step=owned.say(_STEP_NAMES[charted.quality_seconds]),
        decoded=list(_cards(owned, charted, charted.decoded, marks)),
        is_thinned=charted.is_thinned,
        most_read=MOST_READ,
        has_messages=charted.has_messages,
        newest_at_ms=None if charted.network or charted.decoded else await _newest_at_ms(request, owned),
    )


async def send_chart(request: web.Request, owned: Owned) -> web.StreamResponse:
    """The values of one chart for spreadsheets."""
    asked = read_range(request.query, owned.show.zone, owned.now_ms // 1000)
    if asked.errors:
        return said_by_page(request, owned, Tab.CHARTS)
    charted = await _read(request, owned, asked)
    wanted = request.query.get("chart", "")
    series = next(
        (each for each in (*charted.network, *charted.webhook, *charted.decoded) if each.key == wanted), None
    )
    if series is None:
        raise web.HTTPNotFound
    separator = separator_of(owned)
    columns = [name.lower() for name in series.parts or (series.columns if series.is_grouped else ["value"])]
    lines = [csv_line(["time", *columns], separator)]
    lines += [
        csv_line(
            [owned.show.iso(at * 1000), *(decimal(f"{each:.12g}", separator) for each in numbers)], separator
        )
        for at, numbers in _table(series)
    ]
    return csv_response(f"{owned.device.label}-chart.csv", lines)


async def _read(request: web.Request, owned: Owned, asked: AskedRange) -> Charted:
    store, zone = request.app[STORE], owned.show.zone
    steps = asked.steps(zone)
    payloads = await store.driver.transact(
        read_payloads(owned.device.number, asked.since, asked.until, MOST_READ)
    )
    settings = await settings_for(request, owned)
    quality, quality_seconds = quality_steps(asked, zone)
    lqi = lqi_shares(payloads.messages, quality)
    hosts = await store.driver.transact(hosts_of(owned.device.number))
    totals = series_of_totals(await _totals(request, owned, asked), steps)
    return Charted(
        asked=asked,
        network=[*totals, *([lqi] if lqi else [])],
        webhook=list(answer_series(payloads.answers, asked, quality, hosts)),
        has_lqi=lqi is not None,
        quality_seconds=quality_seconds,
        decoded=list(series_of_payloads(settings, payloads.messages, steps)),
        is_thinned=payloads.is_thinned,
        has_messages=bool(payloads.messages),
    )


async def _totals(request: web.Request, owned: Owned, asked: AskedRange) -> Mapping[int, Totals]:
    """By the beginning of each hour or day."""
    statistics, scope = Statistics(request.app[STORE].driver), OfDevice(owned.device.number)
    since, until, zone = asked.since, asked.until, owned.show.zone
    if asked.by_hour:
        hours = await statistics.hours(scope, since=since, until=until)
        return {hour.starts_at: hour.totals for hour in hours}
    days = await statistics.days(scope, zone, since=since, until=until)
    return {midnight(day.day, zone): day.totals for day in days}


async def _newest_at_ms(request: web.Request, owned: Owned) -> int | None:
    rows = await request.app[STORE].driver.transact(
        rows_of("newest_message", device=owned.device.number, window=_WINDOW)
    )
    return rows[0]["time"] * 1000 if rows else None


def _cards(
    owned: Owned, charted: Charted, all_series: Sequence[Series], marks: Sequence[Mark]
) -> Iterator[Card]:
    asked, show = charted.asked, owned.show
    times = _Times(show, asked.by_hour)
    for series in all_series:
        title = series.name if series.key.startswith("decoded.") else owned.say(series.name)
        facts = _facts(owned, series)
        chart = Chart(
            title=f"{title}: {facts}",
            points=series.points,
            since=asked.since,
            until=asked.until,
            marks=marks,
            write=lambda value: show.number(value, 6),
            bar_seconds=charted.quality_seconds if series.parts else asked.step_seconds * series.is_count,
            layers=series.shares,
        )
        yield Card(
            key=series.key,
            title=title,
            unit=series.unit,
            facts=facts,
            picture=draw_chart(chart),
            columns=[owned.say(name) for name in _columns(series)],
            legend=[owned.say(name) for name in series.parts],
            rows=_rows(show, times, series),
            csv=address(f"{owned.path}/charts.csv", {**asked.query, "chart": series.key}),
        )


@dataclass(slots=True)
class _Times:
    """Moments as text; those of hours and days are in every table, and take long to write."""

    show: Showing
    by_hour: bool
    written: dict[int, str] = field(default_factory=dict)

    def of(self, at: int, *, single: bool) -> str:
        if at not in self.written:
            grouped: Precision = "minute" if self.by_hour else "day"
            self.written[at] = self.show.plain_time(at * 1000, "second" if single else grouped)
        return self.written[at]


def _facts(owned: Owned, series: Series) -> str:
    """What a chart comes to, in one line."""
    if series.facts is not None:
        return owned.translate(series.facts)
    show, values = owned.show, [point.value for point in series.points]
    if series.is_count:
        return owned.say(phrase("%(number)s in all"), number=show.number(sum(values)))
    lows = [point.value if point.low is None else point.low for point in series.points]
    highs = [point.value if point.high is None else point.high for point in series.points]
    return owned.say(
        phrase("from %(low)s to %(high)s, mean %(mean)s"),
        low=show.number(min(lows), MOST_DIGITS),
        high=show.number(max(highs), MOST_DIGITS),
        mean=show.number(sum(values) / len(values), 2),
    )


def _rows(show: Showing, times: _Times, series: Series) -> Markup:
    """Made here and not in the template, which takes ten times as long; times and numbers need no escapes."""
    single = series.key.startswith("decoded.") and not series.is_grouped
    digits, rows = 1 if series.parts else MOST_DIGITS, []
    for at, values in _table(series):
        numbers = "<td>".join([show.number(each, digits) for each in values])
        rows.append(f"<tr><td>{times.of(at, single=single)}<td>{numbers}")
    return Markup("\n".join(rows))  # noqa: S704 - times and numbers alone


def _columns(series: Series) -> Sequence[str]:
    if series.parts:
        return series.parts
    return series.columns if series.is_grouped else [series.unit or phrase("Value")]


def _table(series: Series) -> Iterator[tuple[int, Sequence[float]]]:
    """What stands behind a chart, row by row."""
    if series.parts:
        return ((point.at, shares) for point, shares in zip(series.points, series.shares, strict=True))
    return ((point.at, _numbers(point)) for point in series.points)


def _numbers(point: Point) -> list[float]:
    """The value, and of several together the lowest and the highest."""
    return [each for each in (point.value, point.low, point.high) if each is not None]
