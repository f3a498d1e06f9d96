"""A chart as SVG: an axis, a line with gaps or bars, and the band between lowest and highest. Pure.

Its colours stand in the style sheet, so that it is right in the dark and in print.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from relay.web.scale import Scale, runs, scale_of

WIDTH, HEIGHT = 560, 230
LEFT, RIGHT, TOP, BOTTOM = 66, 14, 12, 34
_BOTTOM_Y = HEIGHT - BOTTOM
_MOST_DOTS = 60
"""So few values get a dot each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A value at a moment (Unix seconds); of several together `value` is the mean."""

    at: int
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A moment that is written under a chart."""

    at: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Values between two moments; a `bar_seconds` that is not 0 draws each as a bar of that length.

    `title` is what a screen reader says instead, `write` writes the numbers beside the axis. With
    `layers` each bar is full, and made of that many percent of each.
    """

    title: str
    points: Sequence[Point]
    since: int
    until: int
    marks: Sequence[Mark]
    write: Callable[[float], str]
    bar_seconds: int = 0
    layers: Sequence[Sequence[float]] = ()


def draw_chart(chart: Chart) -> Markup:
    """The picture; it needs at least one point."""
    scale = _scale(chart)
    parts = [*_grid(chart, scale), *_drawn(chart, scale)]
    head = Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">'
    ).format(WIDTH, HEIGHT, chart.title)
    return head + Markup("").join(parts) + Markup("</svg>")


def _drawn(chart: Chart, scale: Scale) -> Iterator[Markup]:
    if chart.layers:
        return _layers(chart, scale)
    return _bars(chart, scale) if chart.bar_seconds else _lines(chart, scale)


def _scale(chart: Chart) -> Scale:
    if chart.layers:
        return scale_of(0, 100, whole=True)
    if chart.bar_seconds:
        return scale_of(0, max(1.0, *(point.value for point in chart.points)), whole=True)
    lows = [point.value if point.low is None else point.low for point in chart.points]
    highs = [point.value if point.high is None else point.high for point in chart.points]
    return scale_of(min(lows), max(highs))


def _x(chart: Chart, at: float) -> float:
    inside = min(chart.until, max(chart.since, at))
    return round(LEFT + (inside - chart.since) / (chart.until - chart.since) * (WIDTH - LEFT - RIGHT), 1)


def _y(scale: Scale, value: float) -> float:
    return round(_BOTTOM_Y - scale.part(value) * (_BOTTOM_Y - TOP), 1)


def _grid(chart: Chart, scale: Scale) -> Iterator[Markup]:
    for tick in scale.ticks:
        y = _y(scale, tick)
        yield Markup('<path class="rule" d="M{} {}H{}"/><text class="up" x="{}" y="{}">{}</text>').format(
            LEFT, y, WIDTH - RIGHT, LEFT - 8, y + 5, chart.write(tick)
        )
    for mark in chart.marks:
        x = _x(chart, mark.at)
        yield Markup('<path class="tick" d="M{} {}v6"/><text class="along" x="{}" y="{}">{}</text>').format(
            x, _BOTTOM_Y, x, HEIGHT - 8, mark.text
        )


def _bars(chart: Chart, scale: Scale) -> Iterator[Markup]:
    steps = []
    for point in chart.points:
        if point.value > 0:
            left, right = _x(chart, point.at), _x(chart, point.at + chart.bar_seconds)
            width = max(0.8, (right - left) * 0.8)
            steps.append(f"M{left} {_BOTTOM_Y}V{_y(scale, point.value)}h{width:.1f}V{_BOTTOM_Y}z")
    yield Markup('<path class="bar" d="{}"/>').format("".join(steps))


def _layers(chart: Chart, scale: Scale) -> Iterator[Markup]:
    steps: list[list[str]] = [[] for _ in chart.layers[0]]
    for point, shares in zip(chart.points, chart.layers, strict=True):
        left, right = _x(chart, point.at), _x(chart, point.at + chart.bar_seconds)
        width, below = max(0.8, (right - left) * 0.86), 0.0
        for layer, share in enumerate(shares):
            bottom, below = _y(scale, below), below + share
            if share:
                steps[layer].append(f"M{left} {bottom}V{_y(scale, below)}h{width:.1f}V{bottom}z")
    for number, each in enumerate(steps):
        yield Markup('<path class="layer layer-{}" d="{}"/>').format(number, "".join(each))


def _lines(chart: Chart, scale: Scale) -> Iterator[Markup]:
    stretches = runs([point.at for point in chart.points])
    for stretch in stretches:
        points = [chart.points[index] for index in stretch]
        yield from _band(chart, scale, points)
        line = _path(chart, scale, [(point.at, point.value) for point in points])
        yield Markup('<path class="line" d="{}"/>').format(line)
    for point in _dotted(chart, stretches):
        yield Markup('<circle class="dot" cx="{}" cy="{}" r="3"/>').format(
            _x(chart, point.at), _y(scale, point.value)
        )


def _band(chart: Chart, scale: Scale, points: Sequence[Point]) -> Iterator[Markup]:
    upper = [(point.at, point.high) for point in points if point.high is not None]
    lower = [(point.at, point.low) for point in reversed(points) if point.low is not None]
    if len(upper) > 1:
        yield Markup('<path class="band" d="{}z"/>').format(_path(chart, scale, upper + lower))


def _path(chart: Chart, scale: Scale, places: Sequence[tuple[int, float]]) -> str:
    """Without a call for each place: there are thousands on a page."""
    to_right = (WIDTH - LEFT - RIGHT) / (chart.until - chart.since)
    up = (_BOTTOM_Y - TOP) / (scale.high - scale.low)
    from_left, from_top = LEFT - chart.since * to_right, _BOTTOM_Y + scale.low * up
    return "M" + "L".join(
        [f"{from_left + at * to_right:.1f} {from_top - value * up:.1f}" for at, value in places]
    )


def _dotted(chart: Chart, stretches: Sequence[range]) -> list[Point]:
    """All values when there are few, else those that no line leads to."""
    if len(chart.points) <= _MOST_DOTS:
        return list(chart.points)
    return [chart.points[stretch.start] for stretch in stretches if len(stretch) == 1]
