"""The pages for everybody that are looked at in a real browser."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import partial

from relay.domain.letter import LinkPurpose
from relay.domain.signing import sign
from tests.browser.failing import STATUSES, path_of
from tests.browser.others import (
    BIN_SECRET,
    CHANGING,
    CHANGING_TOKEN,
    DEAF_HOST,
    EMPTY_BIN,
    FULL_BIN,
    forgiven,
    new_link,
)
from tests.browser.story import CONFIRM_TOKEN, Story
from tests.browser.visit import Visit, posted, refused, told, visit
from tests.device_pages.owner import NOW
from tests.pages import DEVICE, EMAIL

_WRONG = {"device_id": "x", "token": ""}
_WRONG_PAIR = {"device_id": DEVICE, "token": "another", "email": EMAIL}
_CLAIM = {"device_id": CHANGING, "token": CHANGING_TOKEN, "email": EMAIL}
_SIGNED = "webhook-id: msg_1\nwebhook-timestamp: {at}\nwebhook-signature: {signature}"
_PASTED = {
    "headers": _SIGNED.format(at=NOW, signature=sign(BIN_SECRET, "msg_1", NOW, b"{}")),
    "secret": BIN_SECRET,
}


def _links() -> Iterator[Visit]:
    yield visit("link-over", "/links/none", 404)
    yield visit("link-confirm-email-of-another", f"/links/{CONFIRM_TOKEN}")
    for purpose in LinkPurpose:
        path = partial(_new_link, purpose)
        yield told(f"link-{purpose}", path)
        yield replace(posted(f"link-{purpose}-done", path), signed_in=False)


async def _new_link(purpose: LinkPurpose, story: Story) -> str:
    return await new_link(story.pages, purpose)


def _forgiven(path: str) -> Callable[[Story], Awaitable[str]]:
    return lambda story: forgiven(story.pages, path)


def _registered(name: str, url: str, **more: str) -> Visit:
    done = posted(f"done-{name}", _forgiven("/form"), **_CLAIM, webhook_url=url, **more)
    return replace(done, signed_in=False)


PUBLIC_VISITS = (
    visit("home", "/"),
    visit("form", "/form"),
    refused("form", "/form", **_WRONG, email="nobody", webhook_url="http:/"),
    posted("form-wrong-pair", _forgiven("/form"), 422, **_WRONG_PAIR, webhook_url="https://a.example.com/"),
    _registered("plain", "https://new.example.com/in"),
    _registered("tested", "https://newer.example.com/in", send_test="on"),
    _registered("deaf", f"http://{DEAF_HOST}/in", send_test="on"),
    replace(_registered("again", "https://newest.example.com/in"), then="/form/done"),
    visit("done-nothing", "/form/done"),
    visit("forget", "/form/delete"),
    refused("forget", "/form/delete", **_WRONG, email="nobody"),
    posted("forget-wrong-pair", _forgiven("/form/delete"), 422, **_WRONG_PAIR),
    visit("forgotten", "/form/deleted"),
    visit("signin", "/signin"),
    refused("signin", "/signin", **_WRONG),
    posted("signin-wrong-pair", _forgiven("/signin"), 422, device_id=DEVICE, token="another"),
    visit("signin-link", "/signin/link"),
    refused("signin-link", "/signin/link", device_id="x", email="nobody"),
    visit("link-sent", "/signin/link/sent"),
    visit("help", "/docs"),
    visit("privacy", "/privacy"),
    visit("bin", "/bin"),
    visit("bin-empty", f"/bin/{EMPTY_BIN}"),
    visit("bin-full", f"/bin/{FULL_BIN}"),
    visit("bin-gone", f"/bin/{'g' * 24}", 404),
    posted("bin-checked", lambda _: f"/bin/{FULL_BIN}/check", secret=BIN_SECRET),
    visit("signature", "/signature"),
    posted("signature-right", lambda _: "/signature", **_PASTED, body="{}"),
    posted("signature-wrong", lambda _: "/signature", **_PASTED, body="{ }"),
    *_links(),
    *(visit(f"error-{status}", path_of(status), status) for status in STATUSES),
)
