"""Why a payload could not be read whole, in a sentence."""

from collections.abc import Mapping
from gettext import GNUTranslations

from relay.decoder import Fault
from relay.web.catalogue import phrase

_SENTENCES: Mapping[Fault, str] = {
    Fault.NOT_HEX: phrase("The payload is not hexadecimal."),
    Fault.WRONG_GRAMMAR: phrase("The grammar of this device is wrong."),
    Fault.TOO_SHORT: phrase("The payload is shorter than its grammar."),
    Fault.NO_PLACE: phrase("There is no place in this payload."),
    Fault.NOT_ON_EARTH: phrase("The place in this payload is nowhere on Earth."),
}


def fault_sentence(words: GNUTranslations, fault: Fault) -> str:
    """Say in the language of `words` what is missing; empty when nothing is."""
    return "" if fault is Fault.NONE else words.gettext(_SENTENCES[fault])
