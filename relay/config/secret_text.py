"""What a secret must be like to be worth having."""

import re

SHORTEST_SECRET = 32
HOW_TO_MAKE_ONE = "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"

_PLACEHOLDER = re.compile(
    r"change.?me|change.?this|replace.?me|replace.?this|place.?holder|your.?secret", re.I
)
_FEWEST_DIFFERENT = 6
_LONGEST_REPEATED = 8
_NOT_IN_PATH = re.compile(r"[^A-Za-z0-9._~!$&'()*+;=:@-]")


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
    """Let a `secret_key` pass.

    In the environment a comma separates keys: were it allowed inside one, moving a key there would change it.

    Raises:
        ValueError: As `check_secret`, or a character would not survive in a file or a variable.
    """
    if "," in text or not text.isprintable() or text != text.strip():
        raise ValueError("must not hold commas, line ends or outer spaces")
    return check_secret(text)


def check_url_secret(text: str) -> str:
    """Let a secret pass that can stand in a header and, as it is, in the path of a URL.

    Raises:
        ValueError: As `check_secret`, or a character is not fit for that.
    """
    if _NOT_IN_PATH.search(text):
        raise ValueError(
            "holds a character that cannot stand in a URL path: use A-Z a-z 0-9 - . _ ~;"
            f" make one with {HOW_TO_MAKE_ONE}"
        )
    return check_secret(text)


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
