"""The messages as a file: the same filters as the list, however many there are."""

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass

from aiohttp import web

from relay.decoder import field_names, read_payload
from relay.device_pages.frame import Tab, said_by_page
from relay.device_pages.message_filter import read_filter
from relay.device_pages.messages import settings_for
from relay.device_pages.owned import Owned
from relay.domain.device_settings import DeviceSettings
from relay.store.message_filter import NEWEST, MessageFilter
from relay.store.messages import Message, Messages
from relay.web.keys import STORE

BATCH = 500
_COLUMNS = ("time", "seq_number", "data", "rssi", "snr", "station", "delivery", "ack", "downlink", "received")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for something else."""

Record = dict[str, object]


async def send_csv(request: web.Request, owned: Owned) -> web.StreamResponse:
    """For spreadsheets: in Czech with semicolons and decimal commas, as Excel there wants them."""
    separator = separator_of(owned)
    settings = await settings_for(request, owned)
    names = [f"decoded.{name}" for name in field_names(settings)]
    header = _BYTE_ORDER_MARK + csv_line([*_COLUMNS, *names], separator)

    def write(record: Record) -> str:
        return csv_line([_cell(record.get(name), separator) for name in (*_COLUMNS, *names)], separator)

    file = _File(suffix="csv", content_type="text/csv", header=header, write=write)
    return await _send(request, owned, settings, file)


async def send_lines(request: web.Request, owned: Owned) -> web.StreamResponse:
    """For programs: a JSON object a line."""
    settings = await settings_for(request, owned)

    def write(record: Record) -> str:
        return json.dumps(record, ensure_ascii=False) + "\n"

    file = _File(suffix="jsonl", content_type="application/x-ndjson", header="", write=write)
    return await _send(request, owned, settings, file)


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """What a file of messages looks like."""

    suffix: str
    content_type: str
    header: str
    write: Callable[[Record], str]


async def _send(
    request: web.Request, owned: Owned, settings: DeviceSettings, file: _File
) -> web.StreamResponse:
    """What the filter finds."""
    asked = read_filter(request.query, owned, settings)
    if asked.errors:
        return said_by_page(request, owned, Tab.MESSAGES)
    name = f"{owned.device.label}-messages.{file.suffix}"
    response = web.StreamResponse(
        headers={
            "Content-Type": f"{file.content_type}; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        }
    )
    await response.prepare(request)
    await response.write(file.header.encode())
    async for batch in _batches(request, owned, asked.meant):
        text = "".join(file.write(_record(owned, settings, message)) for message in batch)
        await response.write(text.encode())
    await response.write_eof()
    return response


async def _batches(
    request: web.Request, owned: Owned, wanted: MessageFilter
) -> AsyncIterator[Sequence[Message]]:
    """Newest first; between two of them others get to the database."""
    messages, place = Messages(request.app[STORE].driver), NEWEST
    while True:
        page = await messages.older(owned.device.number, wanted, place, BATCH)
        yield page.messages
        if page.ended_at is None:
            return
        place = page.ended_at


def _record(owned: Owned, settings: DeviceSettings, message: Message) -> Record:
    record: Record = {
        "time": owned.show.iso(message.time * 1000),
        "seq_number": message.seq_number,
        "data": message.data,
        "rssi": message.rssi,
        "snr": message.snr,
        "station": message.station,
        "delivery": str(message.status),
        "ack": message.ack,
        "downlink": message.downlink or None,
        "received": owned.show.iso(message.received_at_ms),
    }
    decoded = {
        f"decoded.{name}": value for name, value in read_payload(settings, message.data).values.items()
    }
    return record | decoded


def separator_of(owned: Owned) -> str:
    """What stands between the values: Excel in Czech wants semicolons."""
    return ";" if owned.show.language == "cs" else ","


def csv_response(name: str, lines: Iterable[str]) -> web.Response:
    """A small file for spreadsheets."""
    return web.Response(
        text=_BYTE_ORDER_MARK + "".join(lines),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def csv_line(values: Sequence[object], separator: str) -> str:
    """One line of such a file."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerow(values)
    return text.getvalue()


def decimal(text: str, separator: str) -> str:
    """A number beside such separators: Excel in Czech takes `9.5` for a day in May."""
    return text.replace(".", ",") if separator == ";" else text


def _cell(value: object, separator: str) -> object:
    """Text that a spreadsheet would take for a formula begins with an apostrophe."""
    if isinstance(value, float):
        return decimal(str(value), separator)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
