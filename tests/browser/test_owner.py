"""An owner at work, with scripts and without."""

from dataclasses import replace

from playwright.async_api import Browser, expect

from tests.browser.looking import Reader, check, looking
from tests.browser.story import Story
from tests.device_pages.owner import accept
from tests.pages import DEVICE, TOKEN

READER = Reader()


async def test_a_new_message_comes_in_by_itself_unless_the_reader_is_in_the_list(
    browser: Browser, own_story: Story
) -> None:
    async with looking(browser, own_story.origin, READER, own_story.session_token) as look:
        await look.go(f"/devices/{DEVICE}/messages")
        await expect(look.page.get_by_text("Live", exact=True)).to_be_visible()
        await accept(own_story.pages, seq_number=776, data="beef")
        await expect(look.page.get_by_text("beef", exact=True)).to_be_visible()
        await look.page.get_by_label("Select message 776").check()
        await accept(own_story.pages, seq_number=777, data="feed")
        button = look.page.get_by_role("button", name="1 new message, show it")
        await expect(button).to_be_visible()
        await expect(look.page.get_by_text("feed", exact=True)).to_have_count(0)
        await button.click()
        await expect(look.page.get_by_text("feed", exact=True)).to_be_visible()
        await expect(look.page.get_by_label("Select message 776")).to_be_checked()
        assert look.complaints == []


async def test_live_rows_are_paused_counted_and_resumed(browser: Browser, own_story: Story) -> None:
    async with looking(browser, own_story.origin, READER, own_story.session_token) as look:
        page = look.page
        await look.go(f"/devices/{DEVICE}/messages")
        await expect(page.get_by_text("Live", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Pause live rows").click()
        for number, words in ((777, "1 new message waits."), (778, "2 new messages wait.")):
            await accept(own_story.pages, seq_number=number, data="feed")
            await expect(page.get_by_text(words)).to_be_visible()
        await expect(page.get_by_text("feed", exact=True)).to_have_count(0)
        await expect(page.get_by_text("Live", exact=True)).to_be_visible()  # paused, and yet connected
        await page.context.set_offline(True)
        await expect(page.get_by_text("Reconnecting…")).to_be_visible()
        await page.context.set_offline(False)
        await expect(page.get_by_text("Live", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Resume live rows").click()
        await expect(page.get_by_text("feed", exact=True)).to_have_count(2)
        await expect(page.get_by_text("wait.")).to_have_count(0)


async def test_the_number_of_ticked_rows_stands_on_the_button(browser: Browser, own_story: Story) -> None:
    async with looking(browser, own_story.origin, READER, own_story.session_token) as look:
        page = look.page
        await look.go(f"/devices/{DEVICE}/messages?state=dead")
        await expect(page.get_by_role("button", name="Send selected again")).to_be_disabled()
        await page.get_by_label("Select", exact=True).check()
        await page.get_by_role("button", name="Send selected again (1)").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Send selected again")
        await page.get_by_role("button", name="Send again").click()
        await expect(page.get_by_role("status").first).to_contain_text("1 delivery is being sent again.")
        assert look.complaints == []


async def test_the_overview_keeps_itself_true(browser: Browser, own_story: Story) -> None:
    async with looking(browser, own_story.origin, READER, own_story.session_token) as look:
        await look.go(f"/devices/{DEVICE}")
        await expect(look.page.get_by_text("Live", exact=True)).to_be_visible()
        await accept(own_story.pages, seq_number=777, data="feed")
        await expect(look.page.get_by_text("feed").first).to_be_visible()
        await expect(look.page.locator(".device-name")).not_to_contain_text("30 minutes ago")


async def test_everything_works_without_scripts(browser: Browser, own_story: Story) -> None:
    async with looking(
        browser, own_story.origin, replace(READER, scripts=False), own_story.session_token
    ) as look:
        page = look.page
        await page.context.clear_cookies()
        await look.go(f"/devices/{DEVICE}/messages?state=dead")
        await page.get_by_label("Device ID").fill(DEVICE)
        await page.get_by_label("Token").fill(TOKEN)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Messages")
        await page.locator("table a").first.click()
        await page.get_by_role("button", name="Send this message again").click()
        await expect(page.get_by_role("status").first).to_contain_text("The message is being sent again.")
        await page.get_by_role("link", name="Deliveries").click()
        await page.get_by_label("Select message").first.check()
        await page.get_by_role("button", name="Send selected again").click()
        await expect(page.get_by_role("main")).to_contain_text("1 delivery")
        await page.get_by_role("link", name="Back").click()
        await page.get_by_text("Send failed messages again").click()
        await page.get_by_role("button", name="See how many").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Send failed messages again")
        await page.get_by_text("My devices").click()
        await page.get_by_role("button", name="Sign out", exact=True).click()
        await expect(page.get_by_text("You are signed out.")).to_be_visible()


async def test_a_revealed_secret_hides_itself_again(browser: Browser, own_story: Story) -> None:
    async with looking(browser, own_story.origin, READER, own_story.session_token) as look:
        page = look.page
        await page.clock.install()
        await look.go(f"/devices/{DEVICE}/webhook")
        await expect(page.locator("#secret")).to_have_count(0)
        await page.get_by_role("button", name="Reveal").click()
        await expect(page.locator("#secret")).to_contain_text("whsec_")
        await expect(page.get_by_text("It hides itself again after 60 seconds.")).to_be_visible()
        await expect(page.get_by_role("button", name="Reveal")).to_be_hidden()
        secret = await page.locator("#secret").inner_text()
        await check(look, "webhook-revealed")
        await page.clock.fast_forward(60_000)
        await expect(page.locator("#secret")).to_have_count(0)
        assert secret not in await page.content()
        await expect(page.get_by_role("button", name="Reveal")).to_be_visible()


async def test_an_edited_test_message_is_sent_and_settings_are_refused(
    browser: Browser, own_story: Story
) -> None:
    async with looking(browser, own_story.origin, READER, own_story.session_token) as look:
        page = look.page
        await look.go(f"/devices/{DEVICE}/webhook")
        await page.get_by_text("Change what is sent").click()
        await page.get_by_label("Data (hex)").fill("0g")
        await page.get_by_role("button", name="Send test message").click()
        await expect(page.get_by_role("alert")).to_contain_text("Write whole bytes in hex")
        look.forgive_status()
        await check(look, "webhook-test-refused")
        await page.get_by_label("Data (hex)").fill("c0ffee")
        await page.get_by_role("button", name="Send test message").click()
        await expect(page.locator("#test").get_by_role("status")).to_contain_text("answered 204")
        await expect(page.get_by_label("Data (hex)")).to_have_value("c0ffee")
        await check(look, "webhook-tested")
        await look.go(f"/devices/{DEVICE}/settings")
        await page.get_by_label("Latitude").last.fill("91")
        await page.get_by_label("Longitude").last.fill("14")
        await page.locator("#place").get_by_role("button", name="Save").click()
        await expect(page.get_by_role("alert")).to_contain_text("Write the latitude as a number")
        look.forgive_status()
        await check(look, "settings-refused")


async def test_the_way_by_keyboard_begins_with_a_skip_link(browser: Browser, story: Story) -> None:
    async with looking(browser, story.origin, READER, story.session_token) as look:
        await look.go(f"/devices/{DEVICE}")
        await look.page.keyboard.press("Tab")
        await look.page.keyboard.press("Enter")
        await look.page.keyboard.press("Tab")
        focused = await look.page.evaluate("document.activeElement.textContent")
        assert focused == DEVICE
