"""Only a device's owner sees its pages; for everybody else there are none."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote
from zoneinfo import ZoneInfo

from aiohttp import web
from aiohttp.typedefs import Handler

from relay.domain.device import Device
from relay.errors import Sentence
from relay.store.sessions import Session
from relay.web.body import read_form
from relay.web.keys import CONFIG, STORE
from relay.web.pages import no_store, see_other, words_of
from relay.web.preferences import LANGUAGE
from relay.web.sentences import translated
from relay.web.sessions import find_session, now_ms, renew_cookie
from relay.web.showing import Showing

SIGN_IN_PATH = "/signin"
DEVICE_PATH = "/devices/{device:[0-9A-Fa-f]{1,8}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """A device in the hands of its owner; `show` says how to write times and numbers for them."""

    device: Device
    session: Session
    show: Showing
    now_ms: int

    @property
    def path(self) -> str:
        """Where its pages begin."""
        return f"/devices/{self.device.label}"

    def say(self, text: str, **facts: object) -> str:
        """A sentence in the reader's language."""
        return self.show.words.gettext(text) % facts if facts else self.show.words.gettext(text)

    def translate(self, sentence: Sentence) -> str:
        """The same of a sentence that comes with its facts."""
        return translated(self.show.words, sentence)


View = Callable[[web.Request, Owned], Awaitable[web.StreamResponse]]
Action = Callable[[web.Request, Owned, dict[str, str]], Awaitable[web.StreamResponse]]


def owners_only(view: View) -> Handler:
    """Let a view see the device of its path; whoever is not signed in at all is asked to."""

    async def handler(request: web.Request) -> web.StreamResponse:
        session = await find_session(request)
        if session is None:
            return no_store(see_other(sign_in_url(request)))
        response = await view(request, await _open(request, session))
        if not response.prepared:
            renew_cookie(request, response, session)
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return handler


def owners_action(action: Action) -> Handler:
    """The same for what a form posts; its fields are read, strictly, before."""

    async def view(request: web.Request, owned: Owned) -> web.StreamResponse:
        return await action(request, owned, await read_form(request))

    return owners_only(view)


def sign_in_url(request: web.Request) -> str:
    """Where to sign in, and to come back from; what a form posted has to be sent again."""
    if request.method not in ("GET", "HEAD"):
        return SIGN_IN_PATH
    return f"{SIGN_IN_PATH}?next={quote(request.rel_url.raw_path_qs, safe='/')}"


async def _open(request: web.Request, session: Session) -> Owned:
    number = int(request.match_info["device"], 16)
    if number not in {each.number for each in session.devices}:
        raise web.HTTPNotFound
    device = await request.app[STORE].find_device(number)
    if device is None:
        raise web.HTTPNotFound
    return Owned(
        device=device, session=session, show=showing_for(request, device.time_zone), now_ms=now_ms(request)
    )


def showing_for(request: web.Request, time_zone: str = "") -> Showing:
    """How whoever asks reads times; in the operator's zone unless the device has one."""
    return Showing(
        words=words_of(request),
        language=request[LANGUAGE],
        zone=ZoneInfo(time_zone or request.app[CONFIG].ui.time_zone),
        now_ms=now_ms(request),
    )
