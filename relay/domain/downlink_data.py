"""The 8 bytes of a downlink as people and their servers write them."""

import re

from relay.errors import DownlinkRefused, sentence

DOWNLINK_CHARACTERS = 16

_HEX = re.compile(r"[0-9A-Fa-f]+")


def parse_downlink_data(text: str) -> str:
    """Read exactly 8 bytes; the answer is in lower case.

    Raises:
        DownlinkRefused: It is anything else; the text says how much was given, or what stands in the way.
    """
    written = text.strip()
    if len(written) != DOWNLINK_CHARACTERS:
        raise DownlinkRefused(
            sentence(
                "A downlink is exactly 8 bytes, %(needed)s characters. You entered %(count)s.",
                needed=DOWNLINK_CHARACTERS,
                count=len(written),
            )
        )
    if not _HEX.fullmatch(written):
        wrong = next(character for character in written if not _HEX.fullmatch(character))
        raise DownlinkRefused(
            sentence(
                "A downlink is written with the digits 0-9 and the letters A-F. You entered %(what)s.",
                what=repr(wrong),
            )
        )
    return written.lower()
