"""Style sheets, scripts and pictures under names that change with their content.

The table of files is made once, at the start: no part of a requested path ever reaches the file system.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from aiohttp import web

_FOLDER = Path(__file__).parent.parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticFile:
    """One file as it is served."""

    url: str
    content_type: str
    content: bytes


StaticFiles = Mapping[str, StaticFile]

STATIC = web.AppKey("static", StaticFiles)
"""The files by the name that templates use, such as `relay.css`."""


def setup(app: web.Application) -> None:
    """Read the files and serve them under `/static/`."""
    app[STATIC] = read_static_files(_FOLDER)
    for file in app[STATIC].values():
        app.router.add_get(file.url, _view_of(file))


def read_static_files(folder: Path) -> StaticFiles:
    """All files of known types in a folder and its folders."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in _TYPES)
    return {path.relative_to(folder).as_posix(): _read(folder, path) for path in paths}


def _read(folder: Path, path: Path) -> StaticFile:
    content = path.read_bytes()
    name = PurePosixPath(path.relative_to(folder).as_posix())
    digest = hashlib.sha256(content).hexdigest()[:8]
    url = f"/static/{name.with_name(f'{name.stem}.{digest}{name.suffix}')}"
    return StaticFile(url=url, content_type=_TYPES[path.suffix], content=content)


def _view_of(file: StaticFile) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    headers = {"Content-Type": file.content_type, "Cache-Control": _FOR_EVER}

    async def view(_: web.Request) -> web.StreamResponse:
        return web.Response(body=file.content, headers=headers)

    return view
