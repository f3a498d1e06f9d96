"""Judging whether somebody owns the device they name, and saying what is wrong."""

from collections.abc import Mapping

from aiohttp import web

from relay.forms.ownership import proves_ownership
from relay.forms.registration import Claim, Field, FieldErrors
from relay.forms.sentences import ERROR_SENTENCES, WRONG_PAIR, WRONG_PAIR_WITH_CONTACT, sentence_values
from relay.web.keys import CONFIG, STORE, VAULT
from relay.web.owners import judge_claim, renew_digest
from relay.web.pages import words_of


async def is_owner(request: web.Request, claim: Claim) -> bool:
    """Judge one of the few tries that strangers have.

    Raises:
        web.HTTPTooManyRequests: It is wrong, and there were too many wrong ones before.
    """
    vault = request.app[VAULT]
    registrant = await judge_claim(request, claim.device, lambda found: proves_ownership(claim, found, vault))
    if registrant is not None:
        await renew_digest(request.app[STORE], claim.token, registrant)
    return registrant is not None


def wrong_pair(request: web.Request) -> str:
    """The same words whether the device, the token or the e-mail is wrong."""
    contact = request.app[CONFIG].ui.contact
    sentence = WRONG_PAIR_WITH_CONTACT if contact else WRONG_PAIR
    return words_of(request).gettext(sentence) % {"contact": contact}


def error_sentences(
    request: web.Request, errors: FieldErrors, entered: Mapping[Field, str]
) -> dict[Field, str]:
    """What is said at each field that is wrong."""
    words = words_of(request)
    return {
        field: words.gettext(ERROR_SENTENCES[code]) % sentence_values(field, entered[field])
        for field, code in errors.items()
    }
