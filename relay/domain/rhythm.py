"""How often a device is usually heard, and from when on its silence is news. Pure."""

from dataclasses import dataclass

KEEP_ALIVE_OFF = 0
KEEP_ALIVE_LEARNED = -1
SHORTEST_KEEP_ALIVE_SECONDS = 1800
"""Sigfox takes 0 or at least so much; what is learned keeps to it as well."""
PAUSES_TO_LEARN = 4
USUAL_PAUSES = 3
"""A device that is not heard for so many of its usual pauses is silent."""
_MEMORY_PAUSES = 8
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """The usual pause, learned from so many `pauses`."""

    pause_seconds: float = 0.0
    pauses: int = 0


UNKNOWN_RHYTHM = Rhythm()


def learn(rhythm: Rhythm, pause_seconds: float) -> Rhythm:
    """The rhythm after one more pause.

    A mean in which a pause weighs as much as it is long: messages in a burst hardly make a device's usual
    pause shorter. Nights are usual at once, longer silences little by little.
    """
    if pause_seconds <= 0:
        return rhythm
    if not rhythm.pauses:
        return Rhythm(pause_seconds=pause_seconds, pauses=1)
    usual = rhythm.pause_seconds
    pause = min(pause_seconds, max(_DAY_SECONDS, USUAL_PAUSES * usual))
    weight = pause / (pause + _MEMORY_PAUSES * usual)
    return Rhythm(pause_seconds=usual + (pause - usual) * weight, pauses=rhythm.pauses + 1)


def silent_after_seconds(keep_alive_seconds: int, rhythm: Rhythm) -> float | None:
    """How long after its last message a device is silent; None when nobody wants to know, or can."""
    if keep_alive_seconds > 0:
        return keep_alive_seconds
    if keep_alive_seconds == KEEP_ALIVE_OFF or rhythm.pauses < PAUSES_TO_LEARN:
        return None
    return max(SHORTEST_KEEP_ALIVE_SECONDS, USUAL_PAUSES * rhythm.pause_seconds)
