"""What owners do on the pages: written down, and told again in a sentence."""

from collections.abc import Mapping
from gettext import GNUTranslations

from aiohttp import web

from relay.domain.activity import Action, Actor
from relay.store.activity import Entry, write_activity
from relay.web.catalogue import phrase
from relay.web.client import client_address
from relay.web.keys import CONFIG, NOW, STORE

_SENTENCES: Mapping[Action, str] = {
    Action.SIGNED_IN: phrase("Signed in."),
    Action.SIGNED_OUT_EVERYWHERE: phrase("Signed out everywhere."),
    Action.URL_CHANGED: phrase("Pointed the webhook to %(host)s; before, it was %(before)s."),
    Action.WEBHOOK_SET: phrase("Changed how the webhook %(host)s gets its messages."),
    Action.WEBHOOK_ADDED: phrase("Added the webhook %(host)s."),
    Action.WEBHOOK_REMOVED: phrase("Removed the webhook %(host)s."),
    Action.PAUSED: phrase("Paused the deliveries to %(host)s."),
    Action.RESUMED: phrase("Resumed the deliveries to %(host)s."),
    Action.TESTED: phrase("Sent a test message to %(host)s."),
    Action.SECRET_REVEALED: phrase("Looked at the signing secret of %(host)s."),
    Action.SECRET_ROTATED: phrase("Made a new signing secret for %(host)s."),
    Action.SETTINGS_CHANGED: phrase("Changed settings: %(names)s."),
    Action.EMAIL_ASKED: phrase("Wanted mails to go to %(email)s; that address got a link to confirm it."),
    Action.EMAIL_KEPT: phrase("Took back the wish for another e-mail address."),
    Action.EMAIL_CHANGED: phrase("Changed the e-mail address to %(email)s."),
    Action.DOWNLINK_QUEUED: phrase("Queued the downlink %(data)s."),
    Action.DOWNLINK_CANCELLED: phrase("Took the downlink %(data)s out of the queue."),
    Action.QUEUE_EMPTIED: phrase("Emptied the queue of downlinks: %(count)s."),
    Action.DOWNLOADED: phrase("Downloaded everything that is kept of the device."),
}


async def note(request: web.Request, device: int, action: Action, **facts: object) -> None:
    """Write down what whoever asks has done to a device; the facts are those of its sentence."""
    address = client_address(request, request.app[CONFIG].trusted_proxies)
    told = {name: str(value) for name, value in facts.items()}
    steps = write_activity(
        device,
        Actor.OWNER,
        action,
        told,
        "" if address is None else str(address),
        round(request.app[NOW]() * 1000),
    )
    await request.app[STORE].driver.transact(steps)


def activity_sentence(words: GNUTranslations, entry: Entry) -> str:
    """Say in the language of `words` what was done; the bare word for what this version does not know."""
    if entry.action not in list(Action):
        return entry.action
    sentence = words.gettext(_SENTENCES[Action(entry.action)])
    return sentence % {
        **dict.fromkeys(("host", "before", "names", "email", "data", "count"), "?"),
        **entry.facts,
    }
