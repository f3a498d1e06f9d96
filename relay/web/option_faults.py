"""What is wrong with an endpoint's settings, in a sentence each; pages and the command line say the same."""

from collections.abc import Mapping
from gettext import GNUTranslations

from relay.domain.checked_options import Fault, Part, SettingFault
from relay.domain.delivery import Note
from relay.domain.template import TemplateFault
from relay.web.catalogue import phrase

_PARTS: Mapping[Part, str] = {
    Part.NAME: phrase("Name"),
    Part.KINDS: phrase("Kinds"),
    Part.URL: phrase("Webhook URL"),
    Part.METHOD: phrase("Method"),
    Part.CONTENT_TYPE: phrase("Content type"),
    Part.BODY_TEMPLATE: phrase("Body template"),
    Part.HEADERS: phrase("Headers"),
}

_SENTENCES: Mapping[SettingFault | TemplateFault, str] = {
    SettingFault.NAME_TOO_LONG: phrase("A name has at most %(what)s characters."),
    SettingFault.NAME_CHARACTERS: phrase("A name has only characters that can be seen."),
    SettingFault.NO_KIND: phrase("Choose at least one kind."),
    SettingFault.UNKNOWN_KIND: phrase("There is no kind %(what)s."),
    SettingFault.TEMPLATE_ONLY: phrase("This can be chosen for the format “template” only."),
    SettingFault.GET_HAS_NO_BODY: phrase("A GET has no body: choose POST or PUT, or empty the template."),
    SettingFault.TOO_MANY_HEADERS: phrase("At most %(what)s."),
    SettingFault.HEADER_NAME: phrase("%(what)s is no name of a header: use letters, digits and hyphens."),
    SettingFault.HEADER_RESERVED: phrase("The relay itself decides about %(what)s."),
    SettingFault.HEADER_TWICE: phrase("%(what)s is there twice."),
    SettingFault.HEADER_VALUE: phrase("The value of %(what)s may hold letters and signs of ASCII only."),
    SettingFault.HEADER_WITHOUT_VALUE: phrase("Enter the value of %(what)s."),
    TemplateFault.TOO_LONG: phrase("A template has at most %(what)s characters."),
    TemplateFault.CHARACTERS: phrase("A character that cannot be sent."),
    TemplateFault.UNKNOWN_VARIABLE: phrase("There is no variable %(what)s."),
    TemplateFault.BRACE: phrase("The brace %(what)s belongs to no variable."),
    TemplateFault.HOST: phrase("%(what)s stands before the path: write scheme and host themselves."),
    TemplateFault.NOT_JSON: phrase("With values in it this would not be JSON."),
}

_NOTES: Mapping[Note, str] = {
    Note.DECODER_FAILED: phrase(
        "Sent in the classic format: the payload could not be decoded, the grammar is wrong."
    ),
    Note.TEMPLATE_FAILED: phrase("Sent in the classic format: the template could not be filled in."),
    Note.URL_REFUSED: phrase(
        "Sent in the classic format: the URL with its values filled in cannot be called."
    ),
}


def fault_sentence(words: GNUTranslations, fault: Fault) -> str:
    """Say in the language of `words` what is wrong and in which column."""
    sentence = words.gettext(_SENTENCES[fault.fault]) % {"what": fault.what}
    if fault.column is None:
        return sentence
    return words.gettext("Column %(column)s: %(sentence)s") % {"column": fault.column, "sentence": sentence}


def part_name(words: GNUTranslations, part: Part) -> str:
    """The setting as pages name it."""
    return words.gettext(_PARTS[part])


def note_sentence(words: GNUTranslations, note: str) -> str:
    """What an attempt's note says; empty for none, or for one that this version does not know."""
    return words.gettext(_NOTES[Note(note)]) if note in list(Note) else ""
