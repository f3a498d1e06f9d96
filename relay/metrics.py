"""What is counted and timed, for Prometheus. No device and no host is a label.

Everything runs in one thread, so plain numbers do: Prometheus' own counters lock, and cost a message tens of
microseconds. They become its metrics only when somebody asks.
"""

import itertools
import platform
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from relay import __version__
from relay.domain.delivery import Delivery, DeliveryState, Outcome
from relay.domain.downlink_state import DownlinkSource, DownlinkState
from relay.domain.endpoint import EndpointState

_INGEST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_ATTEMPT_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60)
_LATENCY_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 1800, 7200, 43200, 86400, 345600)
_STATEMENT_SECONDS = (0.001, 0.01, 0.1, 1, 10)
_OPEN_STATES = tuple(state for state in DeliveryState if state is not DeliveryState.DELIVERED)


@dataclass(slots=True, eq=False)
class Tally:
    """A count for each set of labels."""

    name: str
    meaning: str
    labels: Sequence[str] = ()
    counts: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """A count without labels begins at 0, so that its first step is seen."""
        if not self.labels:
            self.counts[()] = 0

    def collect(self) -> Iterator[Metric]:
        """As Prometheus has it."""
        family = CounterMetricFamily(self.name, self.meaning, labels=self.labels)
        for values, count in self.counts.items():
            family.add_metric(values, count)
        yield family


@dataclass(slots=True, eq=False)
class Timings:
    """How often something took how long, for each set of labels."""

    name: str
    meaning: str
    bounds_seconds: Sequence[float]
    labels: Sequence[str] = ()
    _counts: defaultdict[tuple[str, ...], list[int]] = field(init=False)
    _sums_seconds: defaultdict[tuple[str, ...], float] = field(init=False)

    def __post_init__(self) -> None:
        """One place more than there are bounds, for what takes longer."""
        self._counts = defaultdict(lambda: [0] * (len(self.bounds_seconds) + 1))
        self._sums_seconds = defaultdict(float)
        if not self.labels:
            self._counts[()]  # it begins at 0, as counts do

    def observe(self, seconds: float, *values: str) -> None:
        """It took so long."""
        self._counts[values][bisect_left(self.bounds_seconds, seconds)] += 1
        self._sums_seconds[values] += seconds

    def collect(self) -> Iterator[Metric]:
        """As Prometheus has it: each bucket counts what took no longer than its bound."""
        family = HistogramMetricFamily(self.name, self.meaning, labels=self.labels)
        bounds = [*(str(float(bound)) for bound in self.bounds_seconds), "+Inf"]
        for values, counts in list(self._counts.items()):  # another thread may be counting
            buckets = list(zip(bounds, map(float, itertools.accumulate(counts)), strict=True))
            family.add_metric(values, buckets, self._sums_seconds[values])
        yield family


