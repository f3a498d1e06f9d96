"""The page that says whether a signature is right, and why not."""

from collections.abc import Mapping

from aiohttp import web

from relay.domain.signature_check import SignatureCheck, check_signature
from relay.request_bin.verdicts import check_sentence
from relay.web.body import read_form
from relay.web.keys import NOW
from relay.web.pages import no_store, render, words_of

_BLANK = {"headers": "", "body": "", "secret": ""}


async def show_check(request: web.Request) -> web.Response:
    """The empty page."""
    return render(request, "bin/signature.html", entered=_BLANK, check=None, sentence="")


async def take_check(request: web.Request) -> web.Response:
    """Judge what was pasted; nothing of it is kept."""
    entered = _BLANK | await read_form(request)
    headers, now = parse_headers(entered["headers"]), request.app[NOW]()
    check = judge_pasted(entered, headers, now)
    page = render(
        request,
        "bin/signature.html",
        entered=entered,
        check=check,
        sentence=check_sentence(words_of(request), check, headers),
    )
    return no_store(page)


def judge_pasted(entered: Mapping[str, str], headers: Mapping[str, str], now: float) -> SignatureCheck:
    """Browsers send CR LF for each line end of a text field; the body may have had LF, or a last one more."""
    pasted = entered["body"]
    unix = pasted.replace("\r\n", "\n")
    found = [
        check_signature(entered["secret"], headers, body.encode(), now)
        for body in dict.fromkeys((unix, pasted, unix.rstrip("\n"), unix.strip()))
    ]
    good = (SignatureCheck.RIGHT, SignatureCheck.TOO_OLD)
    return next((check for check in found if check in good), found[0])


def parse_headers(text: str) -> dict[str, str]:
    """Headers as they are pasted from a log, a line each; what is no header is passed over."""
    pairs = (line.partition(":") for line in text.splitlines())
    return {name.strip(" \t\"'").lower(): value.strip(" \t,\"'") for name, colon, value in pairs if colon}
