"""One message: what was sent, what came back, and how long each part took."""

from relay.domain.delivery import Course
from tests.device_pages.owner import FAILED, OVERVIEW, accept, page, settle, signed_in
from tests.pages import Pages

MADE = Course(address="192.0.2.7", looked_up_ms=2, connected_ms=15, answered_ms=80, headers="Server: <nginx>")
KEPT = Course(address="192.0.2.7", answered_ms=80)


async def shown(pages: Pages, **outcome: object) -> str:
    await pages.bind("https://hooks.example.com/in", "hooks.example.com")
    await signed_in(pages)
    accepted = await accept(pages)
    await settle(pages, accepted.deliveries[0], **outcome)
    return await page(pages, f"{OVERVIEW}/m/{accepted.uplink_id}?lang=en")


async def test_an_attempt_shows_what_came_back_as_text(pages: Pages) -> None:
    text = await shown(pages, **FAILED, course=MADE)
    assert "500\nServer: &lt;nginx&gt;\n\n&lt;b&gt;broken&lt;/b&gt;" in text


async def test_an_attempt_shows_where_its_time_went(pages: Pages) -> None:
    text = (await shown(pages, course=MADE)).replace("\N{NO-BREAK SPACE}", " ")
    parts = "name lookup: 2 ms · connection: 13 ms · waiting for the answer: 65 ms · reading the answer: 5 ms"
    assert parts in text
    assert "Sent to 192.0.2.7</p>" in text


async def test_of_a_kept_connection_only_the_answer_took_time(pages: Pages) -> None:
    text = (await shown(pages, course=KEPT)).replace("\N{NO-BREAK SPACE}", " ")
    assert "Sent to 192.0.2.7, over a connection that was open already</p>" in text
    assert ">waiting for the answer: 80 ms · reading the answer: 5 ms<" in text


async def test_an_attempt_that_met_nobody_says_no_more_than_it_knows(pages: Pages) -> None:
    text = await shown(pages, status=None, cause=FAILED["cause"])
    assert "Sent to" not in text
    assert "waiting for the answer" not in text
