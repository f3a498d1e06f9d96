"""What an owner does to an endpoint with a button: pause, resume, try at once, test."""

from dataclasses import dataclass

from aiohttp import web

from relay.device_pages.frame import done
from relay.device_pages.owned import Owned
from relay.domain.activity import Action
from relay.domain.delivery import Outcome, result_word
from relay.domain.endpoint import Endpoint
from relay.domain.sample import USUAL_SAMPLE, Sample
from relay.store.activity import always, noted
from relay.store.endpoints import Backlog, Endpoints, EndpointSummary
from relay.store.hurrying import send_now
from relay.web.activity import deed_of, note
from relay.web.catalogue import phrase
from relay.web.causes import cause_sentence
from relay.web.keys import STORE, TRY_OUT


async def pause(request: web.Request, owned: Owned, fields: dict[str, str]) -> web.Response:
    """Hold everything until the owner resumes."""
    endpoint = await _endpoint(request, owned, fields)
    deed = deed_of(request, owned.device.number, Action.PAUSED, host=endpoint.host)
    await Endpoints(request.app[STORE].driver).pause(endpoint.id, deed)
    return _done(request, owned, phrase("Deliveries are paused. We keep the messages for you."))


async def resume(request: web.Request, owned: Owned, fields: dict[str, str]) -> web.Response:
    """Send again; the owner says what becomes of what was held."""
    endpoint = await _endpoint(request, owned, fields)
    wish = fields.get("backlog", "")
    backlog = Backlog(wish) if wish in set(Backlog) else Backlog.ALL
    deed = deed_of(request, owned.device.number, Action.RESUMED, host=endpoint.host)
    await Endpoints(request.app[STORE].driver).resume(endpoint.id, backlog, owned.now_ms, deed)
    return _done(request, owned, phrase("Deliveries go on."))


async def hurry(request: web.Request, owned: Owned, fields: dict[str, str]) -> web.Response:
    """Try at once what waits for its next try."""
    endpoint = await _endpoint(request, owned, fields)
    deed = deed_of(request, owned.device.number, Action.HURRIED, host=endpoint.host)
    steps = noted(send_now(owned.device.number, endpoint.id, owned.now_ms), deed, always)
    await request.app[STORE].driver.transact(steps)
    return _done(request, owned, phrase("We are trying again now."))


async def send_test(request: web.Request, owned: Owned, fields: dict[str, str]) -> web.Response:
    """Send a test message and say what came of it."""
    summary = await _endpoint(request, owned, fields)
    endpoint = await request.app[STORE].find_endpoint(summary.id)
    if endpoint is None:
        raise web.HTTPNotFound
    trial = await try_sample(request, owned, endpoint, summary.host, USUAL_SAMPLE)
    return done(request, owned.path, trial.sentence, "good" if trial.is_taken else "bad")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How a test ended; `answer` is the beginning of what the server said."""

    is_taken: bool
    sentence: str
    answer: str


async def try_sample(
    request: web.Request, owned: Owned, endpoint: Endpoint, host: str, sample: Sample
) -> Trial:
    """Send a sample once. It is no message of the device: only that it was sent is written down."""
    outcome = await request.app[TRY_OUT](endpoint, sample)
    facts = {"host": host, "data": sample.data or "–", "result": result_word(outcome)}
    await note(request, owned.device.number, Action.TESTED, **facts)
    sentence = _trial_sentence(owned, outcome, host)
    return Trial(is_taken=outcome.cause is None, sentence=sentence, answer=outcome.answer)


def _trial_sentence(owned: Owned, outcome: Outcome, host: str) -> str:
    if outcome.cause is None:
        sentence = phrase("Your server answered %(status)s in %(ms)s ms. All is well.")
        return owned.say(sentence, status=outcome.status, ms=owned.show.number(outcome.duration_ms))
    cause = cause_sentence(owned.show.words, outcome.cause, host=host, status=outcome.status)
    return f"{owned.say(phrase('The test message did not arrive.'))} {cause}"


async def _endpoint(request: web.Request, owned: Owned, fields: dict[str, str]) -> EndpointSummary:
    """The endpoint that the form names, if it is one of this device."""
    endpoints = await Endpoints(request.app[STORE].driver).of_device(owned.device.number)
    for endpoint in endpoints:
        if str(endpoint.id) == fields.get("endpoint"):
            return endpoint
    raise web.HTTPNotFound


def _done(request: web.Request, owned: Owned, sentence: str) -> web.Response:
    return done(request, owned.path, owned.say(sentence))
