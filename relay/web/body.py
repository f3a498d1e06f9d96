"""Reading a posted form, strictly."""

import asyncio
import re
from urllib.parse import parse_qsl

from aiohttp import web

MAX_FORM_BYTES = 16 * 1024
MAX_FIELDS = 50
READ_WITHIN_SECONDS = 5.0

_BAD_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")


async def read_form(request: web.Request) -> dict[str, str]:
    """The fields of a form, each of which may come once.

    Raises:
        web.HTTPUnsupportedMediaType: It is no `application/x-www-form-urlencoded` in UTF-8.
        web.HTTPRequestEntityTooLarge: It is longer than `MAX_FORM_BYTES`.
        web.HTTPRequestTimeout: It did not come within `READ_WITHIN_SECONDS`.
        web.HTTPBadRequest: It is cut off or cannot be read without guessing.
    """
    if not _is_form(request):
        raise web.HTTPUnsupportedMediaType
    try:
        async with asyncio.timeout(READ_WITHIN_SECONDS):
            body = await _read(request)
        return parse_form(body)
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (ValueError, ConnectionError, web.RequestPayloadError) as error:
        raise web.HTTPBadRequest from error


def parse_form(body: bytes) -> dict[str, str]:
    """Read URL-encoded fields.

    Raises:
        ValueError: Bytes that are not UTF-8, a broken percent sequence, a NUL, a field that comes twice,
            or more than `MAX_FIELDS` fields.
    """
    text = body.decode()
    if _BAD_PERCENT.search(text):
        raise ValueError("a percent sign without two hex digits")
    pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a field comes twice")
    if any("\0" in part for pair in pairs for part in pair):
        raise ValueError("a NUL character")
    return fields


def _is_form(request: web.Request) -> bool:
    """No Content-Encoding: what is small when packed may be huge."""
    return (
        request.content_type == "application/x-www-form-urlencoded"
        and (request.charset or "utf-8").lower() in ("utf-8", "utf8")
        and "Content-Encoding" not in request.headers
    )


async def _read(request: web.Request) -> bytes:
    body = bytearray()
    if (request.content_length or 0) > MAX_FORM_BYTES:
        raise _too_large(request.content_length or 0)
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise _too_large(len(body))
    return bytes(body)


def _too_large(size: int) -> web.HTTPRequestEntityTooLarge:
    return web.HTTPRequestEntityTooLarge(max_size=MAX_FORM_BYTES, actual_size=size)
