"""The relay's exceptions, grouped by who must act.

What may go wrong in the ordinary course (an attempt that failed, a form filled in wrongly) is a value;
an exception means that this call cannot go on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """What people are told, as the catalogues know it: English with `%(name)s` for each of its values.

    The command line prints it as it is, pages translate it: `relay.web.sentences`. A value may be one too.
    """

    text: str
    values: Mapping[str, object]

    def __str__(self) -> str:
        return self.text % self.values


def sentence(text: str, /, **values: object) -> Sentence:
    """A sentence for the catalogues; `make catalogues` finds its text by the name of this function."""
    return Sentence(text, values)


class RelayError(Exception):
    """Base of all errors that the relay raises itself; its text is written for people."""


# --- the operator must act


class ConfigError(RelayError):
    """The configuration cannot be used; the text names every fault with its place."""


class StoreRefused(RelayError):
    """The database exists but must not be used as it is: locked by another process, newer, or damaged."""


# --- the sender of a callback must act


class CallbackError(RelayError):
    """A callback cannot be taken as it is; sending it again unchanged will not help."""


class UnsupportedBody(CallbackError):
    """The body of a callback is of a media type or character set that the relay does not read."""


# --- the owner must act


class Refused(RelayError):
    """What an owner wrote cannot be used; `sentence` says why, in their language on pages."""

    def __init__(self, told: Sentence) -> None:
        super().__init__(str(told))
        self.sentence = told


class GrammarError(Refused):
    """A grammar or another template is wrong; `column` (from 1) is where the fault `what` begins."""

    def __init__(self, what: Sentence, column: int) -> None:
        super().__init__(sentence("column %(column)s: %(what)s", column=column, what=what))
        self.what = what
        self.column = column


class SettingRefused(Refused):
    """A setting of a device or a device type is wrong; `why` says what is wrong with the one of this name.

    `fault` is what refused its text, where there is more to tell of that.
    """

    def __init__(self, setting: str, why: Sentence, fault: Refused | None = None) -> None:
        super().__init__(Sentence("%(setting)s: %(why)s", {"setting": setting, "why": why}))
        self.setting = setting
        self.why = why
        self.fault = fault


class ChangeRefused(RelayError):
    """A device or a device type cannot be set so; `refusals` are about a setting each."""

    def __init__(self, refusals: Sequence[SettingRefused]) -> None:
        super().__init__("; ".join(str(refused) for refused in refusals))
        self.refusals = refusals


class TemplateRefused(RelayError):
    """A template of a webhook's URL or body is wrong.

    `fault` is a stable word for the choice of a sentence, `column` (from 1) is where it begins, and `what`
    stands there.
    """

    def __init__(self, fault: str, column: int, what: str) -> None:
        super().__init__(f"column {column}: {fault} {what}".rstrip())
        self.fault = fault
        self.column = column
        self.what = what


class TargetRefused(RelayError):
    """The relay may not connect to this address.

    `reason` is a stable word for the log and for the choice of a sentence on a page.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class SearchRefused(Refused):
    """What was typed is no condition on decoded values."""


class DownlinkRefused(Refused):
    """What was given is no downlink, or the device's queue has no room for it."""


# --- nobody yet: trying again later may help


class StoreUnavailable(RelayError):
    """Nothing can be made durable right now (disk full, database locked or too slow)."""
