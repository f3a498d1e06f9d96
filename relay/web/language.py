"""Which language a reader gets."""

from collections.abc import Sequence

from relay.web.negotiation import parse_preferences


def choose_language(
    *, asked: str | None, kept: str | None, accept: str, offered: Sequence[str], default: str
) -> str:
    """What the URL asks for, else what the cookie keeps, else what the browser prefers, else the default."""
    for wish in (asked, kept):
        if wish is not None and wish in offered:
            return wish
    return _from_browser(accept, offered) or default


def _from_browser(accept: str, offered: Sequence[str]) -> str | None:
    """`Accept-Language`: `en-GB` asks for `en`; of equal weights the first one counts."""
    weights = parse_preferences(accept)
    wanted = sorted((name for name in weights if weights[name] > 0), key=lambda name: -weights[name])
    bases = (name.partition("-")[0] for name in wanted)
    return next((base for base in bases if base in offered), None)
