"""Taking secrets out of requests that are kept for the operator to look at. Pure."""

import re
from collections.abc import Iterable, Mapping

MASK = "***"

_SHORTEST_SECRET = 6
_MOST_PER_CHARACTER = len(r"\u0041")
"""The longest way to write one character of a secret."""
_SECRET_PARAMETER = re.compile(r"(?i)((?:secret|token|key|pass\w*|auth\w*)=)[^&\s]+")
_KEPT_HEADERS = (
    "Host",
    "User-Agent",
    "Content-Type",
    "Content-Length",
    "Content-Encoding",
    "Transfer-Encoding",
    "X-Forwarded-For",
)


class Masking:
    """Masks the given secrets wherever they stand: plain, percent-encoded, or in JSON's escapes."""

    def __init__(self, secrets: Iterable[str]) -> None:
        worth_hiding = sorted({one for one in secrets if len(one) >= _SHORTEST_SECRET}, key=len, reverse=True)
        self._longest = max(map(len, worth_hiding), default=0) * _MOST_PER_CHARACTER
        self._secret = re.compile("|".join(map(_any_spelling, worth_hiding)) or r"(?!)", re.IGNORECASE)

    def text(self, text: str, longest: int) -> str:
        """The beginning of a text. Where it is cut there may be a part of a secret: that goes too."""
        masked = self._secret.sub(MASK, text[:longest])
        if len(text) > longest:
            masked = masked[: max(0, len(masked) - self._longest)]
        return _storable(masked)

    def request_line(self, method: str, kind: str | None, has_path_secret: bool, query: str) -> str:
        """The first line of a callback; `kind` is None when what stands in its place may be a secret."""
        path = f"/sigfox/{kind or MASK}" + (f"/{MASK}" if has_path_secret else "")
        question = "?" + _SECRET_PARAMETER.sub(rf"\1{MASK}", query) if query else ""
        return self.text(f"{method} {path}{question}", 2048)

    def headers(self, headers: Mapping[str, str]) -> str:
        """The headers that explain a refusal, one a line; of `Authorization` only its scheme."""
        kept = [(name, headers[name]) for name in _KEPT_HEADERS if name in headers]
        if "Authorization" in headers:
            scheme, space, _ = headers["Authorization"].partition(" ")
            known = scheme if space and scheme.lower() in ("bearer", "basic", "digest") else ""
            kept.append(("Authorization", f"{known} {MASK}".strip()))
        return self.text("\n".join(f"{name}: {value}" for name, value in kept), 2048)


def _any_spelling(secret: str) -> str:
    return "".join(map(_any_spelling_of, secret))


def _any_spelling_of(character: str) -> str:
    if not character.isascii():
        return re.escape(character)
    code = ord(character)
    plus = r"|\+" if character == " " else ""  # as forms write it
    return rf"(?:\\?{re.escape(character)}|%{code:02x}|\\u{code:04x}{plus})"


def _storable(text: str) -> str:
    """As every database holds it: PostgreSQL's text has no NUL, and half a surrogate is no text at all."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
