"""Devices that fare in other ways than the one of the story, links from mails, and request bins."""

import itertools
from dataclasses import replace

from relay.domain.delivery import Cause, Outcome
from relay.domain.health import DEFAULT_POLICY
from relay.domain.letter import ConfirmEmail, LinkPurpose, SignIn, Suspended, UrlChanged
from relay.domain.own_bin import BIN_PATH, inbox_of
from relay.domain.signing import sign
from relay.domain.verdict import Delivered, Held, Verdict
from relay.domain.webhook import webhook_headers
from relay.mail.letters import LINKS_PATH
from relay.store.bins import open_bin
from relay.store.endpoints import Endpoints
from relay.store.limits import sweep
from relay.store.outbox import HOUR_MS, Before, Letter, LinkTarget, Outbox
from relay.store.provisioning import WantedDevice
from relay.store.replays import Range, ReplayedStates, Replays
from tests.device_pages.owner import FAILED, NOW, accept, settle
from tests.pages import EMAIL, Pages

PAUSED = "AA01"
FAILING = "AA02"
STOPPED = "AA03"
SILENT = "AA04"
FRESH = "AA05"
WELL = "AA06"
OTHERS = (PAUSED, FAILING, STOPPED, SILENT, FRESH, WELL)
CHANGING = "AA07"
"""It is registered again and again, which ends its sessions, and the links in its mails are followed."""
CHANGING_TOKEN = "chang1ng-T0ken"
DEAF_HOST = "deaf.example.org"

FULL_BIN = "f" * 24
EMPTY_BIN = "e" * 24
BIN_SECRET = "whsec_" + "c2VjcmV0" * 5

_NOW_MS = NOW * 1000
_GONE = {"status": 410, "cause": Cause.GONE, "answer": "gone"}
_DEAF = Outcome(status=None, cause=Cause.REFUSED, at_ms=0, duration_ms=3)
_MAILED = {
    LinkPurpose.UNDO_CHANGE: UrlChanged(old_host="old.example.com", new_host="new.example.com"),
    LinkPurpose.PAUSE: Suspended(host="new.example.com", since_ms=0, cause=Cause.DNS),
    LinkPurpose.RESUME: Suspended(host="new.example.com", since_ms=0, cause=Cause.DNS),
    LinkPurpose.SIGN_IN: SignIn(),
    LinkPurpose.CONFIRM_EMAIL: ConfirmEmail(),
}
_hours = itertools.count()


async def live_otherwise(pages: Pages) -> None:
    """Let all of them live up to now."""
    wanted = [_wanted(label) for label in (*OTHERS, CHANGING)]
    await pages.store.provision(wanted, language="en", now_ms=0)
    for label in (*OTHERS, CHANGING):
        await pages.bind(f"https://{label}.example.com/in", f"{label.lower()}.example.com", label)
    await _meet(pages, FAILING, Held(Cause.SERVER_ERROR), FAILED, DEFAULT_POLICY.close_after_failures)
    await _meet(pages, STOPPED, Held(Cause.GONE), _GONE)
    await _pause(pages)
    await _fall_silent(pages)
    await _meet(pages, WELL, Delivered(), {})
    await _fill_bins(pages)
    pages.world.outcomes[DEAF_HOST] = _DEAF


def _wanted(label: str) -> WantedDevice:
    return WantedDevice(label=label, token=CHANGING_TOKEN, order_email="", webhook_url="", webhook_host="")


async def _meet(
    pages: Pages, label: str, verdict: Verdict, outcome: dict[str, object], times: int = 1
) -> None:
    for number in range(times):
        accepted = await accept(pages, device=int(label, 16), device_text=label, seq_number=number)
        await settle(pages, accepted.deliveries[0], verdict, **outcome)


async def _pause(pages: Pages) -> None:
    await Endpoints(pages.store.driver).pause(await endpoint_of(pages, PAUSED))
    await accept(pages, device=int(PAUSED, 16), device_text=PAUSED)
    wanted = Range(device=int(PAUSED, 16), states=ReplayedStates.HELD, since_ms=0, until_ms=_NOW_MS + HOUR_MS)
    await Replays(pages.store.driver).start(wanted, _NOW_MS)


async def _fall_silent(pages: Pages) -> None:
    number = int(SILENT, 16)
    await accept(pages, device=number, device_text=SILENT, time=NOW - 100_000)
    await pages.store.change_device(number, lambda device: replace(device, keep_alive_seconds=3600))


async def _fill_bins(pages: Pages) -> None:
    for key in (FULL_BIN, EMPTY_BIN):
        await pages.store.driver.transact(open_bin(inbox_of(key), _NOW_MS))
    inbox, body = BIN_PATH + inbox_of(FULL_BIN), b'{"device":"1A2B3C","data":"00ff"}'
    signature = sign(BIN_SECRET, "msg_1", NOW, body)
    headers = webhook_headers("msg_1", NOW, signature)
    for sent, more in ((body, headers), (body + b" ", headers), (b"y" * 20_000, {})):
        async with pages.client.post(f"{inbox}?a=1", data=sent, headers=more) as answer:
            assert answer.status == 200


async def endpoint_of(pages: Pages, label: str) -> int:
    """The first webhook of a device."""
    endpoints = await Endpoints(pages.store.driver).of_device(int(label, 16))
    return endpoints[0].id


async def new_link(pages: Pages, purpose: LinkPurpose) -> str:
    """The path of a link that can be used once, as if it had been mailed; each in an hour of its own."""
    hour = next(_hours)
    letter = await _letter(pages, purpose)
    tokens = {each: f"l1nk-{hour:06}-{each}-" + "k" * 10 for each in letter.purposes}
    outbox = Outbox(vault=pages.store.vault, has_server=True, make_token=iter(tokens.values()).__next__)
    await pages.store.driver.transact(outbox.post(letter, _NOW_MS + hour * HOUR_MS))
    return f"{LINKS_PATH}/{tokens[purpose]}"


async def _letter(pages: Pages, purpose: LinkPurpose) -> Letter:
    before = Before(
        url="https://old.example.com/", secret=BIN_SECRET, host="old.example.com", email=EMAIL, language="en"
    )
    target = LinkTarget(
        endpoint_id=await endpoint_of(pages, CHANGING),
        before=before if purpose is LinkPurpose.UNDO_CHANGE else None,
        email="new@example.net" if purpose is LinkPurpose.CONFIRM_EMAIL else "",
    )
    return Letter(
        device=int(CHANGING, 16), recipient=EMAIL, language="en", occasion=_MAILED[purpose], target=target
    )


async def forgiven(pages: Pages, path: str) -> str:
    """The path of a form, once all tries that went wrong are forgotten."""
    await pages.store.driver.transact(sweep(_NOW_MS + 24 * HOUR_MS))
    return path
