"""What is said about a signature, by what its check came to."""

from collections.abc import Mapping
from gettext import GNUTranslations

from relay.domain.signature_check import SignatureCheck, missing_headers
from relay.web.catalogue import phrase

_SENTENCES: Mapping[SignatureCheck, str] = {
    SignatureCheck.RIGHT: phrase("The signature is right: this relay sent it, unchanged."),
    SignatureCheck.TOO_OLD: phrase(
        "The signature is right, but the timestamp is more than five minutes away from now. Receivers refuse "
        "that, so that nobody can send an old message again; check the clock of your server."
    ),
    SignatureCheck.NO_HEADER: phrase(
        "Missing among the headers: %(missing)s. A proxy may have taken it out, or the request is not from "
        "this relay."
    ),
    SignatureCheck.BAD_KEY: phrase(
        "This is no secret: it begins with whsec_ and goes on with base64. Copy all of it."
    ),
    SignatureCheck.BAD_TIMESTAMP: phrase("The header webhook-timestamp is no number of seconds since 1970."),
    SignatureCheck.NO_SIGNATURE: phrase(
        "The header webhook-signature has none for this kind of key: v1 goes with a secret (whsec_), "
        "v1a with the public key (whpk_)."
    ),
    SignatureCheck.DIFFERENT: phrase(
        "The signature is another one. Either the secret belongs to another webhook, or the body is not byte "
        "for byte what was sent: check it before JSON is read and written again, and do not trim it."
    ),
}


def check_sentence(words: GNUTranslations, check: SignatureCheck, headers: Mapping[str, str]) -> str:
    """What a check of a request with these headers came to, in the reader's language."""
    return words.gettext(_SENTENCES[check]) % {"missing": ", ".join(missing_headers(headers))}
