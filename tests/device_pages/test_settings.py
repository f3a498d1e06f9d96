"""The page of settings: each form of it, the log of what was done, the download and the end."""

import json
import re
from dataclasses import replace
from html import unescape
from io import BytesIO
from zipfile import ZipFile

import pytest

from relay.domain.device_type import DEFAULT_TYPE
from relay.domain.endpoint_options import EndpointSettings
from relay.domain.uplink import Kind
from relay.store.arranging import arrange
from relay.store.device_types import DeviceTypes
from relay.store.downlinks import Downlinks, Push
from relay.store.endpoints import Endpoints
from tests.device_pages.owner import accept, signed_in
from tests.pages import DEVICE, EMAIL, Pages

SETTINGS = f"/devices/{DEVICE}/settings"
NUMBER = int(DEVICE, 16)
DECODER = {"display": "custom", "grammar": "a::uint:8\r\nb::uint:8"}


async def get(pages: Pages, path: str = SETTINGS, status: int = 200) -> str:
    async with pages.client.get(path) as page:
        assert page.status == status
        return unescape(await page.text())


async def post(pages: Pages, status: int = 200, path: str = SETTINGS, **fields: str) -> str:
    async with pages.client.post(path, data=fields) as page:
        assert page.status == status
        return unescape(await page.text())


async def test_name_zone_and_language_are_saved_and_told_in_the_log(pages: Pages) -> None:
    await signed_in(pages)
    general = {"name": "Greenhouse", "time_zone": "America/Lima", "language": "cs"}
    page = await post(pages, do="general", **general)
    assert "Saved." in page
    assert "Times are in the time zone America/Lima." in page
    assert "Changed settings: name, time zone." in page
    assert "127.0.0.1" in page
    assert "Signed in." in page
    assert "Signed in." in await get(pages, f"{SETTINGS}?before={10**30}")
    past = await get(pages, f"{SETTINGS}?before=1")
    assert "There is nothing older." in past
    assert f'href="{SETTINGS}#activity"' in past
    device = await pages.store.find_device(NUMBER)
    assert device is not None
    assert (device.name, device.time_zone, device.language) == ("Greenhouse", "America/Lima", "cs")
    page = await post(pages, 422, do="general", **{**general, "time_zone": "Mars"})
    assert "There is no such time zone" in page
    assert 'value="Mars"' in page
    await post(pages, 400, do="general", **{**general, "language": "xx"})
    await post(pages, 400, do="nothing")


async def test_a_decoder_is_previewed_on_the_last_messages_then_saved(pages: Pages) -> None:
    await signed_in(pages)
    await accept(pages, data="07ff")
    page = await post(pages, do="preview", **DECODER)
    assert "a 7 · b 255" in page
    assert "a 7" not in await get(pages)
    assert "a 7 · b 255" in await post(pages, do="decoder", **DECODER)
    assert "preset:climate-monitor" in page


async def test_a_grammar_alone_is_used_and_one_that_is_switched_off_stays_off(pages: Pages) -> None:
    await signed_in(pages)
    await accept(pages, data="07ff")
    alone = {"display": "", "grammar": "a::uint:8"}
    page = await post(pages, do="preview", **alone)
    assert '<option value="custom" selected>' in page
    assert "a 7" in page
    assert "a 7" in await post(pages, do="decoder", **alone)
    off = {"display": "none", "grammar": "a::uint:8"}
    for _ in range(2):
        assert '<option value="none" selected>' in await post(pages, do="decoder", **off)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"display": "custom", "grammar": "a::uint:12 b"}, "Column "),
        ({"display": "custom", "grammar": ""}, "To show payloads by a grammar, write one."),
        ({**DECODER, "latitude_field": "north"}, "no field with this name for the latitude"),
        ({"display": "geolocation", "grammar": "preset:nobody"}, "Column "),
    ],
)
async def test_a_wrong_decoder_is_refused_with_its_column(
    pages: Pages, fields: dict[str, str], sentence: str
) -> None:
    await signed_in(pages)
    for do in ("preview", "decoder"):
        assert sentence in await post(pages, 422, do=do, **fields)


