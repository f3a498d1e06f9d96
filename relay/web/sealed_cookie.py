"""A cookie that only the relay can read and write."""

import base64
import binascii
import json
from dataclasses import dataclass

from aiohttp import web

from relay.store.vault import CannotOpen
from relay.web.keys import CONFIG, NOW, VAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedCookie:
    """Text for one reader, sealed by the vault; it ends after `valid_seconds` whatever the browser does."""

    name: str
    valid_seconds: int

    def read(self, request: web.Request) -> str | None:
        """The text; None when there is none, when it is not ours, or when its time is over."""
        try:
            sealed = base64.urlsafe_b64decode(request.cookies.get(self._full_name(request), "").encode())
            until, text = json.loads(request.app[VAULT].open(sealed, self._place))
        except (binascii.Error, ValueError, CannotOpen):
            return None
        return str(text) if request.app[NOW]() < until else None

    def write(self, request: web.Request, response: web.StreamResponse, text: str) -> None:
        """Set the cookie on an answer to this request."""
        until = request.app[NOW]() + self.valid_seconds
        sealed = request.app[VAULT].seal(json.dumps([until, text]), self._place)
        response.set_cookie(
            self._full_name(request),
            base64.urlsafe_b64encode(sealed).decode(),
            max_age=self.valid_seconds,
            httponly=True,
            samesite="Lax",
            secure=_is_https(request),
        )

    def delete(self, request: web.Request, response: web.StreamResponse) -> None:
        """Take the cookie away with an answer to this request."""
        response.del_cookie(
            self._full_name(request), httponly=True, samesite="Lax", secure=_is_https(request)
        )

    @property
    def _place(self) -> str:
        return f"cookie:{self.name}"

    def _full_name(self, request: web.Request) -> str:
        """Browsers let nobody but this very host set a `__Host-` cookie."""
        return f"__Host-{self.name}" if _is_https(request) else self.name


def _is_https(request: web.Request) -> bool:
    return request.app[CONFIG].public_url.startswith("https:")
