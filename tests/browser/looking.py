"""Opening a page as a reader does, and what must hold of every page."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, BrowserContext, CDPSession, Page, Request, Response

Pairs = Sequence[tuple[str, str]]

_VIOLATIONS = "addEventListener('securitypolicyviolation', e => console.error('CSP: ' + e.blockedURI))"
_SUBMIT = """([path, fields]) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = path;
  for (const [name, value] of fields) {
    const input = document.createElement("textarea");
    input.name = name;
    input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}"""
_FAULTS = """async () => {
  const { violations } = await axe.run({ resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target}: ${failureSummary}`));
}"""
_UNFOLD = """() => {
  for (const each of document.querySelectorAll("details:not(.menu)")) each.open = true;
  for (const row of document.querySelectorAll("tbody tr:nth-child(n+6)")) row.remove();
}"""
_SHOTS = os.environ.get("RELAY_TEST_SHOTS", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How wide the window is, and which colours the reader's system has."""

    width: int = 1280
    colours: Literal["light", "dark"] = "light"


PHONE_DARK = View(width=390, colours="dark")
PHONE_LIGHT = View(width=390, colours="light")
WIDE_DARK = View(width=1280, colours="dark")
WIDE_LIGHT = View(width=1280, colours="light")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who looks: the language, with scripts or without, and how at first."""

    language: str = "en"
    scripts: bool = True
    view: View = View()

    @property
    def name(self) -> str:
        """For tests and pictures."""
        return f"{self.language}-{'scripts' if self.scripts else 'plain'}"


@dataclass(slots=True, kw_only=True)
class Look:
    """A page that is open, and what was seen on the way."""

    page: Page
    origin: str
    reader: Reader
    scripting: CDPSession
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def forget(self) -> None:
        """Begin anew."""
        self.foreign.clear()
        self.complaints.clear()

    def forgive_status(self) -> None:
        """The browser itself complains of each page with a status of 400 and above."""
        own = "Failed to load resource: the server responded with a status of"
        self.complaints[:] = [each for each in self.complaints if not each.startswith(own)]

    async def go(self, path: str) -> Response | None:
        """Open a page of the relay."""
        return await self.page.goto(self.origin + path, wait_until="load")

    async def post(self, path: str, fields: Pairs) -> Response:
        """Post a form, as a page of the relay does."""
        await self.go("/signin")
        async with self.page.expect_navigation(wait_until="load") as navigation:
            await self.page.evaluate(_SUBMIT, [path, [list(pair) for pair in fields]])
        return await navigation.value

    async def turn(self, view: View) -> None:
        """See the same page in another way."""
        await self.page.set_viewport_size({"width": view.width, "height": 900})
        await self.page.emulate_media(color_scheme=view.colours)

    async def faults(self) -> list[str]:
        """What axe finds."""
        return await self.page.evaluate(_FAULTS)

    async def unfold(self) -> None:
        """Open all that is folded, and leave of long tables the beginning."""
        await self.page.evaluate(_UNFOLD)

    @asynccontextmanager
    async def judging(self) -> AsyncIterator[None]:
        """Have axe in the page; it needs scripts, so they run from now on in a page that came without."""
        if not self.reader.scripts:
            await self._forbid_scripts(True)  # else there is nothing to lift
            await self._forbid_scripts(False)
        await self.page.evaluate(AXE_SCRIPT)
        try:
            yield
        finally:
            await self._forbid_scripts(not self.reader.scripts)

    async def _forbid_scripts(self, forbidden: bool) -> None:
        await self.scripting.send("Emulation.setScriptExecutionDisabled", {"value": forbidden})

    def notice(self, request: Request) -> None:
        """Remember requests to other hosts."""
        if urlsplit(request.url).netloc != urlsplit(self.origin).netloc:
            self.foreign.append(request.url)


@asynccontextmanager
async def looking(
    browser: Browser, origin: str, reader: Reader, session_token: str = ""
) -> AsyncIterator[Look]:
    """A window of a reader, who may be signed in."""
    context = await browser.new_context(
        viewport={"width": reader.view.width, "height": 900},
        color_scheme=reader.view.colours,
        locale=reader.language,
        java_script_enabled=reader.scripts,
        reduced_motion="reduce",
    )
    try:
        await give_cookies(context, origin, reader, session_token)
        await context.add_init_script(_VIOLATIONS)
        page = await context.new_page()
        look = Look(page=page, origin=origin, reader=reader, scripting=await context.new_cdp_session(page))
        page.on("request", lambda request: look.notice(request))
        page.on("pageerror", lambda error: look.complaints.append(str(error)))
        page.on("console", lambda said: look.complaints.append(said.text) if said.type == "error" else None)
        yield look
    finally:
        await context.close()


async def give_cookies(context: BrowserContext, origin: str, reader: Reader, session_token: str) -> None:
    """These and no others."""
    await context.clear_cookies()
    cookies = {"lang": reader.language, "session": session_token}
    await context.add_cookies(
        [{"name": name, "value": value, "url": origin} for name, value in cookies.items() if value]
    )


async def check(look: Look, name: str) -> None:
    """What must hold of every page, whatever it shows."""
    assert look.foreign == []
    assert look.complaints == []
    assert await look.page.locator("h1").count() == 1
    async with look.judging():
        await _check_view(look, name, look.reader.view)


async def check_width(look: Look, view: View) -> None:
    """That it fits into the window in another view, with all open that is folded."""
    await look.unfold()
    await look.turn(view)
    await _check_fit(look, view)
    await look.turn(look.reader.view)


async def check_unfolded(look: Look, name: str, views: Sequence[View]) -> None:
    """What must hold of every page, in other views and with all open that is folded."""
    await look.unfold()
    async with look.judging():
        for view in views:
            await look.turn(view)
            await _check_view(look, name, view)
    await look.turn(look.reader.view)


async def _check_view(look: Look, name: str, view: View) -> None:
    await _keep_picture(look.page, f"{name}-{look.reader.name}-{view.width}-{view.colours}")
    faults = await look.faults()
    assert faults == [], f"{view}: {faults}"
    await _check_fit(look, view)


async def _check_fit(look: Look, view: View) -> None:
    too_wide = await look.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert too_wide <= 0, f"{too_wide} px wider than {view}"


async def _keep_picture(page: Page, name: str) -> None:
    if _SHOTS:
        await page.screenshot(path=Path(_SHOTS) / f"{name}.png", full_page=True)
