"""Sentences of errors in the reader's language."""

from gettext import GNUTranslations

from relay.errors import GrammarError, Sentence


def translated(words: GNUTranslations, sentence: Sentence) -> str:
    """The sentence, and those within it, in the language of `words`."""
    values = {
        name: translated(words, value) if isinstance(value, Sentence) else value
        for name, value in sentence.values.items()
    }
    return words.gettext(sentence.text) % values


def fault_sentence(words: GNUTranslations, fault: GrammarError) -> str:
    """What is wrong with a grammar or a template, and in which column."""
    facts = {"column": fault.column, "sentence": translated(words, fault.what)}
    return words.gettext("Column %(column)s: %(sentence)s") % facts
