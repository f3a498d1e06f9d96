"""Showing somebody's text inside a sentence."""

_LONGEST = 200


def quote(text: str) -> str:
    """The text between backticks, on one line, printable on any terminal and not endless.

    Never call it with the value of a secret.
    """
    shown = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return f"`{plain(shown)}`"


def plain(text: str) -> str:
    """The text with all that is not printable (line ends, lone surrogates, control characters) escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
