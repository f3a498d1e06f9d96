"""The two ways in which a reader acts upon a page."""

from typing import Protocol

from playwright.async_api import Locator

_MOST_STOPS = 120
_RING = """(each) => {
  const { outlineStyle, outlineWidth } = getComputedStyle(each);
  return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
}"""


class Hand(Protocol):
    """What acts."""

    async def press(self, target: Locator) -> None:
        """A link or a button."""

    async def write(self, target: Locator, text: str) -> None:
        """Into a field that is empty."""


class Mouse:
    """Points at things."""

    async def press(self, target: Locator) -> None:
        """Click it."""
        await target.click()

    async def write(self, target: Locator, text: str) -> None:
        """Fill it in."""
        await target.fill(text)


class Keyboard:
    """Goes from stop to stop, and sees where it is by the ring alone."""

    async def press(self, target: Locator) -> None:
        """Go there and press Enter."""
        await self._reach(target)
        await target.page.keyboard.press("Enter")

    async def write(self, target: Locator, text: str) -> None:
        """Go there and type."""
        await self._reach(target)
        await target.page.keyboard.type(text)

    async def _reach(self, target: Locator) -> None:
        await target.wait_for()
        for _ in range(_MOST_STOPS):
            await target.page.keyboard.press("Tab")
            if await target.evaluate("(each) => each === document.activeElement"):
                assert await target.evaluate(_RING), f"nobody sees that the keyboard is at {target}"
                return
        raise AssertionError(f"the keyboard does not come to {target}")
