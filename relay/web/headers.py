"""Headers that keep pages from being misused."""

from aiohttp import hdrs, web

from relay.web.keys import CONFIG


def content_security(*, images: str = "") -> str:
    """What a page may load: its own, and pictures from one more place."""
    sources = f"'self' {images}".strip()
    return (
        f"default-src 'none'; style-src 'self'; script-src 'self'; img-src {sources}; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


_ALWAYS = {
    "Content-Security-Policy": content_security(),
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with that, browsers send "Origin: null" even to our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_VARY = "Cookie, Accept-Language"
_ONE_YEAR_OF_HTTPS = "max-age=31536000"

# The first segments of the paths that programs use; they get none of what pages get.
_NOT_PAGES = frozenset({"healthz", "readyz", "metrics", "api", ".well-known", "b"})


def is_page(path: str) -> bool:
    """Whether people look at this path."""
    return path.lstrip("/").partition("/")[0] not in _NOT_PAGES


SERVER_NAME = "sigfox-relay"
"""Who answers, and nothing of what it is made of."""


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Complete the headers of any answer, just before they are sent."""
    response.headers[hdrs.SERVER] = SERVER_NAME
    if not is_page(request.path):
        return
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    if "Cache-Control" not in response.headers:
        response.headers.update({"Cache-Control": "private, no-cache", "Vary": _VARY})
    if request.app[CONFIG].public_url.startswith("https:"):
        response.headers["Strict-Transport-Security"] = _ONE_YEAR_OF_HTTPS
