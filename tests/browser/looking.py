"""Opening a page as a reader does, and what must hold of every page."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Request, Response

from tests.browser.story import Story

_VIOLATIONS = "addEventListener('securitypolicyviolation', e => console.error('CSP: ' + e.blockedURI))"
_SUBMIT = """([path, fields]) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = path;
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    input.name = name;
    input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}"""
_SHOTS = os.environ.get("RELAY_TEST_SHOTS", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who looks: the language, the width of the window, the colours, with scripts or without."""

    language: str = "en"
    width: int = 1280
    theme: str = "light"
    scripts: bool = True

    @property
    def name(self) -> str:
        """For tests and pictures."""
        return f"{self.language}-{self.width}-{self.theme}"


READERS = (
    Reader(language="cs", width=390, theme="dark"),
    Reader(language="en", width=1280, theme="light"),
)
"""Each language, width and colour is among them."""
MORE_READERS = (
    Reader(language="en", width=390, theme="light"),
    Reader(language="cs", width=1280, theme="dark"),
)
"""With these, each pair of them."""


@dataclass(slots=True, kw_only=True)
class Look:
    """A page that is open, and what was seen on the way."""

    page: Page
    origin: str
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def forget(self) -> None:
        """Begin anew."""
        self.foreign.clear()
        self.complaints.clear()

    async def go(self, path: str) -> Response | None:
        """Open a page of the relay."""
        return await self.page.goto(self.origin + path, wait_until="load")

    async def post(self, path: str, fields: Mapping[str, str]) -> Response:
        """Post a form, as a page of the relay does."""
        await self.go("/signin")
        async with self.page.expect_navigation(wait_until="load") as navigation:
            await self.page.evaluate(_SUBMIT, [path, dict(fields)])
        return await navigation.value

    def notice(self, request: Request) -> None:
        """Remember requests to other hosts."""
        if urlsplit(request.url).netloc != urlsplit(self.origin).netloc:
            self.foreign.append(request.url)


@asynccontextmanager
async def looking(browser: Browser, story: Story, reader: Reader) -> AsyncIterator[Look]:
    """A window of a reader who is signed in to the devices of the story."""
    context = await browser.new_context(
        viewport={"width": reader.width, "height": 900},
        locale=reader.language,
        java_script_enabled=reader.scripts,
        reduced_motion="reduce",
    )
    origin = story.origin
    cookies = {"session": story.session_token, "lang": reader.language, "theme": reader.theme}
    await context.add_cookies(
        [{"name": name, "value": value, "url": origin} for name, value in cookies.items()]
    )
    await context.add_init_script(_VIOLATIONS)
    page = await context.new_page()
    look = Look(page=page, origin=origin)
    page.on("request", lambda request: look.notice(request))
    page.on("pageerror", lambda error: look.complaints.append(str(error)))
    page.on("console", lambda said: look.complaints.append(said.text) if said.type == "error" else None)
    try:
        yield look
    finally:
        await context.close()


async def check(look: Look, name: str) -> None:
    """What must hold of every page, whatever it shows."""
    await _keep_picture(look.page, name)
    found = await Axe().run(look.page)
    assert found.violations_count == 0, found.generate_report()
    assert look.foreign == []
    assert look.complaints == []
    assert await look.page.locator("h1").count() == 1
    too_wide = await look.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert too_wide <= 0, f"{too_wide} px wider than the window"


async def _keep_picture(page: Page, name: str) -> None:
    if _SHOTS:
        await page.screenshot(path=Path(_SHOTS) / f"{name}.png", full_page=True)
