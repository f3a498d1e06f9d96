"""`relay simulate`: plays the Sigfox cloud against any ingest URL."""

import asyncio
import dataclasses
import json
import sys
import time
from collections.abc import Mapping
from typing import TextIO

import click
from rich.console import Console
from rich.table import Table
from yarl import URL

from relay.domain.device import parse_device_id
from relay.domain.uplink import Kind
from relay.simulator.cloud import Cloud, Pace, explain
from relay.simulator.fleet import Traffic, make_device_ids, make_fleet, transmissions
from relay.simulator.ingest import Ingest, SecretIn, try_connection
from relay.simulator.report import Attempt, Report
from relay.simulator.services import KINDS

CONNECT_WITHIN_SECONDS = 10.0
LATENCY_SHARES = (0.5, 0.95, 0.99)
SHOWN = 10
SHARE = click.FloatRange(0, 1)
POSITIVE = click.FloatRange(min=0, min_open=True)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one run does, as the command line said."""

    ingest: Ingest
    numbers: tuple[int, ...]
    seed: int
    traffic: Traffic
    pace: Pace
    advanced: bool
    acknowledge: bool
    kinds: tuple[Kind, ...]


def _kinds(_context: click.Context, _parameter: click.Parameter, text: str) -> tuple[Kind, ...]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in KINDS]
    if unknown:
        raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(KINDS)}")
    return tuple(map(Kind, names))


def _ingest_url(_context: click.Context, _parameter: click.Parameter, text: str) -> str:
    try:
        url = URL(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if url.scheme not in {"http", "https"} or not url.host or url.query_string or url.fragment:
        raise click.BadParameter("give the base of the ingest, as in https://relay.example/sigfox")
    return text


def _device_numbers(
    _context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]
) -> tuple[int, ...]:
    try:
        return tuple(dict.fromkeys(parse_device_id(text) for text in texts))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _file_text(_context: click.Context, _parameter: click.Parameter, file: TextIO | None) -> str | None:
    return None if file is None else file.read().strip()


@click.command()
@click.argument("ingest_url", callback=_ingest_url)
@click.option("--secret", help="One of the relay's sigfox.secrets; others can see it in the process list.")
@click.option(
    "--secret-file", type=click.File(), callback=_file_text, help="File with the secret; - for stdin."
)
@click.option("--secret-in", type=click.Choice([*map(str, SecretIn)]), default="bearer", show_default=True)
@click.option(
    "--devices", type=click.IntRange(1, 1_000_000), default=5, show_default=True, help="Made-up devices."
)
@click.option("--device", "named", multiple=True, callback=_device_numbers, help="Device ID; repeatable.")
@click.option("--messages", type=click.IntRange(min=1), default=20, show_default=True, help="In all.")
@click.option("--rate", type=POSITIVE, default=5.0, show_default=True, help="Messages per real second.")
@click.option(
    "--speed", type=POSITIVE, default=1.0, show_default=True, help="60: repeats after 1, 2, 4 s, not minutes."
)
@click.option("--duplicates", type=SHARE, default=0.02, show_default=True, help="Share of calls made twice.")
@click.option("--bidir", type=SHARE, default=0.0, show_default=True, help="Share that asks for a downlink.")
@click.option("--advanced", is_flag=True, help="A DATA_ADVANCED callback 25 s after each message.")
@click.option("--acknowledge", is_flag=True, help="An ACKNOWLEDGE callback after each downlink.")
@click.option("--kinds", default="", callback=_kinds, help="More callbacks, as status,geoloc,data-advanced.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed: the same messages.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def simulate(
    ingest_url: str,
    secret: str | None,
    secret_file: str | None,
    secret_in: str,
    devices: int,
    named: tuple[int, ...],
    messages: int,
    rate: float,
    speed: float,
    duplicates: float,
    bidir: float,
    advanced: bool,
    acknowledge: bool,
    kinds: tuple[Kind, ...],
    seed: int,
    as_json: bool,
) -> None:
    """Play the Sigfox cloud against INGEST_URL, the address without the kind of callback.

    Calls as Sigfox does: waits 10 s for a 2xx, else calls again after 1, 2 and 4 minutes. Exit status: 0 when
    everything was accepted and each downlink was well formed, else 1.
    """
    if not bidir and (acknowledge or Kind.ACKNOWLEDGE in kinds):
        raise click.UsageError(
            "an ACKNOWLEDGE callback follows a downlink: give --bidir as well, such as 0.1"
        )
    plan = Plan(
        ingest=Ingest(url=ingest_url, secret=_one_secret(secret, secret_file), secret_in=SecretIn(secret_in)),
        numbers=named or make_device_ids(devices, seed),
        seed=seed,
        traffic=Traffic(
            messages=messages,
            start_seconds=int(time.time()),
            rate_per_second=rate,
            downlink_share=bidir,
            duplicate_share=duplicates,
        ),
        pace=Pace(speed=speed),
        advanced=advanced,
        acknowledge=acknowledge,
        kinds=kinds,
    )
    report = asyncio.run(_run(plan))
    _print_json(plan, report) if as_json else _print_readable(plan, report)
    sys.exit(0 if report.good else 1)


def _one_secret(*given: str | None) -> str:
    secrets = [secret for secret in given if secret]
    if len(secrets) != 1:
        raise click.UsageError("give the secret, by either --secret or --secret-file")
    return secrets[0]


async def _run(plan: Plan) -> Report:
    await _require_connection(plan.ingest.url)
    fleet = make_fleet(plan.numbers, plan.seed)
    async with Cloud(
        plan.ingest,
        pace=plan.pace,
        advanced=plan.advanced,
        acknowledge=plan.acknowledge,
        kinds=plan.kinds,
        on_attempt=_tell_failure,
    ) as cloud:
        return await cloud.run(
            transmissions(fleet, plan.traffic, plan.seed), rate_per_second=plan.traffic.rate_per_second
        )


async def _require_connection(url: str) -> None:
    """A wrong address should show at once, and not after seven minutes of repeats."""
    try:
        await try_connection(url, CONNECT_WITHIN_SECONDS)
    except OSError as error:
        raise click.ClickException(
            f"Cannot reach {url}: {explain(error)}. Is the relay running, and is the address right?"
        ) from error


def _tell_failure(attempt: Attempt) -> None:
    if not attempt.accepted:
        what = attempt.cause or f"status {attempt.status}"
        request = attempt.request
        click.echo(f"{request.kind} of {request.device_text}, attempt {attempt.number}: {what}", err=True)


def _print_json(plan: Plan, report: Report) -> None:
    facts = dataclasses.asdict(report)
    del facts["latencies_ms"]
    facts["latency_ms"] = _latencies_ms(report)
    facts["devices"] = [f"{number:X}" for number in plan.numbers]
    facts["good"] = report.good
    click.echo(json.dumps(facts, indent=2))


def _print_readable(plan: Plan, report: Report) -> None:
    console = Console(highlight=False)
    console.print(
        f"Devices: {_shortened([f'{number:X}' for number in plan.numbers], ', ')}",
        markup=False,
        soft_wrap=True,
    )
    console.print(_table(report))
    for heading, faults in (("Never accepted", report.never_accepted), ("Unusable answer", report.malformed)):
        if faults:
            console.print(f"{heading}: {_shortened(faults, '; ')}", markup=False, soft_wrap=True)
    console.print("Everything was accepted." if report.good else "Not everything went well.")


def _table(report: Report) -> Table:
    table = Table(show_header=False)
    for name, value in _lines(report).items():
        table.add_row(name, str(value))
    return table


def _lines(report: Report) -> Mapping[str, object]:
    return {
        "callbacks sent": report.sent,
        "accepted": report.accepted,
        "requests": report.attempts,
        "repeated after a failure": report.repeated,
        "sent twice on purpose": report.duplicated,
        "downlinks received": report.downlinks,
        **{f"refused with status {status}": count for status, count in report.refused.items()},
        **{f"unanswered, {cause}": count for cause, count in report.unanswered.items()},
        **{f"latency {name}": f"{value} ms" for name, value in _latencies_ms(report).items()},
    }


def _latencies_ms(report: Report) -> dict[str, float]:
    ranked = {f"p{share * 100:.0f}": report.latency_ms(share) for share in LATENCY_SHARES}
    return {name: round(value, 2) for name, value in ranked.items() if value is not None}


def _shortened(items: tuple[str, ...] | list[str], separator: str) -> str:
    rest = len(items) - SHOWN
    return separator.join(items[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