async def test_a_fixed_place_is_saved_shown_and_cleared(pages: Pages) -> None:
    await signed_in(pages)
    place = {"fixed_latitude": "50,0755", "fixed_longitude": "-14.5", "fixed_label": "Cellar"}
    page = await post(pages, do="place", **place)
    assert "Saved." in page
    for value in ("50.0755", "-14.5", "Cellar"):
        assert f'value="{value}"' in page
    device = await pages.store.find_device(NUMBER)
    assert device is not None
    assert (device.position, device.fixed_label) == ((50.0755, -14.5), "Cellar")
    page = await post(pages, do="clear-place")
    assert "Clear the place" not in page
    device = await pages.store.find_device(NUMBER)
    assert device is not None
    assert (device.position, device.fixed_label) == (None, "")


@pytest.mark.parametrize(
    ("latitude", "longitude", "label", "field", "sentence"),
    [
        ("90.1", "14", "", "fixed_latitude", "Write the latitude as a number from -90 to 90"),
        ("50", "-180.5", "", "fixed_longitude", "Write the longitude as a number from -180 to 180"),
        ("north", "14", "", "fixed_latitude", "Write the latitude as a number"),
        ("nan", "14", "", "fixed_latitude", "Write the latitude as a number"),
        ("50", "", "", "fixed_latitude", "Write both the latitude and the longitude, or neither."),
        ("", "", "Cellar", "fixed_label", "goes with a latitude and a longitude"),
        ("50", "14", "x" * 101, "fixed_label", "at most 100 characters"),
    ],
)
async def test_a_wrong_place_is_refused_at_its_field(
    pages: Pages, latitude: str, longitude: str, label: str, field: str, sentence: str
) -> None:
    await signed_in(pages)
    place = {"fixed_latitude": latitude, "fixed_longitude": longitude, "fixed_label": label}
    page = await post(pages, 422, do="place", **place)
    assert f'<a href="#{field}">{sentence}' in page or sentence in page
    assert f'aria-describedby="{field}-hint {field}-error"' in page
    assert f'value="{latitude}"' in page


async def test_alerts_are_chosen_left_to_the_type_or_silenced(pages: Pages) -> None:
    await signed_in(pages)
    chosen = {"which": "own", "alert-silent": "on", "keep_alive_seconds": "2h", "alert_email": EMAIL}
    page = await post(pages, do="alerts", **chosen)
    assert 'value="2h"' in page
    device = await pages.store.find_device(NUMBER)
    assert device is not None
    assert (device.alerts, device.keep_alive_seconds, device.alert_email) == ("silent", 7200, EMAIL)
    await post(pages, do="alerts", which="own")
    device = await pages.store.find_device(NUMBER)
    assert device is not None
    assert device.alerts == "none"
    for ticks, alerts in (({}, ""), ({"alert-sequence_break": "on"}, "sequence_break")):
        await post(pages, do="alerts", which="type", **ticks)
        device = await pages.store.find_device(NUMBER)
        assert device is not None
        assert device.alerts == alerts


async def test_limits_are_set_and_what_the_type_says_is_shown(pages: Pages) -> None:
    await signed_in(pages)
    types = DeviceTypes(pages.store.driver)
    await types.put(
        replace(DEFAULT_TYPE, alerts="sequence_break", low_battery="2.9V", alert_email="t@example.net")
    )
    page = await get(pages)
    assert "Now: messages were lost" in page
    assert re.findall(r'name="alert-(\w+)" value="on" checked', page) == ["sequence_break"]
    for inherited in ("2.9V", "off", "1h", "t@example.net"):
        assert f"Empty: as the device type says, {inherited}." in page
    limits = {"low_battery": "70 %", "sequence_modulo": "128", "alert_window_seconds": "6h"}
    page = await post(pages, do="alerts", which="type", **limits)
    for value in ("70%", "128", "6h"):
        assert f'value="{value}"' in page
    device = await pages.store.find_device(NUMBER)
    assert device is not None
    assert (device.low_battery, device.sequence_modulo, device.alert_window_seconds) == ("70%", 128, 21_600)
    for field, text, sentence in (
        ("low_battery", "empty", "Write volts up to 100V"),
        ("sequence_modulo", "1", "Write after which message number they begin again: from 2"),
        ("alert_window_seconds", "5m", "Write how often a mail may come: from 15m to 7d"),
    ):
        page = await post(pages, 422, do="alerts", which="type", **{**limits, field: text})
        assert f'<a href="#{field}">{sentence}' in page
        assert f'value="{text}"' in page


