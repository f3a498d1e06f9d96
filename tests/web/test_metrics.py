"""`/metrics`: what is counted, who may read it, and what it costs the database."""

import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from relay.domain.delivery import Cause, Course, Delivery, Outcome
from relay.domain.endpoint import SealedEndpoint
from relay.errors import StoreUnavailable
from relay.metrics import Metrics, Queue, Timings
from relay.store.endpoints import Endpoints
from relay.store.tending import pause
from relay.web import metrics_page
from relay.web.keys import METRICS
from tests.pages import DEVICE, Pages, serve_pages
from tests.store.given import accept, uplink

TOKEN = "pr0metheus-T0ken"
ALERTS = Path(__file__).parent.parent.parent / "deploy" / "prometheus" / "alerts.yml"
SECRET_PLACES = re.compile(r"1A2B3C|example\.com", re.IGNORECASE)


def serving(folder: Path, **settings: object) -> AbstractAsyncContextManager[Pages]:
    return serve_pages(folder, metrics_page.setup, **settings)


@pytest.fixture
async def pages(tmp_path: Path) -> AsyncIterator[Pages]:
    async with serving(tmp_path) as pages:
        yield pages


def samples(exposition: str) -> dict[str, float]:
    """Every sample as it is written."""
    lines = [line for line in exposition.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def shown(metrics: Metrics) -> dict[str, float]:
    return samples(metrics.exposition().decode())


async def read(pages: Pages) -> dict[str, float]:
    response = await pages.client.get("/metrics")
    assert response.status == 200
    return samples(await response.text())


# --- what is counted


def attempted(received_at_ms: int = 0) -> Delivery:
    sealed = SealedEndpoint(id=1, revision=1, url_sealed=b"", secret_sealed=b"")
    return Delivery(
        id=1,
        webhook_id="msg_1",
        endpoint=sealed,
        attempt=1,
        tries=1,
        device_label=DEVICE,
        time=0,
        data="",
        snr=None,
        rssi=None,
        received_at_ms=received_at_ms,
        lease_until_ms=0,
    )


def test_attempts_are_counted_by_what_followed_and_why() -> None:
    metrics = Metrics()
    course = Course(looked_up_ms=2, connected_ms=7, answered_ms=29)
    taken = Outcome(status=204, cause=None, at_ms=1000, duration_ms=30, course=course)
    failed = Outcome(status=None, cause=Cause.DNS, at_ms=1000, duration_ms=5000)
    metrics.attempt_ended(attempted(received_at_ms=900), taken, "delivered")
    for _ in range(2):
        metrics.attempt_ended(attempted(), failed, "due_again")
    found = shown(metrics)
    assert found['relay_deliveries_total{cause="",result="delivered"}'] == 1
    assert found['relay_deliveries_total{cause="dns",result="due_again"}'] == 2
    phases = [
        (found[f'{name}_count{{phase="{phase}"}}'], found[f'{name}_sum{{phase="{phase}"}}'])
        for name in ("relay_delivery_attempt_duration_seconds",)
        for phase in ("lookup", "connect", "answer", "end")
    ]
    assert phases == [(1, 0.002), (1, 0.007), (1, 0.029), (3, pytest.approx(10.03))]
    assert found["relay_delivery_latency_seconds_sum"] == pytest.approx(0.13)
    assert found["relay_delivery_latency_seconds_count"] == 1


def test_a_clock_that_went_back_is_no_negative_latency() -> None:
    metrics = Metrics()
    metrics.attempt_ended(
        attempted(received_at_ms=9000),
        Outcome(status=204, cause=None, at_ms=1000, duration_ms=30),
        "delivered",
    )
    assert shown(metrics)["relay_delivery_latency_seconds_sum"] == 0


def test_each_bucket_holds_what_took_no_longer() -> None:
    metrics, timings = Metrics(), Timings("relay_test_seconds", "For this test.", (0.1, 1))
    metrics.add(timings)
    for seconds in (0.05, 0.1, 0.5, 1, 7):
        timings.observe(seconds)
    found = shown(metrics)
    buckets = [found[f'relay_test_seconds_bucket{{le="{bound}"}}'] for bound in ("0.1", "1.0", "+Inf")]
    assert buckets == [2, 4, 5]
    assert found["relay_test_seconds_count"] == 5


def test_what_must_not_be_missed_begins_at_0() -> None:
    found = shown(Metrics())
    assert found['relay_ingest_callbacks_total{kind="data",result="not_durable"}'] == 0
    assert found['relay_deliveries_total{cause="",result="delivered"}'] == 0
    assert found["relay_messages_total"] == found["relay_duplicates_total"] == 0


def test_two_processes_in_one_share_nothing() -> None:
    one, other = Metrics(), Metrics()
    one.messages_kept(new=2, repeated=1)
    assert shown(one)["relay_messages_total"] == 2
    assert shown(other)["relay_messages_total"] == 0


# --- the page


async def test_it_tells_how_much_there_is_in_which_state(pages: Pages) -> None:
    await pages.bind("https://hooks.example.com/in?key=1", "hooks.example.com")
    (endpoint,) = await Endpoints(pages.store.driver).of_device(int(DEVICE, 16))
    now_ms = round(pages.world.now * 1000)
    await accept(
        pages.store,
        uplink(device=int(DEVICE, 16), device_text=DEVICE),
        received_at_ms=now_ms - 7000,
        lease_until_ms=None,
    )
    await pages.store.driver.transact(pause(endpoint.id))
    await accept(pages.store, uplink(device=int(DEVICE, 16), seq_number=8), lease_until_ms=None)
    found = await read(pages)
    assert found['relay_queue_depth{state="waiting"}'] == 1
    assert found['relay_queue_depth{state="held"}'] == 1
    assert found['relay_queue_depth{state="dead"}'] == 0
    assert found["relay_queue_oldest_seconds"] == 7
    assert found["relay_tally_lag_seconds"] == 7
    assert found['relay_endpoints{state="paused"}'] == 1
    assert found['relay_endpoints{state="active"}'] == 0


async def test_it_names_neither_devices_nor_hosts(pages: Pages) -> None:
    await pages.bind("https://hooks.example.com/in?key=1", "hooks.example.com")
    await pages.client.get(f"/form?device_id={DEVICE}")
    await pages.client.get(f"/no/such/page/{DEVICE}")
    text = await (await pages.client.get("/metrics")).text()
    assert not SECRET_PLACES.search(text)


async def test_pages_are_counted_by_route_and_programs_are_not(pages: Pages) -> None:
    for path in ("/form", "/form", "/nowhere", "/metrics"):
        await pages.client.get(path)
    found = await read(pages)
    requests = {name: count for name, count in found.items() if name.startswith("relay_http_requests_total")}
    assert requests == {
        'relay_http_requests_total{code="200",route="/form"}': 2,
        'relay_http_requests_total{code="404",route=""}': 1,
    }


async def test_the_database_is_not_asked_each_time(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    count_all = metrics_page.count_all

    def counted() -> object:
        nonlocal asked
        asked += 1
        return count_all()

    monkeypatch.setattr(metrics_page, "count_all", counted)
    for _ in range(5):
        await read(pages)
    assert asked == 1


async def test_what_cannot_be_known_is_not_told(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> object:
        raise StoreUnavailable("the disk is gone")

    monkeypatch.setattr(metrics_page, "count_all", broken)
    pages.client.app[METRICS].queue = Queue(deliveries={"held": 3}, endpoints={}, oldest_seconds=1)
    found = await read(pages)
    assert not [name for name in found if name.startswith(("relay_queue", "relay_endpoints"))]
    assert "relay_messages_total" in found


async def test_the_type_and_the_text_are_those_of_prometheus(pages: Pages) -> None:
    response = await pages.client.get("/metrics")
    assert response.headers["Content-Type"] == "text/plain; version=1.0.0; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    families = {family.name for family in text_string_to_metric_families(await response.text())}
    assert {"relay_build_info", "relay_messages", "process_resident_memory_bytes"} <= families


# --- who may read


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer {TOKEN}", 200),
        ("Bearer wrong", 401),
        (f"Basic {TOKEN}", 401),
        (TOKEN, 401),
        ("Bearer", 401),
        ("Bearer \xe9", 401),
        (None, 401),
    ],
)
async def test_a_token_keeps_others_out(tmp_path: Path, authorization: str | None, status: int) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    async with serving(tmp_path, metrics={"token": TOKEN}) as pages:
        response = await pages.client.get("/metrics", headers=headers)
        assert response.status == status
        assert ("relay_build_info" in await response.text()) is (status == 200)


async def test_switched_off_it_is_not_there(tmp_path: Path) -> None:
    async with serving(tmp_path, metrics={"enabled": False}) as pages:
        assert (await pages.client.get("/metrics")).status == 404


# --- the alerts


def alerts() -> list[dict[str, str]]:
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def test_every_alert_says_what_is_wrong() -> None:
    names = [rule["alert"] for rule in alerts()]
    assert len(set(names)) == len(names) >= 5
    for rule in alerts():
        assert rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in {"critical", "warning"}


def test_alerts_ask_for_metrics_that_exist() -> None:
    metrics = Metrics()
    metrics.queue = Queue(deliveries={}, endpoints={}, oldest_seconds=0)
    known = {name.partition("{")[0] for name in shown(metrics)}
    asked = {name for rule in alerts() for name in re.findall(r"relay_\w+", rule["expr"])}
    assert asked <= known


def test_alerts_ask_for_results_that_exist() -> None:
    asked = {value for rule in alerts() for value in re.findall(r'result="(\w+)"', rule["expr"])}
    assert asked <= {"taken", "refused", "not_durable", "delivered", "due_again", "held", "dead"}
