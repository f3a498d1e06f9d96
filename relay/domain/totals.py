"""What statistics add up. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from operator import attrgetter

from relay.domain.device_state import number_of
from relay.domain.uplink import Kind, Uplink

HOUR_SECONDS = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums over callbacks: dB, dBm, degrees Celsius and volts, each with how many told it."""

    messages: int = 0
    bytes: int = 0
    missed: int = 0
    snr_sum: float = 0.0
    snr_count: int = 0
    rssi_sum: float = 0.0
    rssi_count: int = 0
    temperature_sum: float = 0.0
    temperature_count: int = 0
    voltage_sum: float = 0.0
    voltage_count: int = 0

    @property
    def mean_snr(self) -> float | None:
        """dB; None when nobody told."""
        return _mean(self.snr_sum, self.snr_count)

    @property
    def mean_rssi(self) -> float | None:
        """dBm; None when nobody told."""
        return _mean(self.rssi_sum, self.rssi_count)

    @property
    def mean_temperature(self) -> float | None:
        """Degrees Celsius; None when nobody told."""
        return _mean(self.temperature_sum, self.temperature_count)

    @property
    def mean_voltage(self) -> float | None:
        """Volts; None when nobody told."""
        return _mean(self.voltage_sum, self.voltage_count)


NAMES = tuple(each.name for each in fields(Totals))
_VALUES = attrgetter(*NAMES)


def totals_of(uplink: Uplink) -> Totals:
    """What one callback adds: messages and bytes are those of data, the rest is of whatever tells it.

    What DATA_ADVANCED tells is in its message already.
    """
    if uplink.kind is Kind.DATA_ADVANCED:
        return Totals()
    celsius, volts = number_of(uplink.more, "temp"), number_of(uplink.more, "batt")
    is_message = uplink.kind is Kind.DATA
    return Totals(
        messages=int(is_message),
        bytes=len(uplink.data) // 2 if is_message else 0,
        snr_sum=uplink.snr or 0.0,
        snr_count=int(uplink.snr is not None),
        rssi_sum=uplink.rssi or 0.0,
        rssi_count=int(uplink.rssi is not None),
        temperature_sum=celsius or 0.0,
        temperature_count=int(celsius is not None),
        voltage_sum=volts or 0.0,
        voltage_count=int(volts is not None),
    )


def sum_of(parts: Sequence[Totals]) -> Totals:
    """All together."""
    if len(parts) == 1:
        return parts[0]
    columns = zip(*map(_VALUES, parts), strict=True)
    return Totals(**dict(zip(NAMES, map(sum, columns), strict=False)))


def values_of(totals: Totals) -> dict[str, float]:
    """By their names; `dataclasses.asdict` takes ten times as long."""
    return dict(zip(NAMES, _VALUES(totals), strict=True))


def hour_of(time: int) -> int:
    """When the hour of a moment began, both in Unix seconds."""
    return time - time % HOUR_SECONDS


def _mean(total: float, count: int) -> float | None:
    return total / count if count else None