def statement_timings() -> Timings:
    """How long one database takes for its statements."""
    meaning = "How long statements took, and to make transactions durable (commit)."
    return Timings("relay_db_query_duration_seconds", meaning, _STATEMENT_SECONDS, ("query",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """How much there is at a moment, by state."""

    deliveries: Mapping[str, int]
    endpoints: Mapping[str, int]
    oldest_seconds: float
    tally_lag_seconds: float = 0.0


class Metrics:
    """All metrics of one process, in a registry of its own; `queue` is None while nobody knows."""

    def __init__(self) -> None:
        self.queue: Queue | None = None
        self._callbacks = Tally("relay_ingest_callbacks", "Callbacks answered.", ("kind", "result"))
        for result in ("taken", "refused", "not_durable"):  # that begins at 0, so that the first one is seen
            self._callbacks.counts["data", result] = 0
        self._ingest = Timings(
            "relay_ingest_duration_seconds", "From a callback's headers to its answer.", _INGEST_SECONDS
        )
        self._messages = Tally("relay_messages", "Messages kept, each once.")
        self._duplicates = Tally("relay_duplicates", "Messages that were known already.")
        self._downlinks = Tally(
            "relay_downlinks",
            "Downlinks handed to Sigfox, and what became of them.",
            ("mode", "ack"),
        )
        for source in DownlinkSource:
            self._downlinks.counts[source, DownlinkState.SENT] = 0
        self._asks = Tally("relay_downlink_asks", "Owners' servers asked for a downlink.", ("result",))
        self._deliveries = Tally(
            "relay_deliveries", "Attempts, by what followed from them.", ("result", "cause")
        )
        self._deliveries.counts["delivered", ""] = 0
        self._attempts = Timings(
            "relay_delivery_attempt_duration_seconds",
            "How long attempts took until this was done.",
            _ATTEMPT_SECONDS,
            ("phase",),
        )
        self._latency = Timings(
            "relay_delivery_latency_seconds", "From a callback to the endpoint's 2xx.", _LATENCY_SECONDS
        )
        self._mails = Tally("relay_mail", "Attempts to send a mail, by what followed from them.", ("result",))
        self.streams = 0
        """Pages that are open and told of changes."""
        self._requests = Tally("relay_http_requests", "Requests for pages.", ("route", "code"))
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        for each in self._all():
            self.add(each)

    def _all(self) -> Sequence[Collector]:
        return (
            *(self._callbacks, self._ingest, self._messages, self._duplicates, self._downlinks, self._asks),
            *(self._deliveries, self._attempts, self._latency, self._requests, self._mails, self),
        )

    def add(self, collector: Collector) -> None:
        """Show the numbers of another part of the relay as well."""
        self._registry.register(collector)

    def callback_answered(self, kind: str, result: str, seconds: float) -> None:
        """A callback was answered; `kind` is empty when there is no such kind."""
        self._callbacks.counts[kind, result] += 1
        self._ingest.observe(seconds)

    def messages_kept(self, *, new: int, repeated: int) -> None:
        """Messages are durable."""
        self._messages.counts[()] += new
        self._duplicates.counts[()] += repeated

    def downlink_moved(self, source: DownlinkSource, state: DownlinkState) -> None:
        """A downlink was handed to Sigfox, or Sigfox said what became of it."""
        self._downlinks.counts[source, state] += 1

    def owner_asked(self, result: str) -> None:
        """An owner's server was asked for a downlink, or could not be."""
        self._asks.counts[(result,)] += 1

    def attempt_ended(self, delivery: Delivery, outcome: Outcome, result: str) -> None:
        """An attempt was made, and `result` follows from it."""
        self._deliveries.counts[result, outcome.cause or ""] += 1
        course = outcome.course
        for phase, ms in (
            ("lookup", course.looked_up_ms),
            ("connect", course.connected_ms),
            ("answer", course.answered_ms),
            ("end", outcome.duration_ms),
        ):
            if ms is not None:
                self._attempts.observe(ms / 1000, phase)
        if outcome.cause is None:
            self._latency.observe(max(0, outcome.ended_at_ms - delivery.received_at_ms) / 1000)

    def page_answered(self, route: str, code: int) -> None:
        """A page was asked for; `route` as it is written, since what stands in its places may be a secret."""
        self._requests.counts[route, str(code)] += 1

    def mail_attempted(self, result: str) -> None:
        """A mail was sent, or could not be."""
        self._mails.counts[(result,)] += 1

    def collect(self) -> Iterator[Metric]:
        """What is no count of what happened, but a state of things."""
        version = {"version": __version__, "python": platform.python_version()}
        yield InfoMetricFamily("relay_build", "The program that runs.", value=version)
        depth = GaugeMetricFamily("relay_queue_depth", "Open deliveries.", labels=("state",))
        endpoints = GaugeMetricFamily("relay_endpoints", "Endpoints.", labels=("state",))
        oldest = GaugeMetricFamily(
            "relay_queue_oldest_seconds", "How long the oldest due delivery waits to be taken."
        )
        lag = GaugeMetricFamily(
            "relay_tally_lag_seconds", "How long the oldest callback waits to be counted in the statistics."
        )
        if self.queue:
            lag.add_metric((), self.queue.tally_lag_seconds)
            _by_state(depth, self.queue.deliveries, _OPEN_STATES)
            _by_state(endpoints, self.queue.endpoints, tuple(EndpointState))
            oldest.add_metric((), self.queue.oldest_seconds)
        streams = GaugeMetricFamily("relay_sse_clients", "Open pages that are told of changes.", self.streams)
        yield from (depth, endpoints, oldest, lag, streams)

    def exposition(self) -> bytes:
        """Everything, in the text format of Prometheus."""
        return generate_latest(self._registry)


def _by_state(family: GaugeMetricFamily, counts: Mapping[str, int], states: Sequence[str]) -> None:
    for state in states:
        family.add_metric((state,), counts.get(state, 0))
