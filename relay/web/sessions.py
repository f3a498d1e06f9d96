"""Who is asking: the session behind a request's cookie."""

from aiohttp import web

from relay.domain.activity import Action, Actor
from relay.store.sessions import IDLE_MS, Session, Sessions
from relay.web.activity import deed_of
from relay.web.keys import CONFIG, NOW, STORE

_NAME = "session"


async def sign_in(
    request: web.Request, response: web.StreamResponse, device: int, actor: Actor = Actor.OWNER
) -> None:
    """Sign the browser that gets this answer in to a device, beside those to which it is already."""
    deed = deed_of(request, device, Action.SIGNED_IN, actor)
    token = await sessions_of(request).sign_in(device, now_ms(request), session_token(request), deed)
    _set_cookie(request, response, token, IDLE_MS)


async def find_session(request: web.Request) -> Session | None:
    """The session of whoever asks; None when nobody is signed in."""
    token = session_token(request)
    return await sessions_of(request).find(token, now_ms(request)) if token else None


def renew_cookie(request: web.Request, response: web.StreamResponse, session: Session) -> None:
    """Let the browser keep its cookie as long as the session lasts."""
    if session.renewed and not response.prepared:
        _set_cookie(request, response, session_token(request), session.expires_at_ms - now_ms(request))


def end_cookie(request: web.Request, response: web.StreamResponse) -> None:
    """Take the cookie away."""
    response.del_cookie(
        _cookie_name(request), path="/", secure=_is_https(request), httponly=True, samesite="Lax"
    )


def session_token(request: web.Request) -> str:
    """What the cookie holds; empty when there is none."""
    return request.cookies.get(_cookie_name(request), "")


def sessions_of(request: web.Request) -> Sessions:
    """All sessions."""
    return Sessions(request.app[STORE].driver)


def now_ms(request: web.Request) -> int:
    """Unix milliseconds."""
    return round(request.app[NOW]() * 1000)


def _set_cookie(request: web.Request, response: web.StreamResponse, token: str, valid_ms: int) -> None:
    response.set_cookie(
        _cookie_name(request),
        token,
        max_age=valid_ms // 1000,
        httponly=True,
        samesite="Lax",
        secure=_is_https(request),
    )


def _cookie_name(request: web.Request) -> str:
    """Browsers let nobody but this very host set a `__Host-` cookie."""
    return f"__Host-{_NAME}" if _is_https(request) else _NAME


def _is_https(request: web.Request) -> bool:
    return request.app[CONFIG].public_url.startswith("https:")
