"""The whole way of an owner through the real program: from the form to a message that is sent once more."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from relay.web.catalogue import read_catalogues
from tests.browser.hands import Hand, Keyboard, Mouse
from tests.browser.looking import PHONE_DARK, PHONE_LIGHT, WIDE_DARK, WIDE_LIGHT, Look, Reader, check, looking
from tests.journeys.receiver import Arrival, Receiver
from tests.journeys.relay_program import RelayProgram
from tests.journeys.sigfox import call_back

TOKEN = "t0ken-of-the-card"
SEQUENCE_NUMBER = 7
WORDS = read_catalogues(["cs", "en"])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def relay(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RelayProgram]:
    async with RelayProgram(tmp_path_factory.mktemp("journey")).running() as program:
        yield program


@pytest_asyncio.fixture(loop_scope="session")
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


@dataclass(slots=True, kw_only=True)
class Owner:
    """Somebody with a device and a browser."""

    look: Look
    hand: Hand
    device: str

    def say(self, text: str) -> str:
        return WORDS[self.look.reader.language].gettext(text)

    def button(self, text: str) -> Locator:
        return self.look.page.get_by_role("button", name=self.say(text), exact=True)

    def link(self, text: str) -> Locator:
        return self.look.page.get_by_role("main").get_by_role("link", name=self.say(text), exact=True)

    async def press(self, target: Locator, then: str) -> None:
        """Press it, and be on a page with this heading, of which nothing is to be complained."""
        await self.hand.press(target)
        heading = self.look.page.get_by_role("heading", level=1)
        await expect(heading).to_have_text(self.say(then) % {"device": self.device, "name": SEQUENCE_NUMBER})
        assert self.look.foreign == self.look.complaints == []

    async def write(self, label: str, text: str) -> None:
        await self.hand.write(self.look.page.get_by_label(label, exact=True), text)


async def register(owner: Owner, url: str) -> None:
    await owner.look.go("/")
    await owner.press(owner.link("Register a device"), "Register your device")
    await owner.write("Device ID (ID zařízení)", owner.device)
    await owner.write("Token", TOKEN)
    await owner.write("E-mail", "owner@example.com")
    await owner.write("Webhook URL", url)
    await owner.press(owner.button("Save"), "Device %(device)s is registered")
    await expect(owner.look.page.locator("#secret")).to_contain_text("whsec_")
    await expect(owner.look.page.locator("#test").get_by_role("status")).to_contain_text("204")


async def sign_in(owner: Owner) -> None:
    """The form signs its sender in, so sign out before."""
    await owner.press(owner.link("Open device page"), "Overview")
    await owner.hand.press(owner.look.page.locator("summary", has_text=owner.say("My devices")))
    await owner.press(owner.button("Sign out"), "Sign in")
    await owner.write("Device ID (ID zařízení)", owner.device)
    await owner.write("Token", TOKEN)
    await owner.press(owner.button("Sign in"), "Overview")
    await expect(owner.look.page.get_by_text(owner.say("Waiting for the first message."))).to_be_visible()


async def open_message(owner: Owner) -> None:
    await owner.press(owner.link("Messages"), "Messages")
    await owner.press(owner.look.page.locator("td a[href*='/m/']").first, "Message %(name)s")


async def see_attempts(owner: Owner, relay: RelayProgram, attempts: int) -> None:
    """Outcomes are written down a moment after they are known; until then the page is loaded again."""
    await relay.delivered(owner.device)
    await owner.look.page.reload()
    await expect(owner.look.page.locator(".timeline > li")).to_have_count(attempts)
    await check(owner.look, "journey-attempts")


async def send_again(owner: Owner, receiver: Receiver) -> Arrival:
    await owner.press(owner.button("Send this message again"), "Message %(name)s")
    said = owner.look.page.get_by_role("status").first
    await expect(said).to_contain_text(owner.say("The message is being sent again."))
    return await receiver.arrival()


@pytest.mark.parametrize(
    ("device", "hand", "reader"),
    [
        ("C0FFE1", Mouse(), Reader(language="en", scripts=True, view=WIDE_LIGHT)),
        ("C0FFE2", Mouse(), Reader(language="cs", scripts=False, view=PHONE_DARK)),
        ("C0FFE3", Keyboard(), Reader(language="cs", scripts=True, view=WIDE_DARK)),
        ("C0FFE4", Keyboard(), Reader(language="en", scripts=False, view=PHONE_LIGHT)),
    ],
    ids=["scripts", "no-scripts", "keyboard", "keyboard-no-scripts"],
)
async def test_from_the_form_to_a_message_that_is_sent_again(
    browser: Browser, relay: RelayProgram, receiver: Receiver, device: str, hand: Hand, reader: Reader
) -> None:
    await relay.provision(device, token=TOKEN)
    async with looking(browser, relay.url, reader) as look:
        owner = Owner(look=look, hand=hand, device=device)
        await register(owner, receiver.url)
        tested = await receiver.arrival()
        await sign_in(owner)
        answer = await call_back(
            relay, device=device, time=1_800_000_000, data="c0ffee", seqNumber=SEQUENCE_NUMBER
        )
        assert answer.status in (200, 204)
        first = await receiver.arrival()
        await open_message(owner)
        await see_attempts(owner, relay, 1)
        again = await send_again(owner, receiver)
        await see_attempts(owner, relay, 2)
        assert tested.webhook_id != first.webhook_id == again.webhook_id
        assert first.body == again.body
