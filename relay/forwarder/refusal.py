"""The error that stops a connect before its first packet."""

import errno

from aiohttp import ClientConnectorError

from relay.domain.target import Reason, reason_sentence


class ConnectRefused(OSError):
    """The relay may not connect there; `reason` says why.

    An `OSError`, because aiohttp and its happy eyeballs expect those and wrap them. Its text is the same for
    all addresses: happy eyeballs only then keeps one exception for several refusals, and an inner address
    is nothing for an owner's log.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(errno.EACCES, reason_sentence(reason))
        self.reason = reason


def refusal_of(error: BaseException) -> Reason | None:
    """The reason, if a refused connect is what stands behind an error of aiohttp."""
    cause = error.os_error if isinstance(error, ClientConnectorError) else error
    return cause.reason if isinstance(cause, ConnectRefused) else None