@pytest.mark.parametrize(
    ("do", "wrong"),
    [
        ("general", {"name": "x" * 101, "time_zone": "Mars"}),
        (
            "decoder",
            {"display": "custom", "grammar": "a::int:8", "latitude_field": "b", "longitude_field": "c"},
        ),
        ("place", {"fixed_latitude": "91", "fixed_longitude": "east", "fixed_label": "x" * 101}),
        (
            "alerts",
            {
                "keep_alive_seconds": "5m",
                "low_battery": "empty",
                "sequence_modulo": "1",
                "alert_window_seconds": "1s",
                "alert_email": "nobody",
            },
        ),
    ],
)
async def test_all_that_is_wrong_is_told_at_once_each_at_its_field(
    pages: Pages, do: str, wrong: dict[str, str]
) -> None:
    await signed_in(pages)
    page = await post(pages, 422, do=do, **wrong)
    told = [name for name in wrong if name not in ("display", "grammar")]
    assert re.findall(r'<li><a href="#(\w+)">', page) == told
    assert re.findall(r'class="error" id="(\w+)-error"', page) == told
    assert all(f'value="{text}"' in page for name, text in wrong.items() if name in told)


async def test_webhooks_that_are_told_of_an_event_are_named_beside_it(pages: Pages) -> None:
    await pages.bind("https://hooks.example.com/", "hooks.example.com")
    await signed_in(pages)
    assert "Sent to" not in await get(pages)
    endpoint = (await Endpoints(pages.store.driver).of_device(NUMBER))[0].id
    told = EndpointSettings(kinds=(Kind.DATA, Kind.SILENT, Kind.ERROR))
    await pages.store.driver.transact(arrange(endpoint, told, None, pages.store.vault, 1))
    assert (await get(pages)).count("Sent to hooks.example.com as well") == 2


async def test_everything_is_downloaded_as_one_archive(pages: Pages) -> None:
    await pages.bind("https://hooks.example.com/in?key=1", "hooks.example.com")
    await signed_in(pages)
    for number in range(120):
        await accept(pages, data=f"{number:02x}", seq_number=number)
    await accept(pages, kind=Kind.STATUS, data="", more={"temp": 21.5})
    await Downlinks(pages.store.driver).push(Push(device=NUMBER, data="01" * 8), 0)
    async with pages.client.get(f"{SETTINGS}/everything.zip") as answer:
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{DEVICE}.zip"'
        archive = ZipFile(BytesIO(await answer.read()))
    assert archive.testzip() is None
    found = {
        name.rpartition("/")[2]: [json.loads(line) for line in archive.read(name).splitlines()]
        for name in archive.namelist()
    }
    (device,) = found["device.json"]
    assert device["device"]["label"] == DEVICE
    assert [one["url"] for one in device["webhooks"]] == ["https://hooks.example.com/in?key=1"]
    messages = [one for one in found["messages.jsonl"] if one["uplink"]["kind"] == "data"]
    assert {one["uplink"]["data"] for one in messages} == {f"{number:02x}" for number in range(120)}
    assert {len(one["deliveries"]) for one in messages} == {1}
    (status,) = [one for one in found["messages.jsonl"] if one["uplink"]["kind"] == "status"]
    assert status["uplink"]["more"] == {"temp": 21.5}
    assert [one["data"] for one in found["downlinks.jsonl"]] == ["01" * 8]
    assert [one["action"] for one in found["activity.jsonl"]] == ["downloaded", "signed_in"]


async def test_all_is_deleted_only_when_the_device_id_was_typed(pages: Pages) -> None:
    await signed_in(pages)
    await accept(pages)
    path = f"{SETTINGS}/forget"
    assert "cannot be undone" in await get(pages, path)
    for wrong in ("", "yes", "FFFF"):
        assert f"Type {DEVICE} to delete everything." in await post(pages, 422, path, device_id=wrong)
    pages.world.now += 60
    page = await post(pages, path=path, device_id=DEVICE.lower())
    assert f"Everything about {DEVICE} is deleted." in page
    assert await pages.store.uplinks_of_device(NUMBER) == []
    async with pages.client.get(SETTINGS, allow_redirects=False) as answer:
        assert answer.status == 303
