"""When a battery is low. Pure.

Which voltage is low depends on the cells, which few owners tell us: two alkaline cells begin at 3.2 V and are
low at 2.5, one of lithium thionyl chloride begins at 3.6 and is low at 2.9, a lithium-ion one at 4.2 and 3.4.
Four fifths of what it once was is right for all of them.
"""

import re
from dataclasses import dataclass

LOW_SHARE = 0.8
GOOD_AGAIN = 0.4
"""A battery that was low is good again so far on the way to full: warmth alone may bring back a little."""
GOOD_AGAIN_VOLTS = 1.05
"""The same where what is full is not asked: so many times the limit."""
MOST_VOLTS = 100
"""No device on a battery has more; one absurd number must not be what all later ones are held against."""

_WRITTEN = re.compile(r"(\d{1,3}(?:\.\d{1,3})?)([V%])")


@dataclass(frozen=True, slots=True, kw_only=True)
class LowBattery:
    """Low is what lies below so many `volts`, or else below this `share` of what it once was."""

    volts: float | None = None
    share: float = LOW_SHARE

    def limit_volts(self, best_volts: float, *, was_low: bool) -> float:
        """Below it the battery is low, or still low."""
        if self.volts is not None:
            return self.volts * (GOOD_AGAIN_VOLTS if was_low else 1)
        return best_volts * (self.share + (1 - self.share) * (GOOD_AGAIN if was_low else 0))


USUAL_LOW = LowBattery()


def parse_low_battery(text: str) -> LowBattery:
    """`2.5V`, or `80%` of the highest voltage ever; "" is the usual.

    Raises:
        ValueError: It is neither, or out of range.
    """
    if not text:
        return USUAL_LOW
    written = _WRITTEN.fullmatch(text)
    number, unit = (float(written[1]), written[2]) if written else (0, "")
    if unit == "V" and 0 < number <= MOST_VOLTS:
        return LowBattery(volts=number)
    if unit == "%" and 1 <= number < 100:
        return LowBattery(share=number / 100)
    raise ValueError(f"{text[:40]!r} is neither volts, such as 2.5V, nor a percentage of full, such as 80%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery:
    """The last voltage, the highest one ever, and whether the last one is low."""

    volts: float | None = None
    best_volts: float | None = None
    is_low: bool = False


UNKNOWN_BATTERY = Battery()


def measured(battery: Battery, volts: float, low: LowBattery = USUAL_LOW) -> Battery:
    """The battery after a measurement; 0 is what devices say that cannot measure, and some tell nonsense."""
    if not 0 < volts <= MOST_VOLTS:
        return battery
    best = max(volts, battery.best_volts or volts)
    limit = low.limit_volts(best, was_low=battery.is_low)
    return Battery(volts=volts, best_volts=best, is_low=volts < limit)
