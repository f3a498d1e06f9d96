"""What is said at the fields of settings that are refused."""

from collections.abc import Mapping

from relay.device_pages.owned import Owned
from relay.errors import ChangeRefused, GrammarError, SettingRefused
from relay.web.catalogue import phrase
from relay.web.sentences import fault_sentence

REFUSED: Mapping[str, str] = {
    "name": phrase("A name has at most 100 characters that can be seen."),
    "time_zone": phrase("There is no such time zone; write one such as Europe/Prague."),
    "display": phrase("To show payloads by a grammar, write one."),
    "latitude_field": phrase("The grammar has no field with this name for the latitude."),
    "longitude_field": phrase("The grammar has no field with this name for the longitude."),
    "fixed_latitude": phrase("Write the latitude as a number from -90 to 90, such as 50.0755."),
    "fixed_longitude": phrase("Write the longitude as a number from -180 to 180, such as 14.4378."),
    "fixed_label": phrase(
        "A name of at most 100 characters that can be seen goes with a latitude and a longitude."
    ),
    "position": phrase("Write both the latitude and the longitude, or neither."),
    "alert_email": phrase("Enter an address like name@example.com"),
    "keep_alive_seconds": phrase(
        "Write after which time the device is silent: from 30m to 366d, such as 2h, or off, or learned."
    ),
    "low_battery": phrase(
        "Write volts up to 100V, such as 2.5V, or a share in percent below 100, such as 80%."
    ),
    "sequence_modulo": phrase(
        "Write after which message number they begin again: from 2 to 16777216, such as 4096."
    ),
    "alert_window_seconds": phrase("Write how often a mail may come: from 15m to 7d, such as 1h."),
}
_FIELDS: Mapping[str, str] = {"position": "fixed_latitude"}
"""Where a sentence stands that is about several settings."""


def refusals_of(owned: Owned, refused: ChangeRefused) -> dict[str, str]:
    """A sentence at each field that is wrong."""
    return {_FIELDS.get(each.setting, each.setting): refusal_of(owned, each) for each in refused.refusals}


def refusal_of(owned: Owned, refused: SettingRefused) -> str:
    """What is wrong with it; a fault in a grammar with its column."""
    if isinstance(refused.fault, GrammarError):
        return fault_sentence(owned.show.words, refused.fault)
    setting = refused.setting
    return owned.say(REFUSED[setting]) if setting in REFUSED else owned.translate(refused.why)
