"""What owners do on the pages: written down, and told again in a sentence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from gettext import GNUTranslations

from aiohttp import web

from relay.domain.activity import Action, Actor, Deed, Doer
from relay.domain.delivery import Cause
from relay.store.activity import Entry, write_activity
from relay.web.catalogue import phrase
from relay.web.causes import cause_name
from relay.web.client import client_address
from relay.web.keys import CONFIG, NOW, STORE

_FACTS = ("host", "before", "names", "email", "data", "count", "result")
_ACTORS: Mapping[Actor, str] = {
    Actor.OWNER: phrase("Owner"),
    Actor.OPERATOR: phrase("Operator (command line)"),
    Actor.LINK: phrase("Link in a mail"),
}
_SETTINGS: Mapping[str, str] = {
    "type_id": phrase("device type"),
    "name": phrase("name"),
    "time_zone": phrase("time zone"),
    "language": phrase("language"),
    "display": phrase("how payloads are shown"),
    "grammar": phrase("grammar"),
    "latitude_field": phrase("field of the latitude"),
    "longitude_field": phrase("field of the longitude"),
    "downlink_chain": phrase("where downlinks come from"),
    "downlink_template": phrase("template of downlinks"),
    "keep_alive_seconds": phrase("when it is silent"),
    "low_battery": phrase("when the battery is low"),
    "sequence_modulo": phrase("where message numbers begin again"),
    "alerts": phrase("which alerts are mailed"),
    "alert_email": phrase("address for alerts"),
    "alert_window_seconds": phrase("how often alerts are mailed"),
    "fixed_latitude": phrase("latitude"),
    "fixed_longitude": phrase("longitude"),
    "fixed_label": phrase("name of the fixed place"),
}
_SAME_HOST = phrase("Changed the address of the webhook at %(host)s.")
_SENTENCES: Mapping[Action, str] = {
    Action.SIGNED_IN: phrase("Signed in."),
    Action.SIGNED_OUT_EVERYWHERE: phrase("Signed out everywhere."),
    Action.URL_CHANGED: phrase("Pointed the webhook to %(host)s; before, it was %(before)s."),
    Action.WEBHOOK_SET: phrase("Changed how the webhook %(host)s gets its messages."),
    Action.WEBHOOK_ADDED: phrase("Added the webhook %(host)s."),
    Action.WEBHOOK_REMOVED: phrase("Removed the webhook %(host)s."),
    Action.REGISTERED: phrase("Registered the device with the webhook %(host)s."),
    Action.CHANGE_UNDONE: phrase("Undid a change; messages go to %(host)s again."),
    Action.PROVISIONED: phrase("Changed the token, the e-mail of the order, the type or the webhook."),
    Action.PAUSED: phrase("Paused the deliveries to %(host)s."),
    Action.RESUMED: phrase("Resumed the deliveries to %(host)s."),
    Action.TESTED: phrase("Sent the test message %(data)s to %(host)s; result: %(result)s."),
    Action.SECRET_REVEALED: phrase("Looked at the signing secret of %(host)s."),
    Action.SECRET_ROTATED: phrase("Made a new signing secret for %(host)s."),
    Action.SETTINGS_CHANGED: phrase("Changed settings: %(names)s."),
    Action.EMAIL_ASKED: phrase("Wanted mails to go to %(email)s; that address got a link to confirm it."),
    Action.EMAIL_KEPT: phrase("Took back the wish for another e-mail address."),
    Action.EMAIL_CHANGED: phrase("Changed the e-mail address to %(email)s."),
    Action.MAIL_TRIED: phrase("Had a test mail sent to where alerts go."),
    Action.DOWNLINK_QUEUED: phrase("Queued the downlink %(data)s."),
    Action.DOWNLINK_CANCELLED: phrase("Took the downlink %(data)s out of the queue."),
    Action.QUEUE_EMPTIED: phrase("Emptied the queue of downlinks: %(count)s."),
    Action.REPLAYED: phrase("Sent the message %(data)s to %(host)s again."),
    Action.REPLAY_STARTED: phrase("Ordered messages to be sent again: %(count)s."),
    Action.REPLAY_CANCELLED: phrase("Stopped sending messages again."),
    Action.HURRIED: phrase("Had what waits for %(host)s tried at once."),
    Action.DOWNLOADED: phrase("Downloaded everything that is kept of the device."),
}


def deed_of(
    request: web.Request, device: int, action: Action, actor: Actor = Actor.OWNER, **facts: object
) -> Deed:
    """What whoever asks is doing to a device; the facts are those of its sentence."""
    return Deed(
        device=device,
        doer=Doer(actor=actor, address=address_of(request)),
        action=action,
        at_ms=round(request.app[NOW]() * 1000),
        facts={name: str(value) for name, value in facts.items()},
    )


async def note(request: web.Request, device: int, action: Action, **facts: object) -> None:
    """Write down what is no transaction itself, such as that somebody looked at a secret."""
    await request.app[STORE].driver.transact(
        write_activity(deed_of(request, device, action, Actor.OWNER, **facts))
    )


def address_of(request: web.Request) -> str:
    """Where whoever asks is in the internet; empty when that cannot be told."""
    address = client_address(request, request.app[CONFIG].trusted_proxies)
    return "" if address is None else str(address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An entry of the log as it is shown."""

    at_ms: int
    sentence: str
    who: str
    address: str


def told(words: GNUTranslations, entries: Iterable[Entry]) -> Sequence[Told]:
    """Entries in the language of `words`."""
    return [
        Told(
            at_ms=entry.at_ms,
            sentence=activity_sentence(words, entry),
            who=_actor_name(words, entry),
            address=entry.address,
        )
        for entry in entries
    ]


def _actor_name(words: GNUTranslations, entry: Entry) -> str:
    """Who did it; the bare word for what this version does not know."""
    known = entry.actor in list(Actor)
    return words.gettext(_ACTORS[Actor(entry.actor)]) if known else entry.actor


def activity_sentence(words: GNUTranslations, entry: Entry) -> str:
    """Say in the language of `words` what was done; the bare word for what this version does not know."""
    if entry.action not in list(Action):
        return entry.action
    facts = dict(entry.facts)
    if "names" in facts:
        facts["names"] = ", ".join(_setting_name(words, name) for name in facts["names"].split(", "))
    if facts.get("result") in list(Cause):
        facts["result"] = cause_name(words, Cause(facts["result"]))
    is_same_host = "host" in facts and facts["host"] == facts.get("before")
    sentence = words.gettext(_SAME_HOST if is_same_host else _SENTENCES[Action(entry.action)])
    return sentence % {**dict.fromkeys(_FACTS, "?"), **facts}


def _setting_name(words: GNUTranslations, name: str) -> str:
    return words.gettext(_SETTINGS[name]) if name in _SETTINGS else name
