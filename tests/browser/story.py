"""What has happened to some devices before a browser looks at them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from relay.domain.delivery import Cause, Delivery, Outcome
from relay.domain.device_type import Display
from relay.domain.uplink import Kind, Uplink
from relay.domain.verdict import Dead, Delivered, DueAgain, Held, Verdict
from relay.store.contact import ask_email
from relay.store.downlinks import Downlinks, Push
from relay.store.outbox import Outbox
from relay.store.records import Accepted, Incoming, RawCallback, Settlement
from relay.store.sessions import Sessions
from relay.store.tallying import tally
from tests.browser.failing import fail_on_purpose
from tests.browser.others import OTHERS, live_otherwise
from tests.pages import DEVICE, OTHER_DEVICE, Pages, serve_pages

LONG_SECONDS = 60.0
MINUTE = 60
LQI = ("EXCELLENT", "GOOD", "AVERAGE", "LIMIT")
CONFIRM_TOKEN = "c0nfirm_" * 5


@dataclass(slots=True, kw_only=True)
class Story:
    """The running pages, with somebody signed in to all devices."""

    pages: Pages
    session_token: str
    failed_id: int = 0
    endpoint_id: int = 0
    delivered_id: int = 0
    held_id: int = 0
    waiting_id: int = 0

    @property
    def origin(self) -> str:
        """`http://host:port`."""
        return str(self.pages.client.make_url("/")).rstrip("/")


@asynccontextmanager
async def told_story(folder: Path) -> AsyncIterator[Story]:
    """Two days of one device; the other one was only just registered, and some fare in other ways."""
    async with serve_pages(folder, fail_on_purpose) as pages:
        await pages.bind("https://hooks.example.com/in?key=1", "hooks.example.com")
        await _settings(pages)
        await live_otherwise(pages)
        sessions, now_ms = Sessions(pages.store.driver), round(pages.world.now * 1000)
        token = await sessions.sign_in(int(DEVICE, 16), now_ms)
        for other in (OTHER_DEVICE, *OTHERS):
            token = await sessions.sign_in(int(other, 16), now_ms, token)
        story = Story(pages=pages, session_token=token)
        await _ask_email(story)
        await _live(story)
        await _queue_downlinks(pages)
        await pages.store.driver.transact(tally(now_ms))
        yield story


async def _settings(pages: Pages) -> None:
    await pages.store.change_device(
        int(DEVICE, 16),
        lambda device: replace(
            device,
            name="Greenhouse",
            fixed_latitude=49.6,
            fixed_longitude=15.2,
            fixed_label="Cellar",
            display=Display.CUSTOM,
            grammar="count::uint:8 temperature::int:16 text::char:3",
        ),
    )


async def _ask_email(story: Story) -> None:
    """A link that confirms another address; nobody has mailed it."""
    outbox = Outbox(vault=story.pages.store.vault, has_server=True, make_token=lambda: CONFIRM_TOKEN)
    now_ms = round(story.pages.world.now * 1000)
    steps = ask_email(int(DEVICE, 16), "new@example.net", outbox, now_ms)
    await story.pages.store.driver.transact(steps)


async def _queue_downlinks(pages: Pages) -> None:
    downlinks, now_ms = Downlinks(pages.store.driver), round(pages.world.now * 1000)
    for number in range(3):
        push = Push(device=int(DEVICE, 16), data=f"00000000000000{number:02x}", label=f"Step {number}")
        queued = await downlinks.push(push, now_ms)
    await downlinks.cancel(int(DEVICE, 16), queued, now_ms)


async def _live(story: Story) -> None:
    start = int(story.pages.world.now) - 2 * 24 * 3600
    for number in range(2 * 48):
        at = start + number * 30 * MINUTE
        if number in {40, 41}:  # two messages got lost on the air
            continue
        accepted = await _accept(story, number, at)
        if number % 8 == 0:
            place = {
                "lat": 49.2 + number / 100,
                "lng": 16.6 - number / 40,
                "radius": 4000 + 50 * number,
                "source": 6,
            }
            await _accept(
                story,
                number,
                at,
                kind=Kind.DATA_ADVANCED,
                more={"computedLocation": place, "lqi": LQI[number // 8 % 4]},
            )
        await _deliver(story, accepted, number)


async def _accept(
    story: Story, number: int, at: int, kind: Kind = Kind.DATA, more: Mapping[str, object] | None = None
) -> Accepted:
    data = f"{number:02x}{(2000 + 13 * number) % 4000:04x}{'41' * (number % 6)}"
    uplink = Uplink(
        kind=kind,
        more=more or {},
        device=int(DEVICE, 16),
        device_text=DEVICE,
        time=at,
        data=data,
        seq_number=100 + number,
        rssi=-120.5 - number % 17,
        snr=9.5 + number % 13,
        station="27B9",
        ack=number % 24 == 5,
    )
    body = f'{{"device":"{DEVICE}","time":{at},"data":"{data}","seqNumber":{100 + number}}}'
    raw = RawCallback(method="POST", query="", content_type="application/json", body=body)
    incoming = Incoming(
        uplink=uplink, raw=raw, received_at_ms=at * 1000 + 1500, lease_until_ms=at * 1000 + 60_000
    )
    return await story.pages.store.accept(incoming, LONG_SECONDS)


async def _deliver(story: Story, accepted: Accepted, number: int) -> None:
    (delivery,) = accepted.deliveries
    story.endpoint_id = delivery.endpoint.id
    story.delivered_id = accepted.uplink_id if number == 60 else story.delivered_id
    if number == 70:
        story.failed_id = accepted.uplink_id
        await _settle(story, delivery, Dead(Cause.SERVER_ERROR), _failed(delivery, Cause.SERVER_ERROR, 500))
    elif number == 93:
        story.held_id = accepted.uplink_id
        await _settle(story, delivery, Held(Cause.READ_TIMEOUT), _failed(delivery, Cause.READ_TIMEOUT, None))
    elif number in {71, 94}:
        story.waiting_id = accepted.uplink_id
        again = DueAgain(round(story.pages.world.now * 1000) + 300_000)
        await _settle(story, delivery, again, _failed(delivery, Cause.CONNECT_TIMEOUT, None))
    elif number != 95:
        await _settle(story, delivery, Delivered(), _taken(delivery, 40 + number))


def _failed(delivery: Delivery, cause: Cause, status: int | None) -> Outcome:
    answer = "<html><script>alert(1)</script>Internal error</html>" if status else ""
    return Outcome(
        status=status, cause=cause, at_ms=delivery.received_at_ms + 20, duration_ms=15_000, answer=answer
    )


def _taken(delivery: Delivery, duration_ms: int) -> Outcome:
    at_ms = delivery.received_at_ms + 20
    return Outcome(status=200, cause=None, at_ms=at_ms, duration_ms=duration_ms, answer='{"ok": true}')


async def _settle(story: Story, delivery: Delivery, verdict: Verdict, outcome: Outcome) -> None:
    settlement = Settlement(delivery=delivery, outcome=outcome, verdict=verdict)
    await story.pages.store.settled(settlement, LONG_SECONDS)
