"""The ways of finding a downlink, and the chain in which they are tried."""

import enum

from relay.errors import GrammarError, sentence


class DownlinkMode(enum.StrEnum):
    """Where the 8 bytes come from; the values are the words of a chain."""

    NONE = "none"  # no downlink at all
    DIRECT = "direct"  # from the template
    QUEUE = "queue"  # what somebody put in the device's queue
    ASK = "ask"  # what the owner's server answers


Chain = tuple[DownlinkMode, ...]


def parse_chain(text: str) -> Chain:
    """Read a chain such as `ask,queue,direct`: the first that has something is taken. `none` is empty.

    Raises:
        GrammarError: A word is unknown, stands twice, or `none` stands beside others.
    """
    chain: list[DownlinkMode] = []
    column = 1
    for written in text.split(",") if text.strip() else ():
        chain.append(_mode(written.strip(), column + len(written) - len(written.lstrip()), chain))
        column += len(written) + 1
    return tuple(mode for mode in chain if mode is not DownlinkMode.NONE)


def _mode(word: str, column: int, before: list[DownlinkMode]) -> DownlinkMode:
    try:
        mode = DownlinkMode(word)
    except ValueError:
        unknown = sentence(
            "%(what)s is no way to a downlink; there are %(known)s",
            what=repr(word[:40]),
            known=", ".join(DownlinkMode),
        )
        raise GrammarError(unknown, column) from None
    if mode in before:
        raise GrammarError(sentence("%(mode)s stands here twice", mode=mode), column)
    if before and DownlinkMode.NONE in (mode, before[0]):
        raise GrammarError(sentence("none stands alone"), column)
    return mode
