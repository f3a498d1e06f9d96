"""Making pages from templates."""

from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Any, cast

from aiohttp import web
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from relay.web.catalogue import Catalogues, read_catalogues
from relay.web.keys import CONFIG
from relay.web.preferences import LANGUAGE, THEME, Theme
from relay.web.sessions import session_token
from relay.web.static import STATIC, StaticFiles

_PACKAGE = Path(__file__).parent.parent
# Installed, the templates are inside the package; in a checkout they stand beside it.
_FOLDERS = (_PACKAGE / "templates", _PACKAGE.parent / "templates")

_LANGUAGE_NAMES = {"cs": "Čeština", "en": "English"}

Environments = Mapping[str, Environment]

CATALOGUES = web.AppKey("catalogues", Catalogues)
ENVIRONMENTS = web.AppKey("environments", Environments)


class _Compiled(BytecodeCache):
    """The compiled templates, which are the same in all languages."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._code.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


@cache
def _compiled() -> BytecodeCache:
    """Compiling a template takes many times as long as filling it in, so it is done once by a process."""
    return _Compiled()


def setup(app: web.Application) -> None:
    """Read catalogues and templates; needs the configuration and the static files."""
    app[CATALOGUES] = read_catalogues(app[CONFIG].ui.languages)
    app[ENVIRONMENTS] = {
        language: make_environment(words, app[STATIC]) for language, words in app[CATALOGUES].items()
    }


def make_environment(words: GNUTranslations, static: StaticFiles) -> Environment:
    """Templates in one language; a name that is not given is an error, not an empty place."""
    loader = FileSystemLoader(_FOLDERS)
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        bytecode_cache=_compiled(),
    )
    environment.policies["ext.i18n.trimmed"] = True
    # The extension adds this method when it is loaded, so its type is not known.
    cast("Any", environment).install_gettext_translations(words, newstyle=True)
    environment.globals["static_url"] = lambda name: static[name].url
    environment.globals["source_of"] = lambda name: loader.get_source(environment, name)[0]
    return environment


def words_of(request: web.Request) -> GNUTranslations:
    """The catalogue in the reader's language."""
    return request.app[CATALOGUES][request[LANGUAGE]]


def render(request: web.Request, template: str, status: int = 200, **values: object) -> web.Response:
    """The page in the reader's language and colours."""
    environment = request.app[ENVIRONMENTS][request[LANGUAGE]]
    text = environment.get_template(template).render(**_shared(request), **values)
    return web.Response(text=text, status=status, content_type="text/html")


def see_other(location: str) -> web.Response:
    """After a post: go and look there."""
    return web.Response(status=303, headers={"Location": location})


def no_store(response: web.Response) -> web.Response:
    """Keep a page that holds a secret out of every cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _shared(request: web.Request) -> dict[str, object]:
    """What the layout needs of every page."""
    ui = request.app[CONFIG].ui
    return {
        "lang": request[LANGUAGE],
        "languages": {code: _LANGUAGE_NAMES[code] for code in ui.languages},
        "theme": request[THEME],
        "themes": list(Theme),
        "path": request.path,
        "here_with": lambda **query: "?" + request.rel_url.update_query(query).raw_query_string,
        "signed_in": bool(session_token(request)),
        "operator_name": ui.operator_name,
        "contact": ui.contact,
    }
