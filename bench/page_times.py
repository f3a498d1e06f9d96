"""How long the owner's pages take for a device with a million messages."""

import http.client
import re
import statistics
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bench.filling import Past
from bench.findings import Finding
from bench.plan import Plan
from bench.relay_process import Kind, Surroundings, running
from bench.visitor import get_page, post_form, sign_in

_MESSAGES = 1_000_000
_TARGET_MS = 100
_DEVICE, _TOKEN = "B0000", "the-token-of-the-card"
_GRAMMAR = "kind::uint:8 count:8:uint:32 temperature:10:int:16:scale=0.1:unit=°C open:11:bool:0"
_LOOKS = 7
_COUNTED_WITHIN_SECONDS = 5


def pages(plan: Plan) -> Finding:
    """Ask for each page some times in turn; the median counts."""
    with tempfile.TemporaryDirectory(prefix="relay-bench-") as name:
        devices = Path(name) / "devices.csv"
        url = "http://127.0.0.1:9099/nowhere"
        devices.write_text(f"device,token,email,webhook_url\n{_DEVICE},{_TOKEN},,{url}\n")
        past = Past(old_messages=_MESSAGES)
        around = Surroundings(folder=Path(name), devices=devices, past=past, settings=plan.settings)
        with running(Kind.RELAY, around) as relay:
            time.sleep(_COUNTED_WITHIN_SECONDS)  # what a start does has an end
            return _finding(_times(urlsplit(relay.ingest_url).netloc))


def _times(host: str) -> dict[str, list[float]]:
    connection = http.client.HTTPConnection(host)
    cookie = sign_in(host, _DEVICE, _TOKEN)
    _set_decoder(connection, cookie)
    paths = _paths(connection, cookie)
    times: dict[str, list[float]] = {name: [] for name in paths}
    for _ in range(_LOOKS):
        for name, path in paths.items():
            started = time.perf_counter()
            get_page(connection, path, cookie)
            times[name].append(1000 * (time.perf_counter() - started))
    return times


def _set_decoder(connection: http.client.HTTPConnection, cookie: str) -> None:
    fields = {"do": "decoder", "display": "custom", "grammar": _GRAMMAR}
    post_form(connection, f"/devices/{_DEVICE}/settings", fields, cookie)


def _paths(connection: http.client.HTTPConnection, cookie: str) -> dict[str, str]:
    base = f"/devices/{_DEVICE}"
    return {
        "overview": base,
        "messages, first page": f"{base}/messages",
        "messages, a filter on the data": f"{base}/messages?{urlencode({'text': '00abc'})}",
        "messages, a decoded value that none has": f"{base}/messages?value=kind%3E9+open%3Dyes",
        "messages, a decoded value": f"{base}/messages?value=open%3Dyes",
        "messages, an old page": _old_page(connection, cookie, f"{base}/messages"),
        "deliveries": f"{base}/deliveries",
        "deliveries, an old page": _old_page(connection, cookie, f"{base}/deliveries"),
        "deliveries, a status that none has": f"{base}/deliveries?status=201",
        "deliveries, a cause": f"{base}/deliveries?cause=read_timeout",
        "deliveries, a state that none has": f"{base}/deliveries?state=dead",
        "charts of a year": f"{base}/charts?range=1y",
    }


def _old_page(connection: http.client.HTTPConnection, cookie: str, path: str) -> str:
    """Some pages back; further back costs the same, since each begins at a cursor."""
    for _ in range(20):
        found = re.search(r'href="([^"]*)" rel="next"', get_page(connection, path, cookie))
        if found is None:
            break
        path = found[1].replace("&amp;", "&")
    return path


def _finding(times: Mapping[str, list[float]]) -> Finding:
    finding = Finding(
        title=f"Pages of a device with {_MESSAGES:,} messages",
        target=f"each <= {_TARGET_MS} ms",
        columns=("page", "median ms", "slowest ms"),
    )
    slowest = 0.0
    for name, looks in times.items():
        median = statistics.median(looks)
        finding.rows.append((name, f"{median:.0f}", f"{max(looks):.0f}"))
        slowest = max(slowest, median)
        finding.require(median <= _TARGET_MS, f"{name}: {median:.0f} ms")
    finding.found = f"the slowest {slowest:.0f} ms"
    return finding
