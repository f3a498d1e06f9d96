"""When a battery is low. Pure.

Which voltage is low depends on the cells, which nobody tells us: two alkaline cells begin at 3.2 V and are
low at 2.5, one of lithium thionyl chloride begins at 3.6 and is low at 2.9, a lithium-ion one at 4.2 and 3.4.
Four fifths of what it once was is right for all of them.
"""

from dataclasses import dataclass

LOW_SHARE = 0.8
GOOD_SHARE = 0.88
"""A battery that was low is good again from here on: warmth alone may bring back a little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery:
    """The last voltage, the highest one ever, and whether the last one is low."""

    volts: float | None = None
    best_volts: float | None = None
    is_low: bool = False


UNKNOWN_BATTERY = Battery()


def measured(battery: Battery, volts: float) -> Battery:
    """The battery after a measurement; 0 is what devices say that cannot measure."""
    if volts <= 0:
        return battery
    best = max(volts, battery.best_volts or volts)
    share = GOOD_SHARE if battery.is_low else LOW_SHARE
    return Battery(volts=volts, best_volts=best, is_low=volts < share * best)
