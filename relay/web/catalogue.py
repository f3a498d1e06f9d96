"""The sentences of the pages in each language; the catalogues are the .po files themselves."""

import io
from collections.abc import Iterable, Mapping
from functools import cache
from gettext import GNUTranslations
from importlib.resources import files

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Catalogues = Mapping[str, GNUTranslations]


def read_catalogues(languages: Iterable[str]) -> Catalogues:
    """Read the catalogue of each language; fuzzy and empty translations fall back to English."""
    return {language: _read(language) for language in languages}


def phrase(text: str) -> str:
    """Mark a sentence in code for the catalogues; it is translated where it is shown."""
    return text


@cache
def _read(language: str) -> GNUTranslations:
    text = files("relay").joinpath("locale", language, "LC_MESSAGES", "relay.po").read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(text), locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
