"""What a secret must be like to be worth having."""

import re

SHORTEST_SECRET = 32
HOW_TO_MAKE_ONE = "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"

_PLACEHOLDER = re.compile(
    r"change.?me|change.?this|replace.?me|replace.?this|place.?holder|your.?secret", re.I
)
_FEWEST_DIFFERENT = 6
_LONGEST_REPEATED = 8


def check_secret(text: str) -> str:
    """Let a secret pass that nobody guesses.

    Raises:
        ValueError: It is short or a placeholder. The text itself is not in the message.
    """
    fault = _fault(text)
    if fault:
        raise ValueError(f"{fault}; make one with {HOW_TO_MAKE_ONE}")
    return text


def check_key(text: str) -> str:
    """Let one of a list of secrets pass.

    In the environment a comma separates them: were it allowed inside, moving one there would change it.

    Raises:
        ValueError: As `check_secret`, or a character would not survive in a file or a variable.
    """
    if "," in text or not text.isprintable() or text != text.strip():
        raise ValueError("must not hold commas, line ends or outer spaces")
    return check_secret(text)


def check_header_secret(text: str) -> str:
    """Let a secret pass that travels in a header; in the path of a URL some characters are written as `%2F`.

    Raises:
        ValueError: As `check_key`, or a character is not ASCII: programs write those in headers differently.
    """
    if not text.isascii():
        raise ValueError("must be ASCII, since it travels in an HTTP header")
    return check_key(text)


def _fault(text: str) -> str:
    if len(text) < SHORTEST_SECRET:
        return f"has {len(text)} characters and needs at least {SHORTEST_SECRET}"
    if _PLACEHOLDER.search(text):
        return "is a placeholder, not a secret"
    return ""


def is_easy_to_guess(text: str) -> bool:
    """Whether a secret is long only by repeating itself."""
    return len(set(text)) < _FEWEST_DIFFERENT or any(
        text[size:] == text[:-size] for size in range(1, _LONGEST_REPEATED + 1)
    )
