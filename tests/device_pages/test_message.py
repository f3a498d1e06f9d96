"""One message: what was sent, what came back, and how long each part took."""

import re
from dataclasses import replace

from relay.domain.delivery import Cause, Course
from relay.domain.device_type import Display
from relay.domain.uplink import Kind
from relay.store.endpoints import Endpoints
from tests.device_pages.owner import FAILED, NOW, OVERVIEW, accept, page, post, settle, signed_in
from tests.pages import DEVICE, EMAIL, Pages

MADE = Course(
    address="192.0.2.7",
    looked_up_ms=2,
    reached_ms=7,
    connected_ms=15,
    answered_ms=80,
    headers="Server: <nginx>",
)
KEPT = Course(address="192.0.2.7", answered_ms=80)


URL = "https://hooks.example.com/in"


async def shown(pages: Pages, **outcome: object) -> str:
    await pages.bind(URL, "hooks.example.com")
    await signed_in(pages)
    accepted = await accept(pages)
    await settle(pages, accepted.deliveries[0], **outcome)
    return await page(pages, f"{OVERVIEW}/m/{accepted.uplink_id}?lang=en")


async def test_an_attempt_shows_what_came_back_as_text(pages: Pages) -> None:
    text = await shown(pages, **FAILED, course=MADE)
    assert "500\nServer: &lt;nginx&gt;\n\n&lt;b&gt;broken&lt;/b&gt;" in text


async def test_an_attempt_shows_where_its_time_went(pages: Pages) -> None:
    text = (await shown(pages, course=MADE)).replace("\N{NO-BREAK SPACE}", " ")
    assert "name lookup: 2 ms · connection: 5 ms · encryption (TLS): 8 ms · waiting" in text
    assert "waiting for the answer: 65 ms · reading the answer: 5 ms" in text


async def test_without_encryption_a_connection_is_one_part(pages: Pages) -> None:
    plain = Course(address="192.0.2.7", looked_up_ms=2, connected_ms=15, answered_ms=80)
    text = (await shown(pages, course=plain)).replace("\N{NO-BREAK SPACE}", " ")
    assert "name lookup: 2 ms · connection: 13 ms · waiting" in text
    assert "Sent to 192.0.2.7</p>" in text


async def test_of_a_kept_connection_only_the_answer_took_time(pages: Pages) -> None:
    text = (await shown(pages, course=KEPT)).replace("\N{NO-BREAK SPACE}", " ")
    assert "Sent to 192.0.2.7, over a connection that was open already</p>" in text
    assert ">waiting for the answer: 80 ms · reading the answer: 5 ms<" in text


async def test_bytes_stand_over_the_names_of_their_fields(pages: Pages) -> None:
    grammar = "level::uint:8 warm::bool:7 flags::uint:8 far::int:16"
    await pages.store.change_device(
        int(DEVICE, 16), lambda one: replace(one, display=Display.CUSTOM, grammar=grammar)
    )
    await signed_in(pages)
    accepted = await accept(pages, data="0a80ff38c0")
    text = await page(pages, f"{OVERVIEW}/m/{accepted.uplink_id}")
    groups = re.findall(r'<span class="cells">(.*?)</span></span> <span class="names">(.*?)</span>', text)
    assert [(re.findall(r'byte">(..)', cells), names) for cells, names in groups] == [
        (["0a"], "level"),
        (["80"], "warm, flags"),
        (["ff", "38"], "far"),
        (["c0"], ""),
    ]
    assert '<td data-label="In hex"><code class="hex">ff38</code></td>' in text


async def test_a_place_is_written_as_maps_understand_it_in_any_language(pages: Pages) -> None:
    await signed_in(pages)
    accepted = await accept(pages)
    computed = {"computedLocation": {"lat": 50.5, "lng": 15.25, "radius": 8400, "source": 6}}
    await accept(pages, kind=Kind.DATA_ADVANCED, more=computed)
    for path in (f"{OVERVIEW}/m/{accepted.uplink_id}", f"{OVERVIEW}/messages"):
        text = (await page(pages, f"{path}?lang=cs")).replace("\N{NO-BREAK SPACE}", " ")
        assert "50.50000, 15.25000" in text
        assert "± 8 400 m" in text
    assert "Vypočítal Sigfox (WiFi)" in await page(pages, f"{OVERVIEW}/m/{accepted.uplink_id}?lang=cs")


async def test_own_headers_are_masked_and_that_is_said(pages: Pages) -> None:
    path = re.search(r"action=\"(.*?/m/\d+)/replay", await shown(pages))
    assert path
    assert "masked" not in await page(pages, path[1])
    (endpoint,) = await Endpoints(pages.store.driver).of_device(int(DEVICE, 16))
    fields = {
        "do": "save",
        "url": URL,
        "format": "classic",
        "header-1": "X-Key",
        "value-1": "s3cret-key",
        "kind-data": "on",
    }
    await post(pages, f"{OVERVIEW}/webhook/{endpoint.id}", **fields)
    text = await page(pages, path[1])
    assert "X-Key: ••••••" in text
    assert "s3cret-key" not in text
    assert "Put in the values of your own headers before you run it" in text
    assert "values of your own headers are masked here" in text


async def test_an_attempt_before_the_webhook_was_changed_says_so(pages: Pages) -> None:
    said = "The webhook was changed after this attempt"
    before = await shown(pages)
    assert said not in before
    await pages.store.bind_endpoint(
        device=int(DEVICE, 16),
        url="https://other.example/in",
        host="other.example",
        email=EMAIL,
        language="en",
        now_ms=NOW * 1000 + 1,
    )
    path = re.search(r'action="(.*?/m/\d+)/replay', before)
    assert path
    assert said in await page(pages, path[1])


async def test_what_kind_of_network_was_refused_is_not_told(pages: Pages) -> None:
    refused = {"status": None, "cause": Cause.BLOCKED_ADDRESS, "detail": "reserved"}
    text = await shown(pages, **refused)
    assert "leads to an address to which we may not connect" in text
    assert "reserved" not in text


async def test_what_tls_says_is_told(pages: Pages) -> None:
    expired = {"status": None, "cause": Cause.TLS_EXPIRED, "detail": "certificate has expired"}
    assert '<p class="quiet" lang="en">certificate has expired</p>' in await shown(pages, **expired)


async def test_an_attempt_that_met_nobody_says_no_more_than_it_knows(pages: Pages) -> None:
    text = await shown(pages, status=None, cause=FAILED["cause"])
    assert "Sent to" not in text
    assert "waiting for the answer" not in text
