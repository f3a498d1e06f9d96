"""Whether the time of an answer tells a guesser that a device exists."""

import csv
import http.client
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bench.findings import Finding, low_middle_high
from bench.plan import Plan
from bench.relay_process import Kind, Surroundings, running

_EACH = 300
_APART_MS = 15.0
_A_MINUTE = 280  # within the limit of wrong tries in all
_WINDOW_SECONDS = 61.0
_TOKEN = "the-token-of-the-card"


def guesses(plan: Plan) -> Finding:
    """Wrong tokens of known devices and tries of unknown ones in turn, each from an address of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_devices(folder / "devices.csv")
        trusting = {"trusted_proxies": ["127.0.0.0/8"], **plan.settings}
        around = Surroundings(folder=folder, devices=folder / "devices.csv", settings=trusting)
        with running(Kind.RELAY, around) as relay:
            known, unknown = _ask_in_turn(urlsplit(relay.ingest_url).netloc)
    apart = abs(statistics.median(known) - statistics.median(unknown))
    finding = Finding(
        title=f"Guesses: 2 x {_EACH} wrong answers of the form",
        target=f"medians within {_APART_MS:g} ms",
        columns=("device", "low / median / high ms"),
        rows=[("known", low_middle_high(known, 2)), ("unknown", low_middle_high(unknown, 2))],
        found=f"{apart:.2f} ms apart",
    )
    finding.require(apart <= _APART_MS, f"the medians are {apart:.2f} ms apart")
    return finding


def _write_devices(path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("device", "token", "email"))
        writer.writerows((f"{number:X}", _TOKEN, "") for number in range(1, _EACH + 1))


def _ask_in_turn(host: str) -> tuple[Sequence[float], Sequence[float]]:
    known: list[float] = []
    unknown: list[float] = []
    began = time.monotonic()
    connection = http.client.HTTPConnection(host)
    for number in range(2 * _EACH):
        if number and number % _A_MINUTE == 0:
            time.sleep(max(0.0, began + _WINDOW_SECONDS - time.monotonic()))
            began = time.monotonic()
        kind, base = (known, 1) if number % 2 else (unknown, 0x10000)
        kind.append(_ask(connection, f"{base + number // 2:X}", f"198.18.{number // 250}.{number % 250}"))
    return known, unknown


def _ask(connection: http.client.HTTPConnection, device: str, address: str) -> float:
    """Milliseconds of one wrong try."""
    fields = {"device_id": device, "token": "guess", "email": "a@example.com"}
    body = urlencode({**fields, "webhook_url": "https://hooks.example.com/"})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": address}
    began = time.perf_counter()
    connection.request("POST", "/form", body, headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 422:
        raise RuntimeError(f"a wrong try was answered {answer.status}")
    return (time.perf_counter() - began) * 1000
