"""How the network heard a message: what a DATA_ADVANCED callback tells of it, some 25 s after the message.

Source: support.sigfox.com/docs/data-advanced. As JSON it has Sigfox's names; what is not known is not there:

    {"lqi": "GOOD", "linkQuality": 2, "operatorName": "SIGFOX_France", "countryCode": 250,
     "fixedLat": 43.5, "fixedLng": 1.4, "duplicates": [{"bsId": "27B9", "rssi": -138.0, "nbRep": 2}],
     "computedLocation": {"lat": 44.2, "lng": 12.4, "radius": 11000, "source": 2, "status": 1}}
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

_NAMES = frozenset(
    {
        "lqi",
        "linkQuality",
        "operatorName",
        "countryCode",
        "fixedLat",
        "fixedLng",
        "duplicates",
        "computedLocation",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """One base station that heard the message: its id, dBm, dB, and how many of the repetitions it heard."""

    bs_id: str | None = None
    rssi: float | None = None
    snr: float | None = None
    nb_rep: int | None = None

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """From facts by Sigfox's names."""
        return cls(
            bs_id=facts.get("bsId"), rssi=facts.get("rssi"), snr=facts.get("snr"), nb_rep=facts.get("nbRep")
        )

    def facts(self) -> dict[str, object]:
        """What is known, by Sigfox's names."""
        return _known(bsId=self.bs_id, rssi=self.rssi, snr=self.snr, nbRep=self.nb_rep)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputedLocation:
    """Where the device was, in degrees, within a radius in metres.

    `source`: 0 stations and their RSSI, 1 GPS in the payload, 2 network, 3 point of interest, 4 HD, 5 private
    database, 6 WiFi, 7 proximity.
    """

    lat: float
    lng: float
    radius: float | None = None
    source: int | None = None
    status: int | None = None
    place_ids: tuple[str, ...] = ()

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """From facts by Sigfox's names."""
        return cls(
            lat=facts["lat"],
            lng=facts["lng"],
            radius=facts.get("radius"),
            source=facts.get("source"),
            status=facts.get("status"),
            place_ids=tuple(facts.get("placeIds") or ()),
        )

    def facts(self) -> dict[str, object]:
        """What is known, by Sigfox's names."""
        return _known(
            lat=self.lat,
            lng=self.lng,
            radius=self.radius,
            source=self.source,
            status=self.status,
            placeIds=list(self.place_ids) or None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Radio:
    """What is known of how a message was heard; `lqi` is LIMIT, AVERAGE, GOOD, EXCELLENT or NA.

    `link_quality` says the same as 0 to 4. The fixed place was typed in at Sigfox, in degrees.
    """

    lqi: str | None = None
    link_quality: int | None = None
    operator_name: str | None = None
    country_code: int | None = None
    fixed_lat: float | None = None
    fixed_lng: float | None = None
    duplicates: tuple[Reception, ...] = ()
    computed_location: ComputedLocation | None = None

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """From facts by Sigfox's names, among which others may stand.

        Sigfox says that there is no fixed place by zeros.
        """
        has_place = bool(facts.get("fixedLat") or facts.get("fixedLng"))
        location = facts.get("computedLocation")
        return cls(
            lqi=facts.get("lqi"),
            link_quality=facts.get("linkQuality"),
            operator_name=facts.get("operatorName"),
            country_code=facts.get("countryCode"),
            fixed_lat=facts.get("fixedLat") if has_place else None,
            fixed_lng=facts.get("fixedLng") if has_place else None,
            duplicates=tuple(map(Reception.of, facts.get("duplicates") or ())),
            computed_location=ComputedLocation.of(location) if location else None,
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """From what `to_json` wrote; of nothing comes one that knows nothing."""
        return cls.of(json.loads(text)) if text else cls()

    def facts(self) -> dict[str, object]:
        """What is known, by Sigfox's names, ready for JSON."""
        return _known(
            lqi=self.lqi,
            linkQuality=self.link_quality,
            operatorName=self.operator_name,
            countryCode=self.country_code,
            fixedLat=self.fixed_lat,
            fixedLng=self.fixed_lng,
            duplicates=[one.facts() for one in self.duplicates] or None,
            computedLocation=self.computed_location.facts() if self.computed_location else None,
        )

    def to_json(self) -> str:
        """As it is kept."""
        return json.dumps(self.facts(), separators=(",", ":"), ensure_ascii=False)

    def filled_from(self, other: Self) -> Self:
        """With what only the other one knows: several callbacks of one message may each tell a part."""
        mine = {each.name: getattr(self, each.name) for each in fields(self)}
        known = {name: value for name, value in mine.items() if value not in (None, ())}
        return type(self)(**{each.name: getattr(other, each.name) for each in fields(other)} | known)

    @property
    def best_rssi(self) -> float | None:
        """dBm, at the station that heard it best."""
        return _highest(one.rssi for one in self.duplicates)

    @property
    def best_snr(self) -> float | None:
        """dB, at the station that heard it best; newer callbacks have none."""
        return _highest(one.snr for one in self.duplicates)


def without_radio(facts: Mapping[str, object]) -> dict[str, object]:
    """The facts of a DATA_ADVANCED callback that are not about how the network heard the message."""
    return {name: value for name, value in facts.items() if name not in _NAMES}


def _known(**given: object) -> dict[str, object]:
    return {name: value for name, value in given.items() if value is not None}


def _highest(levels: Iterable[float | None]) -> float | None:
    heard: Sequence[float] = [level for level in levels if level is not None]
    return max(heard, default=None)
