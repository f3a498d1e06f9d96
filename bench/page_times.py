"""How long the owner's pages take for a device with a million messages."""

import http.client
import re
import statistics
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench.filling import Past
from bench.findings import Finding
from bench.relay_process import Kind, NotRunningError, Surroundings, running

_MESSAGES = 1_000_000
_TARGET_MS = 100
_DEVICE, _TOKEN = "B0000", "the-token-of-the-card"
_GRAMMAR = "kind::uint:8 count:8:uint:32 temperature:10:int:16:scale=0.1:unit=°C open:11:bool:0"
_LOOKS = 7
_COUNTED_WITHIN_SECONDS = 5


def measure(settings: Mapping[str, Any]) -> Finding:
    """Ask for each page some times in turn; the median counts."""
    with tempfile.TemporaryDirectory(prefix="relay-bench-") as name:
        devices = Path(name) / "devices.csv"
        url = "http://127.0.0.1:9099/nowhere"
        devices.write_text(f"device,token,email,webhook_url\n{_DEVICE},{_TOKEN},,{url}\n")
        past = Past(old_messages=_MESSAGES)
        around = Surroundings(folder=Path(name), devices=devices, past=past, settings=settings)
        with running(Kind.RELAY, around) as relay:
            time.sleep(_COUNTED_WITHIN_SECONDS)  # what a start does has an end
            return _finding(_times(urlsplit(relay.ingest_url).netloc))


def _times(host: str) -> dict[str, list[float]]:
    connection = http.client.HTTPConnection(host)
    cookie = _sign_in(connection)
    _set_decoder(connection, cookie)
    paths = _paths(connection, cookie)
    times: dict[str, list[float]] = {name: [] for name in paths}
    for _ in range(_LOOKS):
        for name, path in paths.items():
            started = time.perf_counter()
            _get(connection, path, cookie)
            times[name].append(1000 * (time.perf_counter() - started))
    return times


def _sign_in(connection: http.client.HTTPConnection) -> str:
    answer = _post(connection, "/signin", {"device_id": _DEVICE, "token": _TOKEN})
    cookies = answer.headers.get_all("Set-Cookie") or []
    return "; ".join(cookie.partition(";")[0] for cookie in cookies)


def _set_decoder(connection: http.client.HTTPConnection, cookie: str) -> None:
    fields = {"do": "decoder", "display": "custom", "grammar": _GRAMMAR}
    _post(connection, f"/devices/{_DEVICE}/settings", fields, cookie)


def _post(
    connection: http.client.HTTPConnection, path: str, fields: Mapping[str, str], cookie: str = ""
) -> http.client.HTTPResponse:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    connection.request("POST", path, urlencode(fields), headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 303:
        raise NotRunningError(f"{path} answered {answer.status}")
    return answer


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
        found = re.search(r'href="([^"]*)" rel="next"', _get(connection, path, cookie))
        if found is None:
            break
        path = found[1].replace("&amp;", "&")
    return path


def _get(connection: http.client.HTTPConnection, path: str, cookie: str) -> str:
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    text = answer.read().decode()
    if answer.status != 200:
        raise NotRunningError(f"{path} answered {answer.status}")
    return text


def _finding(times: Mapping[str, list[float]]) -> Finding:
    finding = Finding(
        title=f"Pages of a device with {_MESSAGES:,} messages",
        target=f"each <= {_TARGET_MS} ms",
        columns=("page", "median ms", "slowest ms"),
    )
    for name, looks in times.items():
        median = statistics.median(looks)
        finding.rows.append((name, f"{median:.0f}", f"{max(looks):.0f}"))
        finding.require(median <= _TARGET_MS, f"{name}: {median:.0f} ms")
    return finding
